import { usageError } from '../../errors.ts';
import { type IsoDate, addDays, fromDayNumber } from '../../market/date.ts';
import { newYorkDate } from '../../market/new-york.ts';
import { hashText } from '../hash.ts';
import { happening } from '../split-factors.ts';
import type { Listing, Market, MarketSplit, Series } from '../market.ts';
import { sessionDates, sessionFrom, sessionUpTo } from '../sessions.ts';
import type { FileBars } from './bar-file.ts';
import { type BarKind, barKinds, openBarFolder } from './bar-folder.ts';
import { type MarketDays, readFullMarket } from './full-market.ts';
import { type CompanyName, readDividends, readNames, readSplits, readSymbolEnds } from './reference-files.ts';
import { createReplaySeries } from './replay-series.ts';
import { readRevisions } from './revisions.ts';

/** What brings bars: the files of a kind, or those of the whole market. */
type Source = BarKind | 'full_market';

/** Where one symbol's bars begin and end, in sessions. */
interface Span {
  readonly firstSession: number;
  readonly lastSession: number;
  /** The one that ends last. */
  readonly lastSource: Source;
}

/** A symbol silent for more sessions than this before its source ends was delisted. */
const silentSessions = 10;

/**
 * Real bars from a folder. Of a symbol's days, `bars/daily` wins inside its span over `full_market`, and that over
 * `bars/daily_long`; `bars/revisions.csv.gz`, `splits.csv`, `dividends.csv`, `symbol_changes.csv` and `tickers` are
 * used where present.
 * @throws AppError CONFIG_INVALID for a folder that cannot be used.
 */
export function createReplayMarket(folder: string): Market {
  const barFolder = openBarFolder(folder);
  const market = readFullMarket(folder);
  if (barFolder.isEmpty() && market === null) throw withoutBars(folder);
  const revisions = readRevisions(folder);
  const splits = readSplits(folder);
  const splitsOf = groupBySymbol(splits);
  const dividends = readDividends(folder);
  const symbolEnds = readSymbolEnds(folder);
  const symbols = [
    ...new Set([...barKinds.flatMap((kind) => barFolder.symbols(kind)), ...(market?.symbols ?? [])]),
  ].toSorted((a, b) => (a < b ? -1 : 1));
  const known = new Set(symbols);
  const spans = new Map<string, Span>();
  const series = new Map<string, Series>();
  let byListing: Map<string, Listing> | undefined;

  function spanOf(symbol: string): Span {
    const found =
      spans.get(symbol) ?? findSpan((kind) => barFolder.find(kind, symbol), market?.find(symbol) ?? null);
    spans.set(symbol, found);
    return found;
  }

  function readListings(): Map<string, Listing> {
    const names = readNames(folder);
    const ends = new Map<Source, number>();
    for (const symbol of symbols) {
      const { lastSource, lastSession } = spanOf(symbol);
      ends.set(lastSource, Math.max(ends.get(lastSource) ?? 0, lastSession));
    }
    return new Map(
      symbols.map((symbol) => {
        const span = spanOf(symbol);
        const delistedOn = delistingOf(span, ends.get(span.lastSource)!, symbolEnds.get(symbol));
        return [symbol, toListing(symbol, span, delistedOn, names.get(symbol))];
      }),
    );
  }
  const listings = (): Map<string, Listing> => (byListing ??= readListings());

  return {
    findSeries(symbol) {
      const kept = series.get(symbol);
      if (kept !== undefined || !known.has(symbol)) return kept ?? null;
      const sources = {
        folder: barFolder,
        market: market?.find(symbol) ?? null,
        revisions: revisions.get(symbol),
        splits: happening(splitsOf.get(symbol) ?? []),
      };
      const created = createReplaySeries(symbol, sources, spanOf(symbol));
      // One that reads files would keep them when the folder has given them up.
      if (barFolder.isEmpty(symbol)) series.set(symbol, created);
      return created;
    },
    daySymbols: () => symbols,
    findListing: (symbol) => listings().get(symbol) ?? null,
    listings: () => [...listings().values()],
    splits: () => splits,
    dividends: () => dividends,
  };
}

function withoutBars(folder: string): Error {
  const expected = barKinds.map((kind) => `bars/${kind}/SYMBOL.csv.gz`).join(', ');
  return usageError(
    `Cannot replay ${folder}: it has no bars. Expected files such as ${expected}, full_market/daily_YYYY-MM.csv.gz.`,
  );
}

function groupBySymbol(splits: readonly MarketSplit[]): ReadonlyMap<string, readonly MarketSplit[]> {
  const bySymbol = new Map<string, MarketSplit[]>();
  for (const split of splits) bySymbol.set(split.symbol, [...(bySymbol.get(split.symbol) ?? []), split]);
  return bySymbol;
}

const hasVolume = (volume: number): boolean => volume > 0;

function findSpan(find: (kind: BarKind) => FileBars | null, market: MarketDays | null): Span {
  let span: Span = { firstSession: Number.MAX_SAFE_INTEGER, lastSession: -1, lastSource: 'daily' };
  const widen = (lastSource: Source, first: number, last: number): void => {
    span = {
      firstSession: Math.min(span.firstSession, first),
      lastSession: Math.max(span.lastSession, last),
      lastSource: last > span.lastSession ? lastSource : span.lastSource,
    };
  };
  for (const kind of barKinds) {
    const bars = find(kind);
    if (bars === null) continue;
    // Filler of no volume is not served, so it does not prolong a life either.
    const lastTraded = bars.volume.findLastIndex(hasVolume);
    if (lastTraded === -1) continue;
    const firstTraded = bars.volume.findIndex(hasVolume);
    const intraday = kind === 'hourly' || kind === 'minute';
    const dateOf = (at: number): string => (intraday ? newYorkDate(at) : fromDayNumber(at / 86_400_000));
    widen(kind, sessionFrom(dateOf(bars.at[firstTraded]!)), sessionUpTo(dateOf(bars.at[lastTraded]!)));
  }
  if (market !== null) widen('full_market', market.firstSession, market.lastSession);
  return span;
}

/** The first day a symbol was no longer traded: given up for another, or silent before its source ends at `end`. */
function delistingOf({ lastSession }: Span, end: number, givenUpAfter: IsoDate | undefined): IsoDate | null {
  const last = sessionDates[lastSession];
  if (last === undefined) return null;
  // A symbol with later bars is another company's now.
  if (givenUpAfter !== undefined && last <= givenUpAfter) return addDays(givenUpAfter, 1);
  return end - lastSession > silentSessions ? addDays(last, 1) : null;
}

function toListing(
  symbol: string,
  { firstSession }: Span,
  delistedOn: IsoDate | null,
  known: CompanyName | undefined,
): Listing {
  return {
    symbol,
    name: known?.name ?? symbol,
    type: known?.etf === true ? 'ETF' : 'CS',
    exchange: known?.exchange ?? 'XNYS',
    sector: null,
    listedOn: sessionDates[firstSession] ?? sessionDates[0]!,
    delistedOn,
    cik: String((hashText(symbol, 0) >>> 0) % 10_000_000).padStart(10, '0'),
  };
}
