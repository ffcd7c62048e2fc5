import type { IsoDate } from '../market/date.ts';
import { newYorkDate, newYorkMidnight } from '../market/new-york.ts';
import { type BarColumns, createBars, dropFirst, mergeLast, reverse } from './bar-columns.ts';
import type { Series } from './market.ts';
import { sessionDates, sessionFrom, sessionUpTo } from './sessions.ts';
import { type SplitFactors, adjustSince, splitFactors } from './split-factors.ts';
import { type Timespan, baseOf, snapUp, windowOf } from './timespan.ts';

export interface PageQuery {
  readonly timespan: Timespan;
  /** Snapped to whole windows: ms since the epoch, `to` exclusive. */
  readonly from: number;
  readonly to: number;
  /** Base bars to read at most. */
  readonly limit: number;
  readonly descending: boolean;
  /** Split-adjusted as of this date; null for raw bars. */
  readonly adjustedAsOf: IsoDate | null;
  /** Bars that begin later are not known yet. */
  readonly now: number;
}

export interface BarPage {
  /** In the order asked for. */
  readonly bars: BarColumns;
  /** Base bars read. */
  readonly queryCount: number;
  /** Where the next page goes on, ms since the epoch: the end of this one's time, or its start when descending. Null on the last. */
  readonly next: number | null;
}

/**
 * Reads at most `limit` base bars; a window they cut off is left to the next page. A first window
 * that alone holds more is read whole, or no page would ever get past it.
 */
export function readPage(series: Series, query: PageQuery): BarPage {
  const first = Math.max(sessionFrom(newYorkDate(query.from)), series.firstSession);
  const last = Math.min(sessionUpTo(newYorkDate(query.to - 1)), series.lastSession);
  const factors = query.adjustedAsOf === null ? [] : splitFactors(series.splits, query.adjustedAsOf);
  return query.descending
    ? readBackwards(series, query, factors, first, last)
    : readForwards(series, query, factors, first, last);
}

function readForwards(
  series: Series,
  query: PageQuery,
  factors: SplitFactors,
  first: number,
  last: number,
): BarPage {
  const reader = createReader(series, query, factors);
  const { bars } = reader;
  for (let session = first; session <= last && !reader.isFull(); session++) reader.read(session);
  let read = reader.baseBars();
  let kept = bars.length;
  while (kept > 1 && read > query.limit) read -= bars.baseBars[--kept]!;
  const cut = kept < bars.length;
  bars.length = kept;
  return {
    bars,
    queryCount: cut ? Math.max(read, query.limit) : read,
    next: cut ? snapUp(query.timespan, bars.startsAt[kept - 1]!) : null,
  };
}

function readBackwards(
  series: Series,
  query: PageQuery,
  factors: SplitFactors,
  first: number,
  last: number,
): BarPage {
  // Once to find where the limit falls, once in the order that weeks and longer are rolled up in.
  const counter = createReader(series, query, factors);
  let start = last + 1;
  while (start > first && !counter.isFull()) counter.read(--start);
  const reader = createReader(series, query, factors);
  const { bars } = reader;
  for (let session = start; session <= last; session++) reader.read(session);
  let read = reader.baseBars();
  let cut = 0;
  while (cut < bars.length - 1 && read > query.limit) read -= bars.baseBars[cut++]!;
  dropFirst(bars, cut);
  const oldest = bars.startsAt[0]!;
  reverse(bars);
  return {
    bars,
    queryCount: cut > 0 ? Math.max(read, query.limit) : read,
    next: cut > 0 ? oldest - 1 : null,
  };
}

interface Reader {
  readonly bars: BarColumns;
  /** Adds the bars of the session before or after the one read last. */
  read(session: number): void;
  baseBars(): number;
  /** More was read than the limit, and it is more than one window. */
  isFull(): boolean;
}

function createReader(series: Series, query: PageQuery, factors: SplitFactors): Reader {
  const { timespan, from, to, now, limit } = query;
  const base = baseOf(timespan);
  const rollsUp = base !== timespan;
  const bars = createBars(roomFor(query));
  let window = '';
  let read = 0;
  return {
    bars,
    baseBars: () => read,
    isFull: () => read > limit && bars.length > 1,
    read(session) {
      const before = bars.length;
      series.append(base, session, now, bars);
      if (base !== 'day') keepWithin(bars, before, from, to);
      if (bars.length === before) return;
      adjustSince(bars, before, session, factors);
      for (let at = before; at < bars.length; at++) read += bars.baseBars[at]!;
      if (!rollsUp) return;
      const own = windowOf(timespan, sessionDates[session]!);
      if (own === window) mergeLast(bars);
      else bars.startsAt[before] = newYorkMidnight((window = own));
    },
  };
}

/** About as many bars as a page can have. */
function roomFor({ timespan, from, to, limit }: PageQuery): number {
  const aDay = { minute: 700, hour: 16, day: 1 }[baseOf(timespan)];
  return Math.ceil(Math.min(limit, ((to - from) / 86_400_000) * aDay)) + aDay;
}

/** Of the bars since `before`, oldest first, keeps those that begin within the range. */
function keepWithin(bars: BarColumns, before: number, from: number, to: number): void {
  while (bars.length > before && bars.startsAt[bars.length - 1]! >= to) bars.length--;
  let early = 0;
  while (before + early < bars.length && bars.startsAt[before + early]! < from) early++;
  if (early > 0) dropFirst(bars, early, before);
}
