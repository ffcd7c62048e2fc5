import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { App } from './app.ts';
import { initialScheduleOf, lookbackOf } from './config.ts';
import { createEventFeed } from './events/event-feed.ts';
import { createAttention } from './http/attention.ts';
import { createEventStreams } from './http/event-streams.ts';
import { createRunStatuses } from './http/run-status.ts';
import { createServer, listen } from './http/server.ts';
import { adoptDeadRuns } from './jobs/import-runs.ts';
import { createDailyProcessing } from './jobs/daily-processing.ts';
import { createDeadRunWatch } from './jobs/dead-runs.ts';
import type { ImportObserver } from './jobs/import-observer.ts';
import { startImportThread } from './import-thread/import-thread.ts';
import { createScheduler } from './jobs/scheduler.ts';
import { createPublishing } from './publishing.ts';
import { failureFields, logRuns } from './service-log.ts';
import { createServiceMetrics } from './service-metrics.ts';
import { listenFor } from './storage/notices.ts';
import {
  EVENTS_WRITTEN,
  numberEvents,
  outboxBounds,
  outboxState,
  pruneEvents,
  readEvents,
} from './storage/outbox.ts';
import { pruneRequests } from './storage/requests.ts';
import { isDatabaseFailure, toStorageError } from './storage/storage-error.ts';
import { listFailedSymbols, listUntriedSymbols } from './storage/read-runs.ts';
import { countQueuedSymbols } from './storage/run-symbols.ts';

export interface Service {
  readonly url: string;
  /** Whether callers need a key. */
  readonly requiresKeys: boolean;
  /** Parks what is under way, tells of it, and ends; within ten seconds. */
  stop(): Promise<void>;
}

const LOOK_FOR_DEAD_RUNS_MS = 1000;
const PRUNE_MS = 3_600_000;
const FLUSH_MS = 1000;

/**
 * Puts the long-running service together and starts it: HTTP, events, schedule, and the thread that imports, of whose
 * death `onDeath` hears. @throws AppError when it cannot listen, or its database goes away meanwhile.
 */
export async function startService(
  app: App,
  log: Logger,
  version: string,
  onDeath: (error: Error) => void,
): Promise<Service> {
  const opened: (() => unknown)[] = [];
  try {
    return await putTogether(app, log, version, onDeath, opened);
  } catch (error) {
    // What is left open would keep the process from ending.
    for (const close of opened.toReversed()) await close();
    throw isDatabaseFailure(error) ? toStorageError('start the service', error) : error;
  }
}

