import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { AppError } from '../errors.ts';

export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

/** Makes the table that remembers which migrations were applied; a backup makes it the same way. */
export const migrationsTableSql =
  'CREATE TABLE schema_migrations (version integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())';

/** The shipped migrations in order; the last one's version is the schema this program knows. */
export function readMigrations(): Migration[] {
  const folder = fileURLToPath(new URL('../../migrations/', import.meta.url));
  return readdirSync(folder)
    .filter((file) => /^\d{4}_\w+\.sql$/.test(file))
    .toSorted()
    .map((file) => ({
      version: Number(file.slice(0, 4)),
      name: file.slice(5, -4),
      sql: readFileSync(`${folder}${file}`, 'utf8'),
    }));
}

/**
 * Brings `schema` up to this program's version, one transaction a migration. Safe when several
 * processes do it at once: each takes its turn under an advisory lock.
 * Returns the names applied.
 * @throws AppError CONFIG_INVALID when the schema is newer than this program, or when the first
 * migration would meet relations that are not ours; nothing is changed then.
 */
export async function migrate(client: pg.ClientBase, options: { schema: string }): Promise<string[]> {
  const applied: string[] = [];
  const migrations = readMigrations();
  for (;;) {
    // Whoever waited for the lock must see what its holder committed.
    await client.query('BEGIN ISOLATION LEVEL READ COMMITTED');
    try {
      await client.query("SELECT pg_advisory_xact_lock(hashtext('tickstock migrate'), hashtext($1))", [
        options.schema,
      ]);
      const next = await nextMigration(client, options.schema, migrations);
      if (next === undefined) {
        await client.query('ROLLBACK');
        return applied;
      }
      await createSchema(client, options.schema);
      await client.query(`SET LOCAL search_path TO ${pg.escapeIdentifier(options.schema)}`);
      if (next.version === migrations[0]?.version) {
        await refuseForeignRelations(client, options.schema, migrations);
        await client.query(migrationsTableSql);
      }
      await client.query('INSERT INTO schema_migrations (version, name) VALUES ($1, $2)', [
        next.version,
        next.name,
      ]);
      await client.query(next.sql);
      await client.query('COMMIT');
      applied.push(next.name);
    } catch (error) {
      await client.query('ROLLBACK').catch(() => {});
      throw error;
    }
  }
}

/** The version a schema stands at; 0 when nothing of ours is there. */
export async function schemaVersion(client: pg.ClientBase | pg.Pool, schema: string): Promise<number> {
  const table = `${pg.escapeIdentifier(schema)}.schema_migrations`;
  // Other migration tools name their table so too; its columns tell ours.
  const found = await client.query<{ ours: boolean }>(
    `SELECT count(*) = 3 AS ours FROM pg_attribute
      WHERE attrelid = to_regclass($1) AND attname IN ('version', 'name', 'applied_at')`,
    [table],
  );
  if (!found.rows[0]?.ours) return 0;
  const newest = await client.query<{ version: number }>(
    `SELECT coalesce(max(version), 0) AS version FROM ${table}`,
  );
  return newest.rows[0]?.version ?? 0;
}

/** IF NOT EXISTS alone would ask for the right to create schemas even where there is nothing to create. */
async function createSchema(client: pg.ClientBase, schema: string): Promise<void> {
  const found = await client.query('SELECT FROM pg_namespace WHERE nspname = $1', [schema]);
  if (found.rowCount === 0) await client.query(`CREATE SCHEMA IF NOT EXISTS ${pg.escapeIdentifier(schema)}`);
}

async function nextMigration(
  client: pg.ClientBase,
  schema: string,
  migrations: Migration[],
): Promise<Migration | undefined> {
  const current = await schemaVersion(client, schema);
  const known = migrations.at(-1)?.version ?? 0;
  if (current > known) {
    throw new AppError(
      'CONFIG_INVALID',
      `The database's schema "${schema}" is at version ${current}, this program knows ${known}: a newer tickstock has used it. Upgrade this one.`,
    );
  }
  return migrations.find((migration) => migration.version > current);
}

async function refuseForeignRelations(
  client: pg.ClientBase,
  schema: string,
  migrations: Migration[],
): Promise<void> {
  const created = migrations.flatMap(({ sql }) => [...sql.matchAll(/^CREATE (?:TABLE|VIEW) (\w+)/gm)]);
  const names = ['schema_migrations', ...created.map((match) => match[1])];
  const found = await client.query<{ relname: string }>(
    'SELECT relname FROM pg_class WHERE relnamespace = $1::regnamespace AND relname = ANY($2) ORDER BY relname',
    [pg.escapeIdentifier(schema), names],
  );
  if (found.rows.length > 0) {
    throw new AppError(
      'CONFIG_INVALID',
      `Schema "${schema}" already holds ${found.rows.map((row) => row.relname).join(', ')}, not made by tickstock; nothing was changed. ` +
        'Set another schema (data_import.storage.schema), give tickstock a database of its own, or rename those relations.',
    );
  }
}
