import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { AppError } from '../../errors.ts';
import { createWayClearer } from './clear-way.ts';
import { createCluster } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import { tryConnect } from './connect.ts';
import { leave } from './leave.ts';
import { logFile, startServer } from './server.ts';
import type { StartingServer } from './server.ts';
import { holdShared } from './use-lock.ts';

export interface HoldOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onNotice?: ((line: string) => void) | undefined;
}

const silenceMs = 60_000;
const noticeMs = 3000;
const failuresAtMost = 3;

/**
 * A session that holds the server as in use, starting the server when none runs. Waits as long as a running one
 * says that it recovers. Safe from any number of processes at once, whichever of them dies at any point.
 * @throws AppError STORAGE_FAILED when the server does not come up; the signal's reason when it aborts.
 */
export async function holdServer(cluster: Cluster, { signal, onNotice }: HoldOptions): Promise<pg.Client> {
  await createCluster(cluster);
  const wayIsClear = createWayClearer(cluster);
  let own: StartingServer | undefined;
  let failures = 0;
  let heardAt = performance.now();
  let noticeAt = heardAt + noticeMs;
  for (let pauseMs = 5; ; pauseMs = Math.min(pauseMs * 1.3, 200)) {
    if (signal?.aborted) {
      await abandon(cluster, own);
      throw signal.reason;
    }
    const attempt = await tryConnect(cluster);
    if (attempt.state === 'ready') {
      if (await holdShared(attempt.client).catch(() => false)) return attempt.client;
      // Somebody is stopping it.
      await attempt.client.end().catch(() => {});
    } else if (attempt.state === 'busy') {
      heardAt = performance.now();
    } else if (attempt.state === 'absent' && (!own || own.ended !== undefined) && (await wayIsClear())) {
      if (own?.ended && !own.ended.outrun) failures += 1;
      if (failures === failuresAtMost) throw neverCameUp(cluster, own?.ended?.said);
      own = await startServer(cluster);
    }
    if (performance.now() - heardAt > silenceMs)
      throw neverCameUp(cluster, `no answer in ${silenceMs / 1000} s`);
    if (performance.now() > noticeAt) {
      onNotice?.(
        'Waiting for the embedded PostgreSQL: it is starting, recovering from a crash, or stopping.',
      );
      noticeAt = Infinity;
    }
    await delay(pauseMs);
  }
}

/** What was started for nobody goes down again, unless others use it by now. */
async function abandon(cluster: Cluster, own: StartingServer | undefined): Promise<void> {
  if (!own || own.ended !== undefined) return;
  const attempt = await tryConnect(cluster);
  if (attempt.state === 'ready') await leave(cluster, attempt.client);
  else own.abandon();
}

const neverCameUp = (cluster: Cluster, said: string | undefined): AppError =>
  new AppError(
    'STORAGE_FAILED',
    `The embedded PostgreSQL in ${cluster.folder} did not come up: ${said || 'it said nothing'}\n` +
      `Its log is ${logFile(cluster)}. Or set DATABASE_URL to a server of your own.`,
  );
