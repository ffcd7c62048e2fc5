import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'pg';
import { escapeLiteral } from 'pg';
import { AppError, usageError } from '../../errors.ts';
import { createCluster, findCluster, userName } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import { tryConnect } from './connect.ts';
import { databaseUrl } from './database-url.ts';
import { holdServer } from './hold.ts';
import type { HoldOptions } from './hold.ts';
import { ensurePassword, findKeepUp, removeKeepUp, writeKeepUp } from './keep-up.ts';
import type { KeepUp, ListenAddress } from './keep-up.ts';
import { leave } from './leave.ts';
import { readPostmaster } from './lock-files.ts';
import { stopServer } from './server.ts';
import { removeSocketLink } from './socket-folder.ts';
import { holdExclusive, listSessions } from './use-lock.ts';

const patienceMs = 10_000;

/** The embedded server's URL, and whether it runs, and stays when nobody uses it. */
export async function describeEmbedded(options: {
  readonly dataDir: string;
}): Promise<{ url: string; running: boolean; keptUp: boolean }> {
  const cluster = await findCluster(options);
  const attempt = await tryConnect(cluster);
  if (attempt.state === 'ready') await attempt.client.end();
  return {
    url: await databaseUrl(cluster),
    running: attempt.state !== 'absent',
    keptUp: findKeepUp(cluster) !== undefined,
  };
}

/**
 * Starts the embedded server so that it stays when nobody uses it, and returns its URL.
 * With `listen` it takes TCP connections there too, by password.
 * @throws AppError CONFIG_INVALID when it runs already without listening there.
 */
export async function startEmbedded(
  options: { readonly dataDir: string; readonly listen?: ListenAddress | undefined } & HoldOptions,
): Promise<string> {
  const cluster = await findCluster(options);
  await createCluster(cluster);
  const before = findKeepUp(cluster);
  const listen = options.listen ?? before?.listen;
  // A server reads it when it starts.
  await writeKeepUp(cluster, { listen });
  try {
    const client = await holdServer(cluster, options);
    try {
      if (listen) await admitByPassword(cluster, client, listen);
      return await databaseUrl(cluster);
    } finally {
      await leave(cluster, client);
    }
  } catch (error) {
    await restore(cluster, before);
    throw error;
  }
}

/**
 * Stops the embedded server; false when none runs. What it holds is safe.
 * @throws AppError CONFIG_INVALID when somebody is connected, unless `force`.
 */
export async function stopEmbedded(options: {
  readonly dataDir: string;
  readonly force: boolean;
}): Promise<boolean> {
  const cluster = await findCluster(options);
  const client = await connectForStop(cluster);
  try {
    if (client && !options.force) {
      const locked = await holdExclusive(client);
      const sessions = await listSessions(client);
      if (!locked || sessions.length > 0) {
        throw usageError(
          `The embedded PostgreSQL is in use: ${sessions.join(', ') || 'another process is starting or stopping it'}. ` +
            'Let them finish, or end their connections with: tickstock db stop --force',
        );
      }
    }
    await removeKeepUp(cluster);
    await removeSocketLink(cluster.folder);
    const running = readPostmaster(cluster.folder) !== undefined;
    if (await stopServer(cluster)) return client !== undefined || running;
    throw new AppError(
      'STORAGE_FAILED',
      `The embedded PostgreSQL in ${cluster.folder} does not stop; it is told to.`,
    );
  } finally {
    await client?.end().catch(() => {});
  }
}

/** Undefined when nobody listens, or the server does not answer. */
async function connectForStop(cluster: Cluster): Promise<Client | undefined> {
  const until = performance.now() + patienceMs;
  for (;;) {
    const attempt = await tryConnect(cluster);
    if (attempt.state === 'ready') return attempt.client;
    if (attempt.state === 'absent' || performance.now() > until) return undefined;
    await delay(100);
  }
}

async function admitByPassword(cluster: Cluster, client: Client, listen: ListenAddress): Promise<void> {
  const server = readPostmaster(cluster.folder);
  if (server?.listenAddress !== listen.host || server.port !== listen.port) {
    throw usageError(
      `The embedded PostgreSQL runs already, without listening on ${listen.host}:${listen.port}. ` +
        'Stop it first: tickstock db stop',
    );
  }
  const password = await ensurePassword(cluster);
  await client.query(`ALTER ROLE ${userName} PASSWORD ${escapeLiteral(password)}`);
}

const restore = (cluster: Cluster, before: KeepUp | undefined): Promise<void> =>
  before ? writeKeepUp(cluster, before) : removeKeepUp(cluster);
