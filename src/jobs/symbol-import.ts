import { AppError } from '../errors.ts';
import { type Bar, type RejectedBar, rejectReason } from '../market/bar.ts';
import { calendarYears, isSession, nextSession } from '../market/calendar.ts';
import type { IsoDate } from '../market/date.ts';
import { packBars } from '../market/packed-bars.ts';
import { finalThrough } from '../market/finality.ts';
import type { Series } from '../planning/import-plan.ts';
import type { PageToStore } from '../storage/batch.ts';
import { type Failure, type SeriesResult, judgeSeries, needsEvidence } from './judge-series.ts';
import type { Vendor, VendorPage } from './vendor.ts';

export interface SymbolImportDeps {
  readonly vendor: Vendor;
  /** Takes a page for storage; holds the download back while too much waits. */
  store(page: PageToStore): Promise<void>;
  /** A series was answered, well or badly; `first` is the first session that had a bar. */
  seriesDone(series: Series, first: IsoDate | null): void;
  /** Says what a person should know but cannot be kept in a table. */
  notice(text: string): void;
  readonly now: () => number;
}

/**
 * Imports one symbol's series, all at once, and says why it failed, or null. A failed series keeps the
 * pages that came before. Throws only what must stop the whole run: a refused key, storage, cancellation.
 */
export async function importSymbol(
  symbol: string,
  plan: { readonly series: readonly Series[]; readonly settledThrough: IsoDate },
  deps: SymbolImportDeps,
  signal: AbortSignal,
): Promise<Failure | null> {
  const results: SeriesResult[] = [];
  let failure: Failure | null = null;
  await Promise.all(
    plan.series.map(async (series) => {
      let first: IsoDate | null = null;
      try {
        const result = await importSeries(symbol, series, plan.settledThrough, deps, signal);
        results.push(result);
        first = series.sessions.find((session) => result.seen.has(session)) ?? null;
      } catch (error) {
        failure ??= symbolFailure(error);
      }
      deps.seriesDone(series, first);
    }),
  );
  if (failure !== null) return failure;
  // In the plan's order, whichever came first.
  results.sort((a, b) => plan.series.indexOf(a.series) - plan.series.indexOf(b.series));
  if (!needsEvidence(results, plan.settledThrough)) return null;
  try {
    const ticker = await deps.vendor.findTicker(symbol, signal);
    return judgeSeries(symbol, results, plan.settledThrough, ticker);
  } catch (error) {
    return symbolFailure(error);
  }
}

async function importSeries(
  symbol: string,
  series: Series,
  settledThrough: IsoDate,
  deps: SymbolImportDeps,
  signal: AbortSignal,
): Promise<SeriesResult> {
  const seen = new Set<IsoDate>();
  const rejectedOn = new Set<IsoDate>();
  let answered = 0;
  for await (const page of deps.vendor.bars(
    { symbol, timeframe: series.timeframe, ...series.range },
    signal,
  )) {
    const { bars, rejects } = validate(page);
    if (page.malformed > 0) {
      deps.notice(
        `Massive sent ${page.malformed} ${series.timeframe} rows of ${symbol} without a usable time; they are not stored.`,
      );
    }
    for (const bar of bars) seen.add(bar.session);
    for (const reject of rejects) rejectedOn.add(reject.bar.session);
    // Nothing at all is not believed yet: what stays without any bar is not covered, and asked again.
    if (seen.size === 0 && rejectedOn.size === 0) continue;
    const upTo = countThrough(series.sessions, page.coveredThrough);
    const answer = sessionsAnswered(series.sessions.slice(answered, upTo), settledThrough, seen);
    answered = upTo;
    await deps.store({
      symbol,
      timeframe: series.timeframe,
      bars: packBars(bars),
      rejects,
      finalThrough: finalThrough(deps.now()),
      ...(answer ?? { from: series.range.from, before: series.range.from, absent: [] }),
      rejected: answer?.absent.filter((session) => rejectedOn.has(session)) ?? [],
    });
  }
  return { series, seen: new Set([...seen, ...rejectedOn]) };
}

/** Splits a page into bars that may be stored and rejects with their reasons. */
function validate(page: VendorPage): { bars: Bar[]; rejects: RejectedBar[] } {
  const bars: Bar[] = [];
  const rejects: RejectedBar[] = [];
  for (const bar of page.bars) {
    const reason = rejectReason(bar, isKnownSession);
    if (reason === null) bars.push(bar);
    else rejects.push({ bar, reason });
  }
  return { bars, rejects };
}

function isKnownSession(date: IsoDate): boolean {
  const year = Number(date.slice(0, 4));
  return year >= calendarYears.from && year <= calendarYears.to && isSession(date);
}

/** What a page adds to coverage. A session without a bar counts as answered only once it has settled. */
function sessionsAnswered(
  sessions: readonly IsoDate[],
  settledThrough: IsoDate,
  seen: ReadonlySet<IsoDate>,
): { from: IsoDate; before: IsoDate; absent: IsoDate[] } | null {
  const answered = sessions.filter((session) => session <= settledThrough || seen.has(session));
  const [first, last] = [answered[0], answered.at(-1)];
  if (first === undefined || last === undefined) return null;
  return { from: first, before: nextSession(last), absent: answered.filter((session) => !seen.has(session)) };
}

function countThrough(sessions: readonly IsoDate[], through: IsoDate | null): number {
  if (through === null) return 0;
  const after = sessions.findIndex((session) => session > through);
  return after === -1 ? sessions.length : after;
}

const stopsTheRun: ReadonlySet<string> = new Set([
  'API_KEY_INVALID',
  'STORAGE_FAILED',
  'CONFIG_INVALID',
  'CANCELLED',
  'INTERNAL',
]);

function symbolFailure(error: unknown): Failure {
  if (error instanceof AppError && !stopsTheRun.has(error.code))
    return { code: error.code, message: error.message };
  throw error;
}
