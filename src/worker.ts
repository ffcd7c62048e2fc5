import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { App } from './app.ts';
import { ServiceStopped, usageError } from './errors.ts';
import { takeItems } from './fleet/item-queue.ts';
import { createDeadRunWatch } from './jobs/dead-runs.ts';
import { adoptDeadRuns, createImportRuns } from './jobs/import-runs.ts';
import { createRunShares } from './jobs/run-shares.ts';
import { toStorageError } from './storage/storage-error.ts';
import { listWorkers, readFleetId, signOff, signOn } from './storage/workers.ts';

export interface FleetWorker {
  /** Finishes the pages under way, gives back the rest, and ends. How many items it has worked. */
  stop(): Promise<number>;
}

const LOOK_MS = 1000;

/**
 * A process that takes work of other processes' runs, `slots` items at once, and goes on with runs whose process
 * died. @throws AppError CONFIG_INVALID without Redis, or beside workers of another version; INTERNAL with too little memory.
 */
export async function startWorker(
  app: App,
  { slots, version, say }: { readonly slots: number; readonly version: string; say(text: string): void },
): Promise<FleetWorker> {
  const { settings, database } = app;
  const url = settings.find('events.redis_url');
  if (url === undefined)
    throw usageError('A worker takes its work from a queue in Redis. Set REDIS_URL to that of the fleet.');
  app.room.requireMemory();
  const worker = `${hostname()}:${process.pid}:${randomUUID().slice(0, 8)}`;
  const sign = { worker, host: hostname(), pid: process.pid, version, slots };
  const [workers, fleetId] = await database.transaction('look for other workers', async (client) => [
    await listWorkers(client),
    await readFleetId(client),
  ]);
  const others = workers.filter((one) => one.version !== version);
  if (others.length > 0) {
    const [{ host, pid, version: theirs }] = others as [(typeof others)[0]];
    throw usageError(
      `This is tickstock ${version}, but ${others.length === 1 ? 'a worker' : `${others.length} workers`} of version ${theirs} ${others.length === 1 ? 'is' : 'are'} at work (${host}, process ${pid}). Run one version on all machines.`,
    );
  }
  await database.transaction('sign on', (client) => signOn(client, sign));
  const stop = new AbortController();
  const deps = await app.attemptDeps({ notice: say });
  const shares = createRunShares(deps, worker);
  const runs = createImportRuns({ database, openJob: () => app.importJob({ notice: say }) });
  let worked = 0;
  const items = takeItems(
    { url, fleetId, slots },
    async (item) => {
      await shares.work(item);
      worked++;
    },
    (isUp, reason) =>
      say(isUp ? 'Redis is connected: taking work.' : `Redis is away: ${reason}. Waiting for it.`),
  );

  const dead = createDeadRunWatch(database);
  let wasAway = false;
  const upkeep = async (): Promise<void> => {
    await signOn(database.pool, sign);
    if (wasAway) say('The database is back.');
    wasAway = false;
    await adoptDeadRuns(dead, runs, (runId) =>
      say(`Going on with run ${runId}: its process was stopped or had died.`),
    );
  };
  const loop = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await upkeep().catch((error: unknown) => {
        if (!wasAway) say(toStorageError('look after the runs', error).message);
        wasAway = true;
      });
      await delay(LOOK_MS, undefined, { signal: stop.signal }).catch(() => {});
    }
  };
  const looping = loop();

  return {
    async stop() {
      stop.abort();
      await signOff(database.pool, worker).catch(() => {});
      await shares.close(new ServiceStopped());
      await Promise.all([items.close(), runs.stop(), looping]);
      return worked;
    },
  };
}
