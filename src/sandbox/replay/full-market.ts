import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BarColumns } from '../bar-columns.ts';
import { sessionDates } from '../sessions.ts';
import { appendMonthBar, readMonthFile, tradedIn } from './month-file.ts';

/** The day bars of a whole market, in memory by session and symbol: 40 bytes a bar. */
export interface FullMarket {
  /** Those with a bar, in code unit order. */
  readonly symbols: readonly string[];
  /** The days of a symbol; null when it has none. */
  find(symbol: string): MarketDays | null;
}

/** One symbol's. */
export interface MarketDays {
  /** Its first and its last session with a bar. */
  readonly firstSession: number;
  readonly lastSession: number;
  /** Appends the bar of a session, if there is one. */
  append(session: number, bars: BarColumns): void;
}

/**
 * Reads all months of `FOLDER/full_market`, or of the folder itself, at once: about two seconds for three million bars.
 * Null when there are none.
 * @throws AppError CONFIG_INVALID naming file and line.
 */
export function readFullMarket(folder: string): FullMarket | null {
  const months = monthFiles(folder).map(({ path, month }) => readMonthFile(path, month));
  const monthBySession = new Int16Array(sessionDates.length).fill(-1);
  const spans = new Map<string, Span>();
  for (const [at, month] of months.entries()) {
    monthBySession.fill(at, month.firstSession, month.lastSession + 1);
    for (const [number, symbol] of month.symbols.entries()) {
      const traded = tradedIn(month, number);
      if (traded === null) continue;
      const span = spans.get(symbol) ?? { first: traded.first, last: 0, numbers: months.map(() => -1) };
      span.last = traded.last;
      span.numbers[at] = number;
      spans.set(symbol, span);
    }
  }
  if (spans.size === 0) return null;
  const daysOf = ({ first, last, numbers }: Span): MarketDays => ({
    firstSession: first,
    lastSession: last,
    append(session, bars) {
      const at = monthBySession[session] ?? -1;
      const number = at === -1 ? -1 : numbers[at]!;
      if (number !== -1) appendMonthBar(months[at]!, number, session, bars);
    },
  });
  const days = new Map([...spans].map(([symbol, span]) => [symbol, daysOf(span)]));
  const symbols = [...days.keys()].toSorted((a, b) => (a < b ? -1 : 1));
  return { symbols, find: (symbol) => days.get(symbol) ?? null };
}

interface Span {
  readonly first: number;
  last: number;
  /** By month: the symbol's number there, -1 where it has no bar. */
  readonly numbers: number[];
}

/** The files of months, oldest first; those in `full_market` win over those of the folder itself. */
function monthFiles(folder: string): { path: string; month: string }[] {
  for (const place of [join(folder, 'full_market'), folder]) {
    const months = (existsSync(place) ? readdirSync(place) : [])
      .flatMap((name) => /^daily_(\d{4}-(?:0[1-9]|1[0-2]))\.csv\.gz$/.exec(name)?.[1] ?? [])
      .toSorted();
    if (months.length > 0)
      return months.map((month) => ({ path: join(place, `daily_${month}.csv.gz`), month }));
  }
  return [];
}
