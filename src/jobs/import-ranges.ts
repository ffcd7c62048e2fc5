import { AppError, VendorOutage } from '../errors.ts';
import type { BaseTimeframe } from '../market/bar.ts';
import { sessionsBetween } from '../market/calendar.ts';
import type { KnownSymbol } from '../market/coverage.ts';
import type { Series } from '../planning/asked-bars.ts';
import type { RangeItem } from './fleet.ts';
import type { Attempt, WorkDeps } from './import-attempt.ts';
import { type Failure, judgeSeries } from './judge-series.ts';
import type { SymbolAnswer, SymbolImportDeps, SymbolToImport } from './symbol-import.ts';
import type { WorkedDays } from './work-days.ts';
import type { Work } from './work.ts';

/** What importing the ranges of a symbol needs of a run's work. */
export const symbolImportDeps = (
  work: Work,
  { vendor, clock, notice, settings }: WorkDeps,
): SymbolImportDeps & Work => ({
  ...work,
  vendor,
  now: clock.now,
  notice,
  symbolTimeoutMs: settings.symbolTimeoutMs,
  seriesDone(done: Series, first: string | null): void {
    if (first !== null) work.clipped.began(done, first);
    work.requestDone();
  },
});

/** Why a symbol failed whose doubts are settled, or null. */
export const judgeAnswer = (
  { symbol, results, ticker }: SymbolAnswer,
  { settledThrough }: Work,
  isExplained?: Parameters<typeof judgeSeries>[4],
): Failure | null => judgeSeries(symbol, results, settledThrough, ticker, isExplained);

/** A symbol and the range requests it wants. */
export interface RangeTask {
  readonly symbol: string;
  readonly series: readonly Series[];
  readonly known: KnownSymbol | undefined;
}

/** As it was planned. */
export const plannedTask = (symbol: string, { plan }: Attempt): RangeTask => ({
  symbol,
  series: plan.ranges.get(symbol)!,
  known: plan.known.get(symbol),
});

/** The same for a worker, with what the days of all stocks brought before. */
export function rangeItemOf({ symbol, series, known: facts }: RangeTask, days: WorkedDays): RangeItem {
  const { covered = {}, isHeardOf = false } = facts ?? {};
  // Of one that nobody has heard of there are absences at most, from an attempt that was cut off.
  const known = new Set<BaseTimeframe>(isHeardOf ? (Object.keys(covered) as BaseTimeframe[]) : []);
  if (days.seen.has(symbol)) known.add('daily');
  return {
    kind: 'ranges',
    symbol,
    ranges: series.map(({ timeframe, range }) => ({ timeframe, ...range })),
    known: [...known],
    coveredFrom: {
      hourly: covered.hourly?.sessions[0]?.from,
      daily: covered.daily?.sessions[0]?.from,
    },
    failure: days.failures.get(symbol) ?? null,
  };
}

/** The same as the import of a symbol takes it. */
export function symbolToImport(
  { symbol, ranges, known, coveredFrom }: RangeItem,
  { settledThrough, newestDue }: Work,
): SymbolToImport {
  const series = ranges.map(({ timeframe, from, to }) => ({
    timeframe,
    range: { from, to },
    // A series has every session of its range.
    sessions: sessionsBetween(from, to),
  }));
  return { symbol, series, settledThrough, newestDue, known: new Set(known), coveredFrom };
}

/** What stopped a worker, as JSON can hold it. */
export interface Stop {
  readonly stops: { readonly code: AppError['code']; readonly message: string; readonly isOutage: boolean };
}

export const toStop = (error: AppError): Stop => ({
  stops: { code: error.code, message: error.message, isOutage: error instanceof VendorOutage },
});

/** @throws AppError what stopped the worker, when that is what it answered. */
export function throwStop(answer: unknown): void {
  const stop = (answer as Partial<Stop> | null)?.stops;
  if (stop === undefined) return;
  throw stop.isOutage ? new VendorOutage(stop.message) : new AppError(stop.code, stop.message);
}
