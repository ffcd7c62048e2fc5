import type pg from 'pg';
import type { Cluster } from './cluster.ts';
import { findKeepUp } from './keep-up.ts';
import { stopServer } from './server.ts';
import { removeSocketLink } from './socket-folder.ts';
import { holdExclusive, letGoShared } from './use-lock.ts';

/**
 * Lets the server go and ends the session; whoever finds nobody else there stops it, unless `db start` wants it
 * to stay. False when it should have stopped and did not.
 */
export async function leave(cluster: Cluster, client: pg.Client): Promise<boolean> {
  try {
    await letGoShared(client);
    // Read under the lock: `db start` writes its wish while it uses the server.
    if (!(await holdExclusive(client)) || findKeepUp(cluster)) return true;
    await removeSocketLink(cluster.folder);
    return await stopServer(cluster);
  } finally {
    await client.end().catch(() => {});
  }
}
