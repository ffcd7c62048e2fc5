import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, createTestDatabase, emptyTestDatabase } from '../../test/support/postgres.ts';
import { thrownBy } from '../../test/support/thrown-by.ts';
import { AppError, usageError } from '../errors.ts';
import { type Database, type DatabaseConfig, openDatabase } from './database.ts';

let created: TestDatabase;
const opened: Database[] = [];
beforeAll(async () => {
  created = await createTestDatabase();
  await created.pool.query('CREATE TABLE notes (note text)');
});
afterEach(async () => {
  for (const database of opened.splice(0)) await database.close();
  await created.pool.query('TRUNCATE notes');
});
afterAll(() => created.drop());

async function open(config: Partial<DatabaseConfig> = {}): Promise<Database> {
  const database = await openDatabase({
    databaseUrl: created.url,
    dataDir: '',
    schema: 'public',
    asOf: undefined,
    ...config,
  });
  opened.push(database);
  return database;
}

async function one(database: Database, select: string): Promise<unknown> {
  return Object.values((await database.pool.query<object>(select)).rows[0] ?? {})[0];
}

const notes = async (): Promise<unknown[]> =>
  (await created.pool.query<object>('SELECT note FROM notes')).rows;

describe('a transaction', () => {
  it('keeps what it did and gives what its work gave', async () => {
    const database = await open();
    const given = await database.transaction('take a note', async (client) => {
      await client.query("INSERT INTO notes VALUES ('kept')");
      return 42;
    });
    expect(given).toBe(42);
    expect(await notes()).toEqual([{ note: 'kept' }]);
  });

  it('undoes everything when its work throws, whose AppError comes out as it is', async () => {
    const database = await open();
    const refusal = usageError('No.');
    const thrown = await thrownBy(() =>
      database.transaction('take a note', async (client) => {
        await client.query("INSERT INTO notes VALUES ('undone')");
        throw refusal;
      }),
    );
    expect(thrown).toBe(refusal);
    expect(await notes()).toEqual([]);
  });

  it('says what was attempted when the database refuses', async () => {
    const database = await open();
    const thrown = await thrownBy(() =>
      database.transaction('take a note', (client) => client.query('SELECT 1 / 0')),
    );
    expect(thrown).toBeInstanceOf(AppError);
    expect(thrown).toMatchObject({
      code: 'STORAGE_FAILED',
      retryable: false,
      message: expect.stringMatching(/^Could not take a note: division by zero\. /),
    });
  });

  it('fails when its work kept an error to itself, since nothing of it was stored', async () => {
    const database = await open();
    const thrown = await thrownBy(() =>
      database.transaction('take a note', async (client) => {
        await client.query("INSERT INTO notes VALUES ('lost')");
        await client.query('SELECT 1 / 0').catch(() => {});
      }),
    );
    expect(thrown).toMatchObject({
      code: 'STORAGE_FAILED',
      message: expect.stringContaining('the transaction had failed before its end'),
    });
    expect(await notes()).toEqual([]);
  });

  it('whose connection is killed can be tried again, on a new one', async () => {
    const database = await open();
    const attempt = (): Promise<unknown> =>
      database.transaction('take a note', async (client) => {
        await client.query("INSERT INTO notes VALUES ('twice tried')");
        if ((await notes()).length === 0 && !killed) {
          killed = true;
          await client.query('SELECT pg_terminate_backend(pg_backend_pid())');
        }
      });
    let killed = false;
    expect(await thrownBy(attempt)).toMatchObject({ code: 'STORAGE_FAILED', retryable: true });
    await attempt();
    expect(await notes()).toEqual([{ note: 'twice tried' }]);
  });

  it('sees what others committed while it waited, whatever isolation the database prefers', async () => {
    const { rows } = await created.pool.query<{ name: string }>('SELECT current_database() AS name');
    await created.pool.query(
      `ALTER DATABASE ${rows[0]?.name} SET default_transaction_isolation = 'serializable'`,
    );
    try {
      const database = await open();
      await database.transaction('count notes', async (client) => {
        await client.query('SELECT FROM notes');
        await created.pool.query("INSERT INTO notes VALUES ('seen')");
        expect((await client.query('SELECT note FROM notes')).rows).toEqual([{ note: 'seen' }]);
      });
    } finally {
      await created.pool.query(`ALTER DATABASE ${rows[0]?.name} RESET default_transaction_isolation`);
    }
  });
});

