import { addDays, fromDayNumber } from '../../market/date.ts';
import { newYorkDate } from '../../market/new-york.ts';
import { hashText } from '../hash.ts';
import { happening } from '../split-factors.ts';
import type { Listing, Market, Series } from '../market.ts';
import { sessionDates, sessionFrom, sessionUpTo } from '../sessions.ts';
import type { FileBars } from './bar-file.ts';
import { type BarKind, barKinds, openBarFolder } from './bar-folder.ts';
import { type CompanyName, readDividends, readNames, readSplits } from './reference-files.ts';
import { createReplaySeries } from './replay-series.ts';
import { readRevisions } from './revisions.ts';

/** Where one symbol's bars begin and end, in sessions. */
interface Span {
  readonly firstSession: number;
  readonly lastSession: number;
  /** The kind of file that ends last. */
  readonly lastKind: BarKind;
}

/** A symbol silent for more sessions than this before its kind of files end was delisted. */
const silentSessions = 10;

/**
 * Real bars from a folder: `bars/daily` wins inside its span over `bars/daily_long`; `splits.csv`,
 * `dividends.csv` and `tickers` are used where present.
 * @throws AppError CONFIG_INVALID for a folder that cannot be used.
 */
export function createReplayMarket(folder: string): Market {
  const barFolder = openBarFolder(folder);
  const splits = readSplits(folder);
  const dividends = readDividends(folder);
  const revisions = readRevisions(folder);
  const series = new Map<string, Series>();
  const symbols = [...new Set(barKinds.flatMap((kind) => barFolder.symbols(kind)))].toSorted((a, b) =>
    a < b ? -1 : 1,
  );
  const known = new Set(symbols);
  const spans = new Map<string, Span>();
  let byListing: Map<string, Listing> | undefined;

  function spanOf(symbol: string): Span {
    const found = spans.get(symbol) ?? findSpan((kind) => barFolder.find(kind, symbol));
    spans.set(symbol, found);
    return found;
  }

  function readListings(): Map<string, Listing> {
    const names = readNames(folder);
    const ends = new Map<BarKind, number>();
    for (const symbol of symbols) {
      const { lastKind, lastSession } = spanOf(symbol);
      ends.set(lastKind, Math.max(ends.get(lastKind) ?? 0, lastSession));
    }
    return new Map(
      // Who only has filler was never traded.
      symbols
        .filter((symbol) => spanOf(symbol).lastSession >= 0)
        .map((symbol) => [symbol, toListing(symbol, spanOf(symbol), ends, names.get(symbol))]),
    );
  }
  const listings = (): Map<string, Listing> => (byListing ??= readListings());

  return {
    findSeries(symbol) {
      if (!known.has(symbol)) return null;
      const made = series.get(symbol);
      if (made !== undefined) return made;
      const own = happening(splits.filter((split) => split.symbol === symbol));
      const one = createReplaySeries(barFolder, symbol, own, spanOf(symbol), revisions.get(symbol));
      series.set(symbol, one);
      return one;
    },
    daySymbols: () => symbols,
    findListing: (symbol) => listings().get(symbol) ?? null,
    listings: () => [...listings().values()],
    splits: () => splits,
    dividends: () => dividends,
  };
}

const hasVolume = (volume: number): boolean => volume > 0;

function findSpan(find: (kind: BarKind) => FileBars | null): Span {
  let span: Span = { firstSession: Number.MAX_SAFE_INTEGER, lastSession: -1, lastKind: 'daily' };
  for (const kind of barKinds) {
    const bars = find(kind);
    if (bars === null) continue;
    // Filler of no volume is not served, so it does not prolong a life either.
    const lastTraded = bars.volume.findLastIndex(hasVolume);
    if (lastTraded === -1) continue;
    const firstTraded = bars.volume.findIndex(hasVolume);
    const intraday = kind === 'hourly' || kind === 'minute';
    const dateOf = (at: number): string => (intraday ? newYorkDate(at) : fromDayNumber(at / 86_400_000));
    const first = sessionFrom(dateOf(bars.at[firstTraded]!));
    const last = sessionUpTo(dateOf(bars.at[lastTraded]!));
    span = {
      firstSession: Math.min(span.firstSession, first),
      lastSession: Math.max(span.lastSession, last),
      lastKind: last > span.lastSession ? kind : span.lastKind,
    };
  }
  return span;
}

function toListing(
  symbol: string,
  span: Span,
  ends: ReadonlyMap<BarKind, number>,
  known: CompanyName | undefined,
): Listing {
  const silent = ends.get(span.lastKind)! - span.lastSession > silentSessions;
  return {
    symbol,
    name: known?.name ?? symbol,
    type: known?.etf === true ? 'ETF' : 'CS',
    exchange: known?.exchange ?? 'XNYS',
    sector: null,
    listedOn: sessionDates[span.firstSession] ?? sessionDates[0]!,
    delistedOn: silent ? addDays(sessionDates[span.lastSession]!, 1) : null,
    cik: String((hashText(symbol, 0) >>> 0) % 10_000_000).padStart(10, '0'),
  };
}
