import type { IsoDate } from '../market/date.ts';
import type { BarColumns } from './bar-columns.ts';
import type { MarketSplit } from './market.ts';
import { sessionFrom } from './sessions.ts';

/** By session: bars before `session` are quoted in shares of which `from` became `to`. Oldest first. */
export type SplitFactors = readonly {
  readonly session: number;
  readonly from: number;
  readonly to: number;
}[];

/** What the splits executed by a date do to earlier bars; `splits` by date, one a date. */
export function splitFactors(splits: readonly MarketSplit[], asOf: IsoDate): SplitFactors {
  const executed = splits.filter((split) => split.executionDate <= asOf);
  return executed.map((split, at) => ({
    session: sessionFrom(split.executionDate),
    from: executed.slice(at).reduce((product, { from }) => product * from, 1),
    to: executed.slice(at).reduce((product, { to }) => product * to, 1),
  }));
}

/** Adjusts the bars of one session, from place `first` on: prices to four decimals, volume multiplied. */
export function adjustSince(bars: BarColumns, first: number, session: number, factors: SplitFactors): void {
  const factor = factors.find((candidate) => session < candidate.session);
  if (factor === undefined) return;
  const { from, to } = factor;
  for (const column of [bars.open, bars.high, bars.low, bars.close, bars.vwap]) {
    for (let at = first; at < bars.length; at++)
      column[at] = Math.round((column[at]! * from * 1e4) / to) / 1e4;
  }
  for (let at = first; at < bars.length; at++) bars.volume[at] = (bars.volume[at]! * to) / from;
}

/** The splits of one symbol that happen, one a date, in the order given. */
export function happening(rows: readonly MarketSplit[]): MarketSplit[] {
  return rows.filter(
    (row, at) =>
      row.cancelledOn === null && rows.findIndex((other) => other.executionDate === row.executionDate) === at,
  );
}
