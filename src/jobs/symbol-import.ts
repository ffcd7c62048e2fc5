import { AppError, VendorOutage } from '../errors.ts';
import type { BaseTimeframe } from '../market/bar.ts';
import type { IsoDate } from '../market/date.ts';
import type { Series } from '../planning/asked-bars.ts';
import { type TimeBudget, createTimeBudget } from '../time-budget.ts';
import { type Doubt, type Failure, type SeriesResult, isListed, needsEvidence } from './judge-series.ts';
import { type SeriesImport, type SeriesImportDeps, createSeriesImport } from './series-import.ts';
import type { Vendor, VendorTicker } from './vendor.ts';

export interface SymbolImportDeps extends SeriesImportDeps {
  /** A planned request was answered, well or badly; `first` is the first session that had a bar. */
  seriesDone(series: Series, first: IsoDate | null): void;
  /** How long the vendor may take over all requests of a symbol, waits for their turn aside. */
  readonly symbolTimeoutMs: number;
}

export interface SymbolToImport {
  readonly symbol: string;
  /** Its range requests. */
  readonly series: readonly Series[];
  /** Sessions up to here are due. */
  readonly settledThrough: IsoDate;
  /** Per base timeframe, the newest session due of all that the run wants. */
  readonly newestDue: Partial<Readonly<Record<BaseTimeframe, IsoDate>>>;
  /** The base timeframes of which other sessions were answered with bars. */
  readonly known: ReadonlySet<BaseTimeframe>;
  /** Per base timeframe, the earliest session ever answered; absent where there is none. */
  readonly coveredFrom: Readonly<Partial<Record<BaseTimeframe, IsoDate | undefined>>>;
}

/** What the vendor said of a symbol, to be judged once its doubts are settled. */
export interface SymbolAnswer {
  readonly symbol: string;
  /** A request that failed for good; null when none did. */
  readonly failure: Failure | null;
  readonly results: readonly SeriesResult[];
  /** As `judgeSeries` takes it. */
  readonly ticker: VendorTicker | null | undefined;
  readonly doubts: readonly Doubt[];
}

/**
 * Asks for one symbol's series, all at once, and stores what comes. A failed series keeps the pages that came
 * before. Throws only what must stop the whole run: a refused key, an outage, storage, cancellation.
 */
export async function importSymbol(
  wanted: SymbolToImport,
  deps: SymbolImportDeps,
  signal: AbortSignal,
): Promise<SymbolAnswer> {
  const { symbol, settledThrough } = wanted;
  const budget = createTimeBudget(deps.symbolTimeoutMs);
  const imports = wanted.series.map((one) => {
    const limits = {
      settledThrough,
      budget,
      newestDue: wanted.newestDue[one.timeframe],
      isKnown: wanted.known.has(one.timeframe),
      isFirst: !(one.range.from > (wanted.coveredFrom[one.timeframe] ?? '9999')),
    };
    return createSeriesImport(symbol, one, limits, deps);
  });
  const results = imports.map(({ result }) => result);
  const answer = (failure: Failure | null, rest: Partial<SymbolAnswer> = {}): SymbolAnswer => ({
    symbol,
    failure,
    results,
    ticker: undefined,
    doubts: [],
    ...rest,
  });

  const failure = await firstFailure(imports, async (one) => {
    try {
      await one.read(signal);
    } finally {
      const { series, seen } = one.result;
      deps.seriesDone(series, series.sessions.find((session) => seen.has(session)) ?? null);
    }
  });
  if (failure !== null) return answer(failure);

  const ticker = needsEvidence(results, settledThrough)
    ? await askAbout(symbol, deps.vendor, budget, signal)
    : undefined;
  // Nobody the vendor does not know is worth a second look; nor is one who did not trade then.
  const isWorthwhile = (session: IsoDate): boolean => ticker !== null && isListed(session, ticker);
  const failed = await firstFailure(imports, async (one) => {
    // Of days all stocks' bars of a session tell more than a second look does, unless nothing came at all.
    if (one.result.series.timeframe === 'daily' && one.result.seen.size > 0) return;
    await one.lookAgain(one.doubts(isWorthwhile), signal);
  });
  const doubts = imports.flatMap((one) => doubtsOf(symbol, one, isWorthwhile));
  return answer(failed, { ticker, doubts });
}

