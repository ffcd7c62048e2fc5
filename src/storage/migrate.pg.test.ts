import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import pg from 'pg';
import { type TestDatabase, emptyTestDatabase } from '../../test/support/postgres.ts';
import { thrownBy } from '../../test/support/thrown-by.ts';
import { migrate, migrationsTableSql, readMigrations, schemaVersion } from './migrate.ts';

let database: TestDatabase;
let clients: pg.Client[];
beforeEach(async () => {
  database = await emptyTestDatabase();
  clients = [];
});
afterEach(async () => {
  for (const client of clients) await client.end();
  await database.drop();
});

const names = readMigrations().map(({ name }) => name);

async function connect(): Promise<pg.Client> {
  const client = new pg.Client(database.connection);
  await client.connect();
  clients.push(client);
  return client;
}

/** Names of everything that has columns, by schema. */
async function relations(schema = 'public'): Promise<string[]> {
  const { rows } = await database.pool.query<{ relname: string }>(
    `SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
      WHERE nspname = $1 AND relkind IN ('r', 'v') ORDER BY relname COLLATE "C"`,
    [schema],
  );
  return rows.map(({ relname }) => relname);
}

describe('migrating', () => {
  it.each(['read committed', 'serializable'])(
    'by many processes at once on an empty database makes one complete schema (%s)',
    async (isolation) => {
      await database.pool.query(
        `ALTER DATABASE ${database.connection.database} SET default_transaction_isolation = '${isolation}'`,
      );
      const together = await Promise.all(Array.from({ length: 6 }, connect));
      const applied = await Promise.all(together.map((client) => migrate(client, { schema: 'public' })));
      expect(applied.flat().toSorted()).toEqual(names.toSorted());
      const { rows } = await database.pool.query(
        'SELECT version, name FROM schema_migrations ORDER BY version',
      );
      expect(rows).toEqual(readMigrations().map(({ version, name }) => ({ version, name })));
      expect(await relations()).toEqual(
        expect.arrayContaining(['bars_daily', 'ohlcv_monthly', 'processing_runs', 'universe_members']),
      );
      expect(await schemaVersion(database.pool, 'public')).toBe(readMigrations().at(-1)?.version);
    },
  );

  it('again applies nothing', async () => {
    const client = await connect();
    expect(await migrate(client, { schema: 'public' })).toEqual(names);
    expect(await migrate(client, { schema: 'public' })).toEqual([]);
  });

  it('goes on from the version a database stands at', async () => {
    const client = await connect();
    await client.query(`${migrationsTableSql}; ${readMigrations()[0]?.sql}`);
    await client.query(`INSERT INTO schema_migrations (version, name) VALUES (1, 'import')`);
    expect(await migrate(client, { schema: 'public' })).toEqual(names.slice(1));
    expect(await relations()).toContain('universes');
  });

  it('that fails in its middle leaves nothing behind', async () => {
    const client = await connect();
    await client.query(
      'CREATE AGGREGATE tickstock_product(double precision) (SFUNC = float8pl, STYPE = double precision)',
    );
    expect(await thrownBy(() => migrate(client, { schema: 'public' }))).toBeInstanceOf(Error);
    expect(await relations()).toEqual([]);
    await client.query('DROP AGGREGATE tickstock_product(double precision)');
    expect(await migrate(client, { schema: 'public' })).toEqual(names);
  });

  it('is refused by a program older than the schema', async () => {
    const client = await connect();
    await migrate(client, { schema: 'public' });
    await client.query("INSERT INTO schema_migrations (version, name) VALUES (9999, 'future')");
    expect(await thrownBy(() => migrate(client, { schema: 'public' }))).toMatchObject({
      code: 'CONFIG_INVALID',
      message: `The database's schema "public" is at version 9999, this program knows ${readMigrations().at(-1)?.version}: a newer tickstock has used it. Upgrade this one.`,
    });
  });
});

describe("a schema that holds the platform's own relations", () => {
  it('is left as it is: they are listed with the ways out', async () => {
    const client = await connect();
    await client.query(`
      CREATE TABLE processing_runs (id integer);
      CREATE VIEW ohlcv_daily AS SELECT 1 AS close;
      CREATE MATERIALIZED VIEW splits AS SELECT 1 AS ratio;
      CREATE TABLE orders (id integer)`);
    const before = await relations();
    expect(await thrownBy(() => migrate(client, { schema: 'public' }))).toMatchObject({
      code: 'CONFIG_INVALID',
      message:
        'Schema "public" already holds ohlcv_daily, processing_runs, splits, not made by tickstock; nothing was changed. ' +
        'Set another schema (data_import.storage.schema), give tickstock a database of its own, or rename those relations.',
    });
    expect(await relations()).toEqual(before);
    expect(await schemaVersion(client, 'public')).toBe(0);
  });

  it("is not taken for ours because of another tool's schema_migrations", async () => {
    const client = await connect();
    await client.query(`
      CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL);
      INSERT INTO schema_migrations VALUES (1, false)`);
    expect(await schemaVersion(client, 'public')).toBe(0);
    expect(await thrownBy(() => migrate(client, { schema: 'public' }))).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('already holds schema_migrations, not made by tickstock'),
    });
    expect(await relations()).toEqual(['schema_migrations']);
  });

  it('does not hinder another schema beside it', async () => {
    const client = await connect();
    await client.query('CREATE TABLE ohlcv_daily (close numeric)');
    expect(await migrate(client, { schema: 'tickstock' })).toEqual(names);
    expect(await relations()).toEqual(['ohlcv_daily']);
    expect(await relations('tickstock')).toContain('ohlcv_daily');
  });
});

describe('another schema', () => {
  it('with a name that needs quoting serves unqualified queries through the search path', async () => {
    const schema = 'Tick "stock"; data';
    const client = await connect();
    await migrate(client, { schema });
    expect(await relations()).toEqual([]);
    await client.query(`SET search_path TO ${pg.escapeIdentifier(schema)}`);
    await client.query(`
      INSERT INTO bars_daily VALUES ('AAPL', '2014-06-06', 1, 1, 1, 1, 1, 1, 1, true);
      INSERT INTO splits VALUES ('AAPL', '2014-06-09', 1, 7)`);
    for (const view of ['ohlcv_daily', 'ohlcv_weekly', 'ohlcv_monthly']) {
      const { rows } = await client.query(`SELECT close, volume FROM ${view}`);
      expect(rows).toEqual([{ close: 1 / 7, volume: 7 }]);
    }
    await client.query('SET search_path TO public');
    const qualified = await client.query(`SELECT close FROM ${pg.escapeIdentifier(schema)}.ohlcv_daily`);
    expect(qualified.rows).toEqual([{ close: 1 / 7 }]);
  });

  it('that exists already needs no right to create schemas', async () => {
    const client = await connect();
    const role = `limited_${process.pid}`;
    await client.query(`CREATE ROLE ${role}; CREATE SCHEMA theirs AUTHORIZATION ${role}; SET ROLE ${role}`);
    try {
      expect(await migrate(client, { schema: 'theirs' })).toEqual(names);
    } finally {
      await client.query(`RESET ROLE; DROP OWNED BY ${role}; DROP ROLE ${role}`);
    }
  });
});