/** `opened` takes how to close what is open, in case that the rest fails. */
async function putTogether(
  app: App,
  log: Logger,
  version: string,
  onDeath: (error: Error) => void,
  opened: (() => unknown)[],
): Promise<Service> {
  const { settings, database, clock } = app;
  const stop = new AbortController();
  const { signal } = stop;
  /** Nothing new is begun from here on. */
  const closing = new AbortController();

  const sayRedis = (isUp: boolean, reason: string): void =>
    isUp ? log.info('Redis is connected') : log.warn({ reason }, 'Redis is away: events wait in the outbox');
  const redisUrl = settings.find('events.redis_url');
  const publishing = redisUrl === undefined ? null : createPublishing(redisUrl, app, sayRedis);
  opened.push(() => publishing?.close());
  const kept = {
    number: () => database.transaction('number events', numberEvents),
    read: (after: number, limit: number) => readEvents(database.pool, after, limit),
    bounds: () => outboxBounds(database.pool),
  };
  const feed = createEventFeed(kept, (await kept.bounds()).numbered, clock);
  const streams = createEventStreams(feed, kept);
  opened.push(() => streams.close());
  const metrics = createServiceMetrics({
    outbox: () => outboxState(database.pool),
    queuedSymbols: () => countQueuedSymbols(database.pool),
    activeRuns: () => runs.active.size,
    eventClients: () => streams.clients,
    isRedisUp: () => publishing?.isRedisUp ?? null,
  });
  const statuses = createRunStatuses(database.pool);
  const attention = createAttention(database.pool);
  const dropStale = (runId: string): void => {
    statuses.drop(runId);
    attention.drop('all');
  };
  const freshAnswers: Observer = {
    started: ({ runId }) => dropStale(runId),
    retrying() {},
    stored() {},
    ended: dropStale,
  };
  const logged = logRuns(log);
  const runs = await startImportThread(app, {
    observer: {
      ...all([logged, metrics.observer, freshAnswers]),
      unrecorded(event) {
        logged.unrecorded(event);
        void publishing?.publishUnrecorded(event);
      },
    },
    notice: (runId, text) => log.info({ run_id: runId }, text),
    onRequest: metrics.vendorRequest,
    onDeath,
  });
  opened.push(() => runs.stop());
  const daily = createDailyProcessing({
    database,
    clock,
    universes: app.universes,
    runs,
    initial: initialScheduleOf(settings),
    lookbackDays: lookbackOf(settings),
    notice: (text) => log.info(text),
    signal,
  });
  const deadRuns = createDeadRunWatch(database);
  const scheduler = createScheduler({
    database,
    clock,
    schedule: daily.schedule,
    startDaily: (schedule, session) => daily.start(schedule, session, 'automatic'),
    async retry(runId) {
      const failed = await listFailedSymbols(database.pool, runId);
      const late = failed.filter(({ errorCode }) => errorCode === 'VENDOR_NOT_READY');
      const untried = await listUntriedSymbols(database.pool, runId);
      return runs.retry(runId, [...late.map(({ symbol }) => symbol), ...untried]);
    },
    marketNow: async () => (await app.marketStatus(signal)).market,
    log: (level, text) => log[level](text),
  });

  const host = settings.get('service.host');
  const requireKeys = settings.get('service.require_keys') || !isLoopback(host);
  const server = await createServer(
    {
      app,
      runs,
      statuses,
      attention,
      daily,
      metrics,
      isRedisUp: publishing === null ? null : () => publishing.isRedisUp,
    },
    streams,
    {
      version,
      requireKeys,
      corsOrigins: settings.get('service.cors_origins'),
      requestsPerSecond: settings.get('service.requests_per_second'),
      changesPerSecond: settings.get('service.changes_per_second'),
      eventClients: settings.get('service.event_clients'),
    },
    log,
  );
  opened.push(() => server.close());
  const url = await listen(server, host, settings.get('service.port'));

  const every = async (ms: number, work: () => Promise<void>): Promise<void> => {
    while (!closing.signal.aborted) {
      await work().catch((error: unknown) => {
        if (!closing.signal.aborted)
          log.error(failureFields(toStorageError('look after runs and events', error)), 'upkeep failed');
      });
      await delay(ms, undefined, { signal: closing.signal }).catch(() => {});
    }
  };
  const onEvents = (): void => {
    feed.wake();
    publishing?.wake();
  };
  const loops = [
    listenFor(database, EVENTS_WRITTEN, onEvents, (ms, ended) => clock.sleep(ms, ended), signal),
    feed.run(signal),
    publishing?.run(signal),
    scheduler.run(closing.signal),
    every(LOOK_FOR_DEAD_RUNS_MS, () =>
      adoptDeadRuns(deadRuns, runs, (runId) =>
        log.warn({ run_id: runId }, 'goes on here: its process was stopped or had died'),
      ),
    ),
    every(PRUNE_MS, async () => {
      const pruned = await pruneEvents(database.pool, settings.get('events.keep_days'));
      if (pruned > 0) log.info({ pruned }, 'old events removed');
      await pruneRequests(database.pool, settings.get('requests.keep_days'), clock.now());
    }),
  ];

  return {
    url,
    requiresKeys: requireKeys,
    async stop() {
      closing.abort();
      await runs.stop();
      if (publishing?.isRedisUp === true) await publishing.flush(FLUSH_MS);
      stop.abort();
      streams.close();
      await server.close();
      await Promise.all(loops);
      publishing?.close();
    },
  };
}

const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|::1)$/.test(host);

type Observer = Omit<ImportObserver, 'unrecorded'>;

/** Tells each in turn. */
const all = (observers: readonly Observer[]): Observer => ({
  started: (run) => observers.forEach((one) => one.started(run)),
  retrying: (runId, retry) => observers.forEach((one) => one.retrying(runId, retry)),
  stored: (runId, records, ended) => observers.forEach((one) => one.stored(runId, records, ended)),
  ended: (runId, summary) => observers.forEach((one) => one.ended(runId, summary)),
});
