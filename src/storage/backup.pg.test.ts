import { finished } from 'node:stream/promises';
import type { ClientBase } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, emptyTestDatabase } from '../../test/support/postgres.ts';
import type { TestDatabase } from '../../test/support/postgres.ts';
import { backupScript } from './backup.ts';
import { migrate } from './migrate.ts';

let source: TestDatabase;
let target: TestDatabase;

beforeEach(async () => {
  source = await createTestDatabase();
  target = await emptyTestDatabase();
});
afterEach(async () => {
  await source.drop();
  await target.drop();
});

const fill = `
  INSERT INTO bars_daily (symbol, session, open, high, low, close, volume, vwap, trades, final)
    SELECT 'S' || g % 50, '2020-01-01'::date + g / 50, g / 3.0, g / 2.9, g / 3.1, sqrt(g), g * 1.1, NULL, NULL, g % 2 = 0
      FROM generate_series(1, 20000) g;
  INSERT INTO splits (symbol, execution_date, split_from, split_to) VALUES ('S1', '2020-02-03', 1, 3);
  INSERT INTO coverage (symbol, timeframe, sessions) VALUES ('S1', 'daily', '{[2020-01-01,2020-03-01)}');
  INSERT INTO symbol_changes (old_symbol, new_symbol, last_session, source) VALUES ('ISIS', 'IONS', '2015-12-21', 'x');
  INSERT INTO bar_source (source) VALUES (E'tab\\t backslash \\\\. line\\n''quote''');
`;

async function scriptOf(database: TestDatabase, onPiece?: (piece: string) => Promise<void>): Promise<string> {
  const client = await database.pool.connect();
  try {
    let script = '';
    for await (const piece of backupScript(client, { schema: 'public' })) {
      script += piece.toString();
      await onPiece?.(piece.toString());
    }
    return script;
  } finally {
    client.release();
  }
}

/** What psql does with the script: statements to the server, the lines after COPY … FROM stdin to its data. */
async function restore(script: string, client: ClientBase): Promise<void> {
  for (const part of script.split(/^(?=COPY )/m)) {
    const copy = /^(COPY .* FROM stdin);\n([^]*?)^\\\.\n([^]*)$/m.exec(part);
    if (copy === null) {
      await client.query(part);
      continue;
    }
    const stream = client.query(copyFrom(copy[1] ?? ''));
    stream.end(copy[2]);
    await finished(stream);
    if (copy[3]?.trim()) await client.query(copy[3].replace('ANALYZE;', ''));
  }
}

async function contents(database: TestDatabase): Promise<Record<string, string>> {
  const tables = await database.pool.query<{ name: string }>(
    "SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v') ORDER BY 1",
  );
  const found: Record<string, string> = {};
  for (const { name } of tables.rows) {
    const digest = await database.pool.query<{ digest: string }>(
      `SELECT count(*) || ' ' || md5(string_agg(t::text, '|' ORDER BY t::text)) AS digest FROM "${name}" t`,
    );
    found[name] = digest.rows[0]?.digest ?? 'empty';
  }
  return found;
}

test('brings every table and view back into an empty database, at the same version', async () => {
  await source.pool.query(fill);
  const client = await target.pool.connect();
  await restore(await scriptOf(source), client);
  expect(await contents(target)).toEqual(await contents(source));
  expect((await contents(target))['bars_daily']).toMatch(/^20000 /);
  expect((await contents(target))['symbol_changes']).toMatch(/^1 /);
  expect(await migrate(client, { schema: 'public' })).toEqual([]);
  client.release();
});

test('holds what one moment saw, whatever is written meanwhile', async () => {
  await source.pool.query(fill);
  const before = await contents(source);
  let disturbed = false;
  const script = await scriptOf(source, async () => {
    if (disturbed) return;
    disturbed = true;
    await source.pool.query('DELETE FROM splits; DELETE FROM bars_daily');
  });
  const client = await target.pool.connect();
  await restore(script, client);
  client.release();
  expect(await contents(target)).toEqual(before);
});

test('leaves tables that are not ours alone', async () => {
  await source.pool.query('CREATE TABLE somebody_elses (secret text)');
  expect(await scriptOf(source)).not.toContain('somebody_elses');
});

test('refuses a schema of a version it does not know', async () => {
  await source.pool.query("INSERT INTO schema_migrations (version, name) VALUES (9999, 'future')");
  await expect(scriptOf(source)).rejects.toThrow('version 9999');
});
