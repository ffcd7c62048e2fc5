import type { ClientBase } from 'pg';
import { escapeIdentifier, escapeLiteral } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { AppError } from '../errors.ts';
import { migrationsTableSql, readMigrations, schemaVersion } from './migrate.ts';

interface Table {
  readonly name: string;
  readonly columns: readonly string[];
}

/** How values are written, in the backup and again when it is read. */
const format =
  "SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL timezone = 'UTC'; SET LOCAL client_encoding = 'UTF8';\n";

/**
 * The whole of `schema`, as one moment saw it, as an SQL script in pieces: `psql -v ON_ERROR_STOP=1 -f FILE` into an
 * empty database brings it back. The migrations make the tables, COPY fills them, all in one transaction.
 * @throws AppError CONFIG_INVALID when the schema is another version's.
 */
export async function* backupScript(
  client: ClientBase,
  { schema }: { schema: string },
): AsyncGenerator<string | Buffer> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  try {
    await client.query(`${format}SET LOCAL search_path TO ${escapeIdentifier(schema)}`);
    const version = await schemaVersion(client, schema);
    const migrations = readMigrations();
    if (!migrations.some((migration) => migration.version === version)) {
      throw new AppError(
        'CONFIG_INVALID',
        `The database's schema "${schema}" is at version ${version}, which this tickstock does not know. Use the one that wrote it.`,
      );
    }
    const applied = migrations.filter((migration) => migration.version <= version);
    const tables = await listTables(client, schema, applied.map(({ sql }) => sql).join('\n'));

    yield `-- TickStock backup, schema version ${version}. Restore into an empty database:\n`;
    yield '--   psql -v ON_ERROR_STOP=1 -f FILE DATABASE_URL\n';
    yield `BEGIN;\n${format}SET LOCAL check_function_bodies = off;\n`;
    yield `CREATE SCHEMA IF NOT EXISTS ${escapeIdentifier(schema)};\nSET LOCAL search_path TO ${escapeIdentifier(schema)};\n`;
    yield `${migrationsTableSql};\n`;
    for (const { sql } of applied) yield `${sql}\n`;
    // Rows a migration itself writes would meet their copies.
    yield `TRUNCATE ${tables.map(({ name }) => escapeIdentifier(name)).join(', ')};\n`;
    for (const table of tables) yield* copyTable(client, table);
    yield* sequenceValues(client, schema, tables);
    yield 'COMMIT;\nANALYZE;\n';
  } finally {
    await client.query('ROLLBACK').catch(() => {});
  }
}

async function* copyTable(client: ClientBase, { name, columns }: Table): AsyncGenerator<string | Buffer> {
  const what = `${escapeIdentifier(name)} (${columns.map((column) => escapeIdentifier(column)).join(', ')})`;
  yield `COPY ${what} FROM stdin;\n`;
  for await (const chunk of client.query(copyTo(`COPY ${what} TO STDOUT`))) yield chunk as Buffer;
  yield '\\.\n';
}

/** The tables the migrations made, those referred to before those that refer; others in the schema are not ours. */
async function listTables(client: ClientBase, schema: string, sql: string): Promise<Table[]> {
  const created = [...sql.matchAll(/^CREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?(\w+)/gm)].map(
    (match) => match[1],
  );
  const found = await client.query<Table>(
    `SELECT c.relname AS name, array_agg(a.attname::text ORDER BY a.attnum) AS columns
       FROM unnest($2::text[]) WITH ORDINALITY AS ours (name, n)
       JOIN pg_class c ON c.relname = ours.name AND c.relnamespace = $1::regnamespace AND c.relkind IN ('r', 'p')
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
      GROUP BY c.relname, ours.n
      ORDER BY ours.n`,
    [escapeIdentifier(schema), ['schema_migrations', ...created]],
  );
  return found.rows;
}

/** Counters go on where they were. */
async function* sequenceValues(
  client: ClientBase,
  schema: string,
  tables: readonly Table[],
): AsyncGenerator<string> {
  const found = await client.query<{ name: string }>(
    `SELECT s.relname AS name
       FROM pg_depend d
       JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
       JOIN pg_class t ON t.oid = d.refobjid AND t.relnamespace = $1::regnamespace
      WHERE d.deptype IN ('a', 'i') AND t.relname = ANY($2)
      ORDER BY name`,
    [escapeIdentifier(schema), tables.map(({ name }) => name)],
  );
  for (const { name } of found.rows) {
    const sequence = `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`;
    const state = await client.query<{ last_value: string; is_called: boolean }>(
      `SELECT last_value, is_called FROM ${sequence}`,
    );
    for (const { last_value: last, is_called: called } of state.rows) {
      yield `SELECT setval(${escapeLiteral(sequence)}, ${last}, ${called});\n`;
    }
  }
}
