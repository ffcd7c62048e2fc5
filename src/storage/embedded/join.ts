import type pg from 'pg';
import { findCluster } from './cluster.ts';
import { connectionTo } from './connect.ts';
import type { EmbeddedConnection } from './connect.ts';
import { databaseUrl } from './database-url.ts';
import { holdServer } from './hold.ts';
import type { HoldOptions } from './hold.ts';
import { leave } from './leave.ts';

/** The embedded PostgreSQL, up as long as this is held. */
export interface EmbeddedDatabase {
  /** For pg.Client and pg.Pool. */
  readonly connection: EmbeddedConnection;
  /** For psql and other programs on this machine; holds the password where the server listens on TCP. */
  readonly url: string;
  /** Lets go; the last one to leave stops the server. Never throws. End your connections first. */
  release(): Promise<void>;
}

/**
 * Joins the embedded PostgreSQL under `dataDir`, creating and starting it as needed. When the server dies while
 * held, it is started again in the background; connections made until then are lost.
 * @throws AppError CONFIG_INVALID when none can run here, STORAGE_FAILED when it does not come up; the signal's reason.
 */
export async function joinEmbedded(
  options: { readonly dataDir: string; readonly binDir?: string | undefined } & HoldOptions,
): Promise<EmbeddedDatabase> {
  const cluster = await findCluster(options);
  const notice = options.onNotice ?? (() => {});
  let released = false;
  let holder: Promise<pg.Client | undefined>;

  const rejoinWhenLost = (client: pg.Client): pg.Client => {
    let stopped = false;
    client.on('error', (error: Error & { code?: string }) => {
      // A server that lost its postmaster reports the same code, but no command.
      if (error.code === '57P01' && error.message.endsWith('command')) stopped = true;
    });
    client.once('end', () => {
      if (released || stopped) return;
      notice('The embedded PostgreSQL went away; starting it again.');
      holder = holdServer(cluster, { onNotice: options.onNotice }).then(rejoinWhenLost, (error: Error) => {
        notice(error.message);
        return undefined;
      });
    });
    return client;
  };

  const first = rejoinWhenLost(await holdServer(cluster, options));
  holder = Promise.resolve(first);
  return {
    connection: await connectionTo(cluster),
    url: await databaseUrl(cluster),
    async release() {
      if (released) return;
      released = true;
      const client = await holder;
      if (client === undefined) return;
      // A session that is gone has let go already.
      const done = await leave(cluster, client).catch(() => true);
      if (!done) notice(`The embedded PostgreSQL in ${cluster.folder} is slow to stop.`);
    },
  };
}
