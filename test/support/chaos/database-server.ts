import { spawn } from 'node:child_process';
import { chownSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { Client, type ClientConfig } from 'pg';
import {
  createCluster,
  dataDirectoryArgument,
  databaseName,
  findCluster,
  userName,
} from '../../../src/storage/embedded/cluster.ts';
import { cleanEnvironment, identity } from '../../../src/storage/embedded/run-program.ts';
import { type SmallDisk, mountSmallDisk } from './small-disk.ts';
import { type Supervised, supervise } from './supervise.ts';
import { waitUntil } from './wait-until.ts';

/** A PostgreSQL of its own that can be ended in every way, and comes back. */
export interface DatabaseServer {
  /** Its socket, for proxies. */
  readonly socket: string;
  /** To go around all proxies. */
  readonly connection: ClientConfig;
  readonly program: Supervised;
  /** Null where no small disk could be mounted below it. */
  readonly disk: SmallDisk | null;
  /** One question over a connection of its own. Rejects while the server is away. */
  ask<T extends object>(sql: string, database?: string): Promise<T[]>;
  /** Resolves when it takes connections. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

const PORT = 5432;
const READY_PATIENCE_MS = 60_000;
/** PostgreSQL does not start as long as a backend of a killed postmaster lives. */
const AGAIN_MS = 200;

const settings = {
  listen_addresses: '',
  port: PORT,
  unix_socket_directories: '.',
  unix_socket_permissions: '0700',
  max_connections: 100,
  shared_buffers: '64MB',
  // Small, so that restarts and full disks meet checkpoints and new segments.
  max_wal_size: '128MB',
  fsync: 'on',
  timezone: 'UTC',
  log_checkpoints: 'off',
};

/** Makes a cluster below `folder` and starts its server; as root it runs as nobody. */
export async function startDatabaseServer(folder: string): Promise<DatabaseServer> {
  const dataDir = path.join(folder, 'database');
  mkdirSync(dataDir);
  const disk = mountSmallDisk(dataDir);
  if (process.getuid?.() === 0) chownSync(dataDir, 65_534, 65_534);
  const cluster = await findCluster({ dataDir });
  await createCluster(cluster);
  const binDir = await cluster.binaries.ready(cluster.runAs);
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const program = supervise({
    name: 'PostgreSQL',
    start: () =>
      spawn(path.join(binDir, 'postgres'), ['-D', dataDirectoryArgument(cluster.folder), ...args], {
        cwd: cluster.folder,
        env: cleanEnvironment,
        stdio: ['ignore', 'pipe', 'pipe'],
        ...identity(cluster.runAs),
      }),
    backAfter: () => AGAIN_MS,
  });
  const connection = { host: cluster.folder, port: PORT, user: userName, database: databaseName };
  const ask = async <T extends object>(sql: string, database = databaseName): Promise<T[]> => {
    const client = new Client({ ...connection, database });
    client.on('error', () => {});
    await client.connect();
    try {
      return (await client.query<T>(sql)).rows;
    } finally {
      await client.end().catch(() => {});
    }
  };
  const server: DatabaseServer = {
    socket: path.join(cluster.folder, `.s.PGSQL.${PORT}`),
    connection,
    program,
    disk,
    ask,
    async ready() {
      const isUp = await waitUntil(
        () =>
          ask('SELECT 1').then(
            () => true,
            () => null,
          ),
        READY_PATIENCE_MS,
      );
      if (isUp === null)
        throw new Error(`PostgreSQL did not come up:\n${program.lines.slice(-10).join('\n')}`);
    },
    async close() {
      disk?.free();
      await program.stop('SIGINT');
      disk?.unmount();
    },
  };
  await server.ready();
  return server;
}

/** Kills one backend that serves the program; false when there is none. */
export async function killBackend({ ask }: DatabaseServer, database: string): Promise<boolean> {
  const [backend] = await ask<{ pid: number }>(
    `SELECT pid FROM pg_stat_activity WHERE datname = '${database}' AND application_name = 'tickstock'
      ORDER BY state = 'active' DESC, state_change DESC LIMIT 1`,
  );
  if (backend === undefined) return false;
  process.kill(backend.pid, 'SIGKILL');
  return true;
}
