import { createHash } from 'node:crypto';
import type { Clock } from './clock.ts';
import { type Settings, howToSet, isVendorItself } from './config.ts';
import { usageError } from './errors.ts';
import type { DailyImportJob, ImportRequest } from './jobs/daily-import-job.ts';
import type { AttemptDeps } from './jobs/import-attempt.ts';
import { makePlan } from './jobs/make-plan.ts';
import { latestClosedSession } from './market/calendar.ts';
import { newYorkDate } from './market/new-york.ts';
import { type ImportObserver, noObserver } from './jobs/import-observer.ts';
import type {
  FetcherConfig,
  FetcherDeps,
  MarketStatus,
  MassiveFetcher,
  RequestLog,
  RetryNotice,
} from './massive/fetcher.ts';
import { type Pacer, createPacer } from './massive/pacing.ts';
import { askBars } from './planning/asked-bars.ts';
import { type PlanReport, reportPlan } from './planning/plan-report.ts';
import { type Database, openDatabase } from './storage/database.ts';
import { createSymbolChangeStore } from './storage/symbol-changes.ts';
import { readFleetId } from './storage/workers.ts';
import { type Room, createRoom } from './room.ts';
import { createPaceRow } from './storage/pacing.ts';
import { createUniverseStore } from './storage/universes.ts';
import { type Renames, createRenames } from './universe/renames.ts';
import { type UniverseManager, createUniverseManager } from './universe/universe-manager.ts';

/** The program put together from its settings: the only place that knows the adapters. */
export interface App {
  readonly clock: Clock;
  readonly settings: Settings;
  readonly database: Database;
  readonly pacer: Pacer;
  readonly room: Room;
  readonly universes: UniverseManager;
  readonly renames: Renames;
  /** Throws CONFIG_INVALID without a usable key of the vendor, which most commands do without. */
  importJob(hears: ImportListeners): Promise<DailyImportJob>;
  /** What it takes to work on runs. Throws as importJob. */
  attemptDeps(hears: ImportListeners): Promise<AttemptDeps>;
  /** What an import would ask of the vendor; asks nothing. @throws AppError CONFIG_INVALID as an import would. */
  planImport(request: ImportRequest): Promise<PlanReport>;
  /** What the vendor says of the market now: one request. */
  marketStatus(signal: AbortSignal): Promise<MarketStatus>;
  /** Closes everything in reverse order. */
  close(): Promise<void>;
}

export interface ImportListeners {
  /** A sentence for people. */
  readonly notice: (text: string) => void;
  readonly observer?: ImportObserver;
  /** Told of every page asked for, however it ended. */
  readonly onRequest?: (log: RequestLog) => void;
}

export interface AppNeeds {
  readonly vendor?: boolean;
  /** The schema must be up to date already: one process of several is not to change it for all. */
  readonly isMigrated?: boolean;
}

/**
 * With `needs.vendor` a key or address that cannot work is refused before a database is made or touched.
 * @throws AppError when the database cannot be opened.
 */
export async function createApp(settings: Settings, clock: Clock, needs: AppNeeds = {}): Promise<App> {
  if (needs.vendor === true) await (await createFetcher(settings, clock)).close();
  const database = await openDatabase({
    databaseUrl: settings.find('storage.database_url'),
    dataDir: settings.get('storage.data_dir'),
    schema: settings.get('storage.schema'),
    isMigrated: needs.isMigrated,
    // The real clock needs no word: the server's own day is right then, also after midnight.
    asOf: settings.find('now') === undefined ? undefined : () => newYorkDate(clock.now()),
  });
  // One key has one limit, however many runs of however many processes use it.
  const pacer = createPacer(
    {
      intervalMs: settings.get('polygon.rate_limit_ms'),
      row: createPaceRow(database, keyFingerprint(settings), {
        clock,
        patienceMs: settings.get('storage.patience_seconds') * 1000,
      }),
    },
    clock,
  );
  let fetcher: MassiveFetcher | undefined;
  const vendor = async (): Promise<MassiveFetcher> =>
    (fetcher ??= await createFetcher(settings, clock, { pacer, isUrgent: true }));

  const room = createRoom(settings);
  const attemptDeps: App['attemptDeps'] = async ({ notice, observer = noObserver, onRequest }) => {
    const open = await fetcherFactory(settings, clock);
    const sayWait = waitSayer(clock, notice);
    const redisUrl = settings.find('events.redis_url');
    if (settings.get('processing.parallel_workers') === 0 && redisUrl === undefined)
      throw usageError('Nobody would work: with 0 parallel workers the fleet does, and needs REDIS_URL.');
    return {
      database,
      clock,
      notice,
      observer,
      openVendor: (hears, isUrgent) =>
        open({
          pacer,
          isUrgent,
          onRequest(request) {
            hears.onRequest(request);
            onRequest?.(request);
          },
          onRetry(retry) {
            sayWait(retry);
            hears.onRetry(retry);
          },
        }),
      async openFleet(run) {
        if (redisUrl === undefined) return null;
        const [{ openItemQueue }, { createFleet }] = await Promise.all([
          import('./fleet/item-queue.ts'),
          import('./jobs/fleet-conductor.ts'),
        ]);
        return createFleet(database, openItemQueue(redisUrl, await readFleetId(database.pool)), run);
      },
      settings: {
        parallelWorkers: settings.get('processing.parallel_workers'),
        symbolBatch: settings.get('polygon.batch_size'),
        continueOnError: settings.get('processing.continue_on_error'),
        successThreshold: settings.get('processing.success_threshold'),
        batchRows: settings.get('storage.batch_size'),
        useCopy: settings.get('storage.use_copy'),
        storagePatienceMs: settings.get('storage.patience_seconds') * 1000,
        intervalMs: await pacer.gapMs(),
        symbolTimeoutMs: settings.get('polygon.symbol_timeout_seconds') * 1000,
      },
    };
  };

  return {
    clock,
    settings,
    database,
    pacer,
    room,
    universes: createUniverseManager({
      lists: createUniverseStore(database),
      clock,
      async *listing(query, signal) {
        yield* (await vendor()).tickers({ active: true, ...query }, signal);
      },
    }),
    renames: createRenames(createSymbolChangeStore(database)),
    attemptDeps,
    async importJob(hears) {
      const { createDailyImportJob } = await import('./jobs/daily-import-job.ts');
      return createDailyImportJob({
        ...(await attemptDeps(hears)),
        barSource: barSourceOf(settings.get('polygon.base_url')),
        room,
      });
    },
    async planImport({ symbols, timeframes, span, refresh }) {
      const asked = askBars(symbols, timeframes, span, latestClosedSession(clock.now()));
      const plan = await makePlan(database.pool, asked, { now: clock.now(), refresh });
      return reportPlan(plan, await pacer.gapMs());
    },
    marketStatus: async (signal) => (await vendor()).marketStatus(signal),
    async close() {
      await fetcher?.close();
      await database.close();
    },
  };
}