describe('an open database', () => {
  it('outlives the loss of all its idle connections', async () => {
    const database = await open();
    await database.pool.query('SELECT 1');
    await created.pool.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'tickstock'",
    );
    await expect.poll(() => database.pool.totalCount).toBe(0);
    expect(await one(database, 'SELECT 1')).toBe(1);
  });

  it('reads the given day as today on every connection, else leaves it to the clock', async () => {
    const dated = await open({ asOf: () => '2024-03-11' });
    const setting = "SELECT current_setting('tickstock.as_of', true)";
    expect(await Promise.all([1, 2, 3, 4].map(() => one(dated, setting)))).toEqual(
      Array(4).fill('2024-03-11'),
    );
    expect(await one(await open(), setting)).toBeNull();
  });

  it('asks for the day again with each connection, which live a minute, so that midnight is noticed', async () => {
    let day = '2024-03-11';
    const database = await open({ asOf: () => day });
    expect(database.pool.options.maxLifetimeSeconds).toBe(60);
    const setting = "SELECT current_setting('tickstock.as_of', true)";
    expect(await one(database, setting)).toBe('2024-03-11');
    day = '2024-03-12';
    await database.pool.query('SELECT pg_terminate_backend(pg_backend_pid())').catch(() => {});
    await expect.poll(() => database.pool.totalCount).toBe(0);
    expect(await one(database, setting)).toBe('2024-03-12');
  });

  it("reads and writes dates the same whatever the server's date style", async () => {
    const { rows } = await created.pool.query<{ name: string }>('SELECT current_database() AS name');
    await created.pool.query(`ALTER DATABASE ${rows[0]?.name} SET datestyle = 'SQL, DMY'`);
    try {
      const database = await open();
      expect(await one(database, "SELECT DATE '2024-03-11'::text")).toBe('2024-03-11');
      expect(
        await one(database, "SELECT '2024-03-11T13:30:00.000Z'::timestamptz = '2024-03-11 13:30+00'"),
      ).toBe(true);
    } finally {
      await created.pool.query(`ALTER DATABASE ${rows[0]?.name} RESET datestyle`);
    }
  });

  it('finds its tables in the schema it was given', async () => {
    const database = await open({ schema: 'mine' });
    expect(await one(database, "SELECT to_regclass('bars_daily') = to_regclass('mine.bars_daily')")).toBe(
      true,
    );
    expect(await one(database, 'SELECT count(*)::integer FROM ohlcv_daily')).toBe(0);
  });

  it('is migrated', async () => {
    const empty = await emptyTestDatabase();
    const database = await openDatabase({
      databaseUrl: empty.url,
      dataDir: '',
      schema: 'public',
      asOf: undefined,
    });
    expect(await one(database, 'SELECT count(*)::integer FROM ohlcv_daily')).toBe(0);
    await database.close();
    await empty.drop();
  });
});

describe('a database that cannot be opened', () => {
  it('for want of a server says so, and not the password', async () => {
    const thrown = await thrownBy(() => open({ databaseUrl: 'postgresql://me:secret@127.0.0.1:1/bars' }));
    expect(thrown).toMatchObject({
      code: 'STORAGE_FAILED',
      retryable: true,
      message: expect.stringMatching(
        /^Could not open the database \(DATABASE_URL\): .*ECONNREFUSED 127\.0\.0\.1:1\./,
      ),
    });
    expect(String(thrown)).not.toContain('secret');
  });

  it('because it does not exist is a matter of DATABASE_URL', async () => {
    const databaseUrl = created.url.replace(/\/\/\/\w+/, '///nowhere');
    expect(await thrownBy(() => open({ databaseUrl }))).toMatchObject({
      code: 'CONFIG_INVALID',
      message:
        'Could not open the database (DATABASE_URL): database "nowhere" does not exist. Check DATABASE_URL and the rights of its user.',
    });
  });
});
