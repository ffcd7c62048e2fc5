import type pg from 'pg';
import type { Database } from './database.ts';

const RECONNECT_MS = 1000;

/**
 * Calls `onNotice` whenever something is notified on a channel, and after each time the connection came back, since
 * something may have been missed. Holds one connection until `signal` aborts; resolves then.
 */
export async function listenFor(
  { pool }: Pick<Database, 'pool'>,
  channel: string,
  onNotice: () => void,
  sleep: (ms: number, signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    let client: pg.PoolClient | undefined;
    try {
      client = await pool.connect();
      client.on('notification', onNotice);
      await client.query(`LISTEN ${channel}`);
      onNotice();
      await lost(client, signal);
    } catch {
      // Tried again below: whoever uses the database says what is wrong with it.
    } finally {
      client?.removeListener('notification', onNotice);
      client?.release(true);
    }
    await sleep(RECONNECT_MS, signal).catch(() => {});
  }
}

/** Resolves when the connection is lost or the signal aborts. */
function lost(client: pg.PoolClient, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      client.removeListener('error', done);
      client.removeListener('end', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    client.once('error', done);
    client.once('end', done);
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted) done();
  });
}
