import { usageError } from '../errors.ts';
import type { BaseTimeframe } from '../market/bar.ts';
import { sessionsBetween } from '../market/calendar.ts';
import { type DateRange, type IsoDate, hull } from '../market/date.ts';
import type { Windows } from '../market/imported-bars.ts';
import { type Timeframe, baseOf, lookbackWindow, snapToTimeframe } from '../market/timeframe.ts';

/** How far back an import looks: days per timeframe, or one explicit range of New York dates. */
export type Span = { readonly lookbackDays: Readonly<Record<Timeframe, number>> } | DateRange;

/** A span of one base timeframe: of what is wanted, or of one range request. */
export interface Series {
  readonly timeframe: BaseTimeframe;
  readonly range: DateRange;
  /** The sessions of the range, in order; never empty. */
  readonly sessions: readonly IsoDate[];
}

/** What a run is to have, whatever of it is there already. */
export interface AskedBars {
  readonly symbols: readonly string[];
  readonly timeframes: readonly Timeframe[];
  /** What was asked, per timeframe. */
  readonly windows: Windows;
  /** What every symbol should have, per base timeframe. */
  readonly spans: readonly Series[];
}

/**
 * What is to be had: the window of each timeframe and the base bars that fill them. Weeks and months are filled by
 * days. `lastSession` is the newest session that has closed; nothing later is asked.
 * @throws AppError CONFIG_INVALID when a range is backwards or holds no session.
 */
export function askBars(
  symbols: readonly string[],
  timeframes: readonly Timeframe[],
  span: Span,
  lastSession: IsoDate,
): AskedBars {
  const windows: Partial<Record<Timeframe, DateRange>> = {};
  for (const timeframe of timeframes) windows[timeframe] = windowOf(timeframe, span, lastSession);
  return askWindows(symbols, timeframes, windows);
}

/** The same for windows that are known already, as when a run is tried again. */
export function askWindows(
  symbols: readonly string[],
  timeframes: readonly Timeframe[],
  windows: Windows,
): AskedBars {
  const spans = (['hourly', 'daily'] as const).flatMap((base): Series[] => {
    const asked = timeframes
      .filter((timeframe) => baseOf(timeframe) === base)
      .flatMap((timeframe) => windows[timeframe] ?? []);
    if (asked.length === 0) return [];
    const range = hull(asked);
    const sessions = sessionsBetween(range.from, range.to);
    if (sessions.length === 0)
      throw usageError(`Nothing to import: there is no trading session from ${range.from} to ${range.to}.`);
    return [{ timeframe: base, range, sessions }];
  });
  return { symbols, timeframes, windows, spans };
}

function windowOf(timeframe: Timeframe, span: Span, lastSession: IsoDate): DateRange {
  if ('lookbackDays' in span) return lookbackWindow(timeframe, span.lookbackDays[timeframe], lastSession);
  if (span.from > span.to)
    throw usageError(`Cannot import from ${span.from} to ${span.to}: the range ends before it begins.`);
  if (span.from > lastSession) {
    throw usageError(
      `Cannot import from ${span.from}: the newest session that has closed is ${lastSession}.`,
    );
  }
  return snapToTimeframe(timeframe, { from: span.from, to: span.to < lastSession ? span.to : lastSession });
}
