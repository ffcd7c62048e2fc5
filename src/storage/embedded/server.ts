import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { dataDirectoryArgument, giveToOwner, lastLines } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import { findKeepUp } from './keep-up.ts';
import { isServerProcess } from './server-processes.ts';
import { readPostmaster } from './lock-files.ts';
import { cleanEnvironment, identity } from './run-program.ts';

export const socketPort = 5432;
const logBytes = 10_000_000;
const stopWaitMs = 60_000;

/** A server on its way up. */
export interface StartingServer {
  /** Set when it has ended: what it said last, and whether that was that another server is there. */
  ended: { readonly said: string; readonly outrun: boolean } | undefined;
  /** Ends it again while it starts. */
  abandon(): void;
}

/**
 * Starts a server of the cluster's own. Of several started at once PostgreSQL lets one live.
 * It is no part of the terminal's process group: Ctrl-C does not reach it.
 */
export async function startServer(cluster: Cluster): Promise<StartingServer> {
  const program = path.join(await cluster.binaries.ready(cluster.runAs), 'postgres');
  const output = await openLog(cluster);
  const from = (await output.stat()).size;
  const server: StartingServer = { ended: undefined, abandon: () => child.kill('SIGINT') };
  const child = spawn(program, ['-D', dataDirectoryArgument(cluster.folder), ...settings(cluster)], {
    cwd: cluster.folder,
    env: cleanEnvironment,
    detached: true,
    stdio: ['ignore', output.fd, output.fd],
    ...identity(cluster.runAs),
  });
  child.unref();
  child.once('error', (error) => (server.ended = { said: error.message, outrun: false }));
  child.once('exit', async () => {
    const log = await readFile(logFile(cluster)).catch(() => Buffer.alloc(0));
    const lines = log.subarray(from).toString('utf8').split('\n');
    // Other servers started at the same time write there too.
    const said = lastLines(lines.filter((line) => line.includes(` [${child.pid}] `)).join('\n'));
    server.ended = { said, outrun: /lock file "|pre-existing shared memory/.test(said) };
  });
  await output.close();
  return server;
}

/** Stops it at once, ending what is connected; safe for the data. False when it is still there after a minute. */
export async function stopServer(cluster: Cluster): Promise<boolean> {
  const pid = readPostmaster(cluster.folder)?.pid;
  if (pid === undefined || !(await isServerProcess(pid, cluster.folder))) return true;
  process.kill(pid, 'SIGINT');
  const until = performance.now() + stopWaitMs;
  while (performance.now() < until) {
    if (!(await isServerProcess(pid, cluster.folder))) return true;
    await delay(10);
  }
  return false;
}

export const logFile = (cluster: Cluster): string => path.join(cluster.home, 'server.log');

function settings(cluster: Cluster): string[] {
  const listen = findKeepUp(cluster)?.listen;
  const values = {
    listen_addresses: listen?.host ?? '',
    port: listen?.port ?? socketPort,
    unix_socket_directories: '.',
    unix_socket_permissions: '0700',
    max_connections: 100,
    shared_buffers: '128MB',
    max_wal_size: '2GB',
    checkpoint_timeout: '15min',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // Clients are told of their errors; a log of them would grow, and hold what they sent.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_checkpoints: 'off',
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

async function openLog(cluster: Cluster): Promise<Awaited<ReturnType<typeof open>>> {
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;
  const log = await open(logFile(cluster), flags, 0o600);
  await giveToOwner(cluster, logFile(cluster));
  if ((await log.stat()).size > logBytes) await log.truncate(0);
  return log;
}
