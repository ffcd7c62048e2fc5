import { randomBytes } from 'node:crypto';
import { Client, Pool } from 'pg';
import { inject } from 'vitest';

/** A database of a test file's own. */
export interface TestDatabase {
  readonly connection: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly database: string;
    readonly ssl: false;
  };
  /** The same as a DATABASE_URL. */
  readonly url: string;
  /** Connects at first use. */
  readonly pool: Pool;
  /** Ends the pool and whatever else is connected, and removes the database. */
  drop(): Promise<void>;
}

/** A new database with every migration applied. */
export const createTestDatabase = (): Promise<TestDatabase> => copyOf(inject('postgres').template);

/** A new database with nothing in it. */
export const emptyTestDatabase = (): Promise<TestDatabase> => copyOf('template0');

async function copyOf(template: string): Promise<TestDatabase> {
  const { host, port, user } = inject('postgres');
  const database = `test_${randomBytes(6).toString('hex')}`;
  await order(`CREATE DATABASE ${database} TEMPLATE ${template}`);
  const connection = { host, port, user, database, ssl: false } as const;
  const pool = new Pool({ ...connection, max: 4 });
  pool.on('error', () => {});
  return {
    connection,
    url: `postgresql:///${database}?host=${encodeURIComponent(host)}&port=${port}&user=${user}`,
    pool,
    async drop() {
      await pool.end();
      await order(`DROP DATABASE ${database} WITH (FORCE)`);
    },
  };
}

async function order(sql: string): Promise<void> {
  const { host, port, user, database } = inject('postgres');
  const client = new Client({ host, port, user, database, ssl: false });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
