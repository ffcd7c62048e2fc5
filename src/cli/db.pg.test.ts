import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestDatabase } from '../../test/support/postgres.ts';
import type { TestDatabase } from '../../test/support/postgres.ts';
import type { CliContext } from './context.ts';
import { dbCommand } from './db.ts';

let database: TestDatabase;
let folder: string;

beforeEach(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(path.join(tmpdir(), 'tickstock-db-'));
});
afterEach(async () => {
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

/** Runs `tickstock db …` with these settings on the test's database. */
async function db(
  settings: Record<string, string | undefined>,
  ...args: string[]
): Promise<{ out: string; err: string }> {
  const [out, err] = [new PassThrough(), new PassThrough()];
  const values: Record<string, string | undefined> = {
    'storage.schema': 'public',
    'storage.data_dir': folder,
    ...settings,
  };
  const look = (name: string): string | undefined => values[name];
  const cli = {
    out,
    err,
    signal: new AbortController().signal,
    settings: () => ({ get: look, find: look }),
    withApp: (_: unknown, work: (app: unknown) => Promise<unknown>) => work({ database }),
  } as unknown as CliContext;
  try {
    await dbCommand(cli).parseAsync(args, { from: 'user' });
  } finally {
    out.end();
    err.end();
  }
  return { out: await text(out), err: await text(err) };
}

test('db query prints rows to stdout and their number to stderr', async () => {
  expect(await db({}, 'query', "SELECT 'AAPL' AS symbol, 1.5 AS close")).toEqual({
    out: 'symbol  close\n------  -----\nAAPL      1.5\n',
    err: '1 row\n',
  });
  expect(await db({}, 'query', 'DELETE FROM splits')).toEqual({ out: '', err: '0 rows changed\n' });
  expect(JSON.parse((await db({}, 'query', 'SELECT 1 AS n WHERE false', '--json')).out)).toEqual({
    rows: [],
    row_count: 0,
  });
});

test('db backup writes a new file and says how to restore it', async () => {
  const file = path.join(folder, 'backup.sql');
  const { out, err } = await db({}, 'backup', file);
  expect(out).toBe('');
  expect(err).toContain(`psql -v ON_ERROR_STOP=1 -f ${file}`);
  expect(await readFile(file, 'utf8')).toContain('COPY "bars_daily"');
  await expect(db({}, 'backup', file)).rejects.toThrow('exists already');
});

test('db url prints a DATABASE_URL as it is, and db start and stop leave that server alone', async () => {
  const settings = { 'storage.database_url': 'postgresql://me:secret@example.com/bars' };
  expect((await db(settings, 'url')).out).toBe('postgresql://me:secret@example.com/bars\n');
  await expect(db(settings, 'start')).rejects.toThrow('DATABASE_URL');
  await expect(db(settings, 'stop', '--force')).rejects.toThrow('DATABASE_URL');
});

test('db url says when the embedded database is down', async () => {
  const { out, err } = await db({}, 'url');
  expect(out).toMatch(/^postgresql:\/\/\/tickstock\?host=/);
  expect(err).toContain('tickstock db start');
});
