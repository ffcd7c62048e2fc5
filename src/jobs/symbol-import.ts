import { AppError, VendorOutage } from '../errors.ts';
import type { IsoDate } from '../market/date.ts';
import type { Series } from '../planning/import-plan.ts';
import { type TimeBudget, createTimeBudget } from '../time-budget.ts';
import { type Failure, isListed, judgeSeries, needsEvidence } from './judge-series.ts';
import { type SeriesImport, type SeriesImportDeps, createSeriesImport } from './series-import.ts';
import type { Vendor, VendorTicker } from './vendor.ts';

export interface SymbolImportDeps extends SeriesImportDeps {
  /** A series was answered, well or badly; `first` is the first session that had a bar. */
  seriesDone(series: Series, first: IsoDate | null): void;
  /** How long the vendor may take over all requests of a symbol, waits for their turn aside. */
  readonly symbolTimeoutMs: number;
}

/**
 * Imports one symbol's series, all at once, and says why it failed, or null. A failed series keeps the
 * pages that came before. Throws only what must stop the whole run: a refused key, an outage, storage, cancellation.
 */
export async function importSymbol(
  symbol: string,
  plan: { readonly series: readonly Series[]; readonly settledThrough: IsoDate },
  deps: SymbolImportDeps,
  signal: AbortSignal,
): Promise<Failure | null> {
  const { settledThrough } = plan;
  const budget = createTimeBudget(deps.symbolTimeoutMs);
  const imports = plan.series.map((one) => createSeriesImport(symbol, one, { settledThrough, budget }, deps));
  const results = imports.map(({ result }) => result);

  const failure = await firstFailure(imports, async (one) => {
    try {
      await one.read(signal);
    } finally {
      const { series, seen } = one.result;
      deps.seriesDone(series, series.sessions.find((session) => seen.has(session)) ?? null);
    }
  });
  if (failure !== null) return failure;

  const ticker = needsEvidence(results, settledThrough)
    ? await askAbout(symbol, deps.vendor, budget, signal)
    : undefined;
  // Nobody the vendor knows is worth a second look; nor is one who did not trade then.
  const isWorthwhile = (session: IsoDate): boolean => ticker !== null && isListed(session, ticker);
  const doubt = await firstFailure(imports, (one) => one.lookAgain(isWorthwhile, signal));
  return doubt ?? judgeSeries(symbol, results, settledThrough, ticker);
}

/** Undefined, as if not asked, when the vendor does not tell: bars may come all the same. Throws what stops the run. */
async function askAbout(
  symbol: string,
  vendor: Vendor,
  budget: TimeBudget,
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
function symbolFailure(error: unknown): Failure {
  const concernsSymbol =
    error instanceof AppError && !(error instanceof VendorOutage) && !stopsTheRun.has(error.code);
  if (concernsSymbol) return { code: error.code, message: error.message };
  throw error;
}
