import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dayBar, hourBar, pageOf } from '../../test/support/made-bars.ts';
import { batchOf, recordedRun } from '../../test/support/recorded-run.ts';
import { sessionsBetween } from '../market/calendar.ts';
import { type PageToStore, writeBatch } from './batch.ts';
import { type Database, openDatabase } from './database.ts';

// A server of its own: nobody else writes to its log.
let dataDir: string;
let database: Database;
beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'tickstock-quiet-'));
  database = await openDatabase({ databaseUrl: undefined, dataDir, schema: 'public', asOf: undefined });
});
afterAll(async () => {
  await database.close();
  await rm(dataDir, { recursive: true, force: true });
});

const [first = '', ...others] = sessionsBetween('2015-01-02', '2024-12-31');

const pages: PageToStore[] = ['AAPL', 'MSFT'].flatMap((symbol) => [
  pageOf([dayBar(symbol, first), ...others.map((session) => dayBar(symbol, session))]),
  pageOf([hourBar(symbol, first, 10), ...others.map((session) => hourBar(symbol, session, 10))], {
    timeframe: 'hourly',
  }),
]);

/** Stores all pages; how many bytes the server's log grew by. */
async function walBytes(runId: string, useCopy: boolean): Promise<number> {
  const position = async (): Promise<string> => {
    const { rows } = await database.pool.query<{ lsn: string }>('SELECT pg_current_wal_insert_lsn() AS lsn');
    return rows[0]?.lsn ?? '';
  };
  const before = await position();
  await database.transaction('store a batch of bars', (client) =>
    writeBatch(client, batchOf(runId, pages), { useCopy }),
  );
  const { rows } = await database.pool.query<{ bytes: number }>(
    'SELECT pg_wal_lsn_diff($1, $2)::double precision AS bytes',
    [await position(), before],
  );
  return rows[0]?.bytes ?? Number.NaN;
}

/** Where every row lies and who touched it last: locks leave their mark too. */
async function versions(): Promise<unknown> {
  const { rows } = await database.pool.query(
    `SELECT 'daily' AS t, symbol, session::text AS at, ctid, xmin, xmax FROM bars_daily
      UNION ALL SELECT 'hourly', symbol, starts_at::text, ctid, xmin, xmax FROM bars_hourly ORDER BY 1, 2, 3`,
  );
  return rows;
}

describe('bars that are stored already', () => {
  it.each([true, false])('are not touched, and cost next to no log (COPY: %s)', async (useCopy) => {
    await database.pool.query('TRUNCATE bars_daily, bars_hourly, coverage');
    const runId = await recordedRun(database, ['AAPL', 'MSFT']);
    const firstTime = await walBytes(runId, useCopy);
    // The first read of fresh rows and the first use of the stage leave marks of their own.
    await walBytes(runId, useCopy);
    const before = await versions();
    const again = await walBytes(runId, useCopy);
    expect(await versions()).toEqual(before);
    expect(firstTime).toBeGreaterThan(1_000_000);
    expect(again).toBeLessThan(5000);
  });
});