/** Asks once more for days of which a doubt turned out to be right; the failure of that, or null. Adds to the answer. */
export async function lookAgain(
  { symbol, results }: SymbolAnswer,
  sessions: readonly IsoDate[],
  deps: SymbolImportDeps & { readonly settledThrough: IsoDate },
  signal: AbortSignal,
): Promise<{ results: SeriesResult[]; failure: Failure | null }> {
  const imports = results.map((result) => {
    const limits = {
      ...result,
      settledThrough: deps.settledThrough,
      budget: createTimeBudget(deps.symbolTimeoutMs),
    };
    return createSeriesImport(symbol, result.series, limits, deps, result);
  });
  const failure = await firstFailure(imports, async (one) => {
    if (one.result.series.timeframe === 'daily') await one.lookAgain(sessions, signal);
  });
  return { results: imports.map(({ result }) => result), failure };
}

/** A longer silence is judged by its two ends. */
const LONG_SILENCE = 5;

/** The sessions that the bars of all stocks can settle: any day, of hours the newest one. */
function doubtsOf(symbol: string, one: SeriesImport, isWorthwhile: (session: IsoDate) => boolean): Doubt[] {
  const { series, seen, stored, newestDue, isKnown } = one.result;
  const { timeframe } = series;
  const doubtful = one.doubts(isWorthwhile);
  const newest = doubtful.filter((session) => session === newestDue);
  // Hours cannot be told by days but for their newest; nor can a history of nothing at all.
  const isHistory = timeframe === 'daily' && (seen.size > 0 || isKnown || doubtful.length <= LONG_SILENCE);
  const toDoubt = (session: IsoDate): Doubt => ({
    symbol,
    timeframe,
    session,
    isRejected: seen.has(session) && !stored.has(session),
  });
  if (!isHistory) return newest.map(toDoubt);
  const silent = doubtful.filter((session) => !seen.has(session));
  const rejected = doubtful.filter((session) => seen.has(session)).map(toDoubt);
  const unseen = silencesOf(series.sessions, silent).flatMap((silence) => {
    const [first, last] = [silence[0]!, silence.at(-1)!];
    if (silence.length <= LONG_SILENCE) return silence.map(toDoubt);
    return [toDoubt(first), { ...toDoubt(last), silence }];
  });
  return [...unseen, ...rejected];
}

/** Sessions without a bar in pieces that follow each other. */
function silencesOf(sessions: readonly IsoDate[], silent: readonly IsoDate[]): IsoDate[][] {
  const places = new Map(sessions.map((session, place) => [session, place]));
  const silences: IsoDate[][] = [];
  for (const session of silent) {
    const last = silences.at(-1);
    if (last !== undefined && places.get(last.at(-1)!) === places.get(session)! - 1) last.push(session);
    else silences.push([session]);
  }
  return silences;
}

/** Undefined, as if not asked, when the vendor does not tell: bars may come all the same. Throws what stops the run. */
export async function askAbout(
  symbol: string,
  vendor: Vendor,
  budget: TimeBudget | undefined,
  signal: AbortSignal,
): Promise<VendorTicker | null | undefined> {
  try {
    return await vendor.findTicker(symbol, signal, budget);
  } catch (error) {
    symbolFailure(error);
    return undefined;
  }
}

/** Works all at once; the failure that came first, or null. */
async function firstFailure(
  imports: readonly SeriesImport[],
  work: (one: SeriesImport) => Promise<void>,
): Promise<Failure | null> {
  let failure: Failure | null = null;
  await Promise.all(
    imports.map(async (one) => {
      try {
        await work(one);
      } catch (error) {
        failure ??= symbolFailure(error);
      }
    }),
  );
  return failure;
}

const stopsTheRun: ReadonlySet<string> = new Set([
  'API_KEY_INVALID',
  'STORAGE_FAILED',
  'CONFIG_INVALID',
  'CANCELLED',
  'INTERNAL',
]);

/** The failure of a symbol that something thrown means. Throws on what concerns the whole run. */
export function symbolFailure(error: unknown): Failure {
  const concernsSymbol =
    error instanceof AppError && !(error instanceof VendorOutage) && !stopsTheRun.has(error.code);
  if (concernsSymbol) return { code: error.code, message: error.message };
  throw error;
}
