import type { PoolClient } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { emptyTestDatabase } from '../../test/support/postgres.ts';
import type { TestDatabase } from '../../test/support/postgres.ts';
import { runStatement } from './run-statement.ts';
import type { RowBatch } from './run-statement.ts';

let database: TestDatabase;
let client: PoolClient;

beforeAll(async () => {
  database = await emptyTestDatabase();
  client = await database.pool.connect();
});
afterAll(async () => {
  client.release();
  await database.drop();
});

async function batchesOf(sql: string): Promise<RowBatch[]> {
  const batches: RowBatch[] = [];
  for await (const batch of runStatement(client, sql)) batches.push(batch);
  return batches;
}

test('gives values as PostgreSQL writes them, with NULL apart from the empty text', async () => {
  const [batch] = await batchesOf(
    "SELECT 0.1::float8 + 0.2::float8 AS n, NULL AS nothing, '' AS empty, true AS yes;",
  );
  expect(batch?.columns.map(({ kind }) => kind)).toEqual(['number', 'text', 'text', 'boolean']);
  expect(batch?.rows).toEqual([['0.30000000000000004', null, '', 't']]);
});

test('gives the rows of a long result in batches, in order', async () => {
  const batches = await batchesOf('SELECT g FROM generate_series(1, 2500) g ORDER BY g');
  expect(batches.map(({ rows }) => rows.length)).toEqual([1000, 1000, 500]);
  expect(batches[2]?.rows.at(-1)).toEqual(['2500']);
});

test('gives the columns of an empty result', async () => {
  expect(await batchesOf('SELECT 1 AS one WHERE false')).toMatchObject([
    { columns: [{ name: 'one' }], rows: [] },
  ]);
});

test('runs what is no query, and counts what it changed', async () => {
  await batchesOf('CREATE TABLE t (n int)');
  expect(await batchesOf('INSERT INTO t SELECT generate_series(1, 3)')).toMatchObject([
    { columns: [], count: 3 },
  ]);
  expect(await batchesOf('DELETE FROM t WHERE n > 1 RETURNING n')).toMatchObject([
    { rows: [['2'], ['3']], count: 2 },
  ]);
  expect(await batchesOf('SELECT n FROM t')).toMatchObject([{ rows: [['1']] }]);
  await batchesOf('VACUUM t');
});

test('refuses two statements in one text, running neither', async () => {
  await expect(batchesOf('SELECT 1; CREATE TABLE second (n int)')).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
  });
  await expect(batchesOf('SELECT * FROM second')).rejects.toThrow('relation "second" does not exist');
});

test('says what PostgreSQL says of a mistake, and works on after it', async () => {
  await expect(batchesOf('SELEC 1')).rejects.toThrow(
    'PostgreSQL refuses the statement: syntax error at or near "SELEC"',
  );
  await expect(batchesOf('SELECT 1 / 0')).rejects.toThrow('division by zero');
  expect(await batchesOf('SELECT 1 AS n')).toMatchObject([{ rows: [['1']] }]);
});
