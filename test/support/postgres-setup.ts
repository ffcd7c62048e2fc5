import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import type { ClientConfig } from 'pg';
import type { TestProject } from 'vitest/node';
import { joinEmbedded } from '../../src/storage/embedded/join.ts';
import { migrate } from '../../src/storage/migrate.ts';

/** What tests get to know of the run's own server; its socket lies in `host`. */
export interface TestServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** A database to give orders from. */
  readonly database: string;
  /** A migrated database to copy; nobody connects to it. */
  readonly template: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    postgres: TestServer;
  }
}

/** Runs a PostgreSQL of this test run's own, removed at its end. TICKSTOCK_TEST_PG_BINDIR chooses another version. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'tickstock-test-'));
  const removeData = (): Promise<void> => rm(dataDir, { recursive: true, force: true });
  try {
    const binDir = process.env['TICKSTOCK_TEST_PG_BINDIR'];
    // PostgreSQL 15 and older walk the whole path to their data, as the user root hands them to.
    if (binDir !== undefined && process.getuid?.() === 0) await chown(dataDir, 65_534, 65_534);
    const server = await joinEmbedded({ dataDir, binDir });
    const stop = async (): Promise<void> => {
      await server.release();
      await removeData();
    };
    try {
      const { host, port, user, database } = server.connection;
      const template = 'tickstock_template';
      const admin = { host, port, user, database };
      await forgoDurability(admin);
      await createTemplate(admin, template);
      project.provide('postgres', { host, port, user, database, template });
      return stop;
    } catch (error) {
      await stop();
      throw error;
    }
  } catch (error) {
    await removeData();
    throw error;
  }
}

/** What this server holds need not outlive the machine: that is tested where servers are killed, on others. */
async function forgoDurability(admin: ClientConfig): Promise<void> {
  await withClient(admin, async (client) => {
    for (const setting of ['fsync', 'full_page_writes', 'synchronous_commit'])
      await client.query(`ALTER SYSTEM SET ${setting} TO off`);
    await client.query('SELECT pg_reload_conf()');
  });
}

async function createTemplate(admin: ClientConfig, name: string): Promise<void> {
  await withClient(admin, (client) => client.query(`CREATE DATABASE ${name}`));
  await withClient({ ...admin, database: name }, (client) => migrate(client, { schema: 'public' }));
}

async function withClient(config: ClientConfig, work: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({ ...config, ssl: false });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