type FetcherHooks = Pick<FetcherDeps, 'pacer' | 'isUrgent' | 'onRequest' | 'onRetry'>;

/** The vendor's API as the settings name it. @throws AppError CONFIG_INVALID without a usable key and address. */
export const createFetcher = async (
  settings: Settings,
  clock: Clock,
  hooks: FetcherHooks = {},
): Promise<MassiveFetcher> => (await fetcherFactory(settings, clock))(hooks);

/** Makes fetchers of what the settings name; the drivers are loaded and the settings checked already. */
async function fetcherFactory(
  settings: Settings,
  clock: Clock,
): Promise<(hooks: FetcherHooks) => MassiveFetcher> {
  const baseUrl = settings.get('polygon.base_url');
  if (settings.find('now') !== undefined && isVendorItself(baseUrl)) {
    throw usageError(
      `TICKSTOCK_NOW is for sandboxes: it cannot be combined with ${baseUrl}. Unset it, or set MASSIVE_BASE_URL.`,
    );
  }
  const apiKey = settings.find('polygon.api_key');
  if (apiKey === undefined) {
    throw usageError(
      `No key for the Massive API. ${howToSet('polygon.api_key')} To try without one: tickstock sandbox.`,
    );
  }
  const [{ createMassiveFetcher }, { throttledBackoff }] = await Promise.all([
    import('./massive/fetcher.ts'),
    import('./massive/backoff.ts'),
  ]);
  const config: FetcherConfig = {
    baseUrl,
    apiKey,
    rateLimitMs: settings.get('polygon.rate_limit_ms'),
    timeoutMs: settings.get('polygon.timeout_seconds') * 1000,
    maxTries: settings.get('polygon.max_tries'),
    backoff: {
      transient: {
        baseMs: settings.get('polygon.retry_base_ms'),
        capMs: settings.get('polygon.retry_max_ms'),
      },
      throttled: { ...throttledBackoff, baseMs: settings.get('polygon.throttled_base_ms') },
      throttledPatienceMs: settings.get('polygon.throttled_patience_seconds') * 1000,
    },
    outageRequests: settings.get('polygon.outage_requests'),
  };
  return (hooks) => createMassiveFetcher(config, { clock, random: Math.random, ...hooks });
}

/** Shorter waits are not worth a word. */
const SILENT_WAIT_MS = 1000;

/** Says that requests wait and why: once, however many wait for the same. */
function waitSayer(clock: Clock, notify: (text: string) => void): (retry: RetryNotice) => void {
  let saidUntil = 0;
  return ({ error, delayMs, slowedToMs }) => {
    if (typeof slowedToMs === 'number') {
      notify(`Massive refuses requests that often; one every ${Math.round(slowedToMs)} ms from now on.`);
    }
    const now = clock.now();
    if (delayMs < SILENT_WAIT_MS || now < saidUntil) return;
    saidUntil = now + delayMs;
    notify(`${error.message} Trying again in ${Math.ceil(delayMs / 1000)} s.`);
  };
}

/** Names the key without telling it: one key at one address has one limit. */
const keyFingerprint = (settings: Settings): Buffer =>
  createHash('sha256')
    .update(
      `${settings.get('polygon.base_url').replace(/\/+$/, '')} ${settings.find('polygon.api_key') ?? ''}`,
    )
    .digest();

/** What a database remembers of where its bars are from: any sandbox on this machine is the same to it. */
function barSourceOf(baseUrl: string): string {
  if (isVendorItself(baseUrl)) return 'Massive';
  const host = URL.canParse(baseUrl) ? new URL(baseUrl).hostname : baseUrl;
  return ['localhost', '127.0.0.1', '[::1]'].includes(host) ? 'a sandbox' : host;
}
