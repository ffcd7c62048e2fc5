import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { dayBar, hourBar, pageOf } from '../../test/support/made-bars.ts';
import { openedDatabase } from '../../test/support/opened-database.ts';
import { batchOf, recordedRun, succeeded } from '../../test/support/recorded-run.ts';
import { thrownBy } from '../../test/support/thrown-by.ts';
import { addDays } from '../market/date.ts';
import type { Bar } from '../market/bar.ts';
import { type Batch, type BatchResult, writeBatch } from './batch.ts';
import type { Records } from './read-runs.ts';
import { listOpenRuns, takeOver } from './run-signs.ts';

const opened = openedDatabase();
beforeEach(() =>
  opened().pool.query(
    'TRUNCATE bars_daily, bars_hourly, bar_revisions, rejected_bars, coverage, absences, processing_runs CASCADE',
  ),
);

const write = (batch: Batch): Promise<Records> =>
  opened().transaction(
    'store a batch of bars',
    async (client) => (await writeBatch(client, batch, { useCopy: true })).records,
  );

/** Everything a batch can touch, as text. */
async function everything(): Promise<string> {
  const tables = ['bars_daily', 'bars_hourly', 'bar_revisions', 'rejected_bars', 'coverage', 'absences'];
  const rows: unknown[] = [];
  for (const table of [...tables, 'processing_runs', 'processing_progress', 'symbol_processing_status']) {
    rows.push((await opened().pool.query(`SELECT t::text FROM ${table} t ORDER BY 1`)).rows);
  }
  return JSON.stringify(rows, null, 1);
}

const manyDays = (symbol: string, count: number): [Bar, ...Bar[]] => [
  dayBar(symbol, '1990-01-01'),
  ...Array.from({ length: count - 1 }, (_, day) => dayBar(symbol, addDays('1990-01-02', day))),
];

describe('a batch', () => {
  it('stores pages of several symbols and timeframes and says what was new, changed, unchanged and rejected', async () => {
    const runId = await recordedRun(opened(), ['AAPL', 'MSFT']);
    await write(batchOf(runId, [pageOf([dayBar('AAPL', '2024-03-07'), dayBar('AAPL', '2024-03-08')])]));
    const bad = {
      bar: dayBar('MSFT', '2024-03-11', { high: 1 }),
      reason: 'high is below open, close or low',
    };
    const records = await write(
      batchOf(runId, [
        pageOf([dayBar('AAPL', '2024-03-08', { close: 10 }), dayBar('AAPL', '2024-03-07')]),
        pageOf([hourBar('AAPL', '2024-03-08', 9), hourBar('AAPL', '2024-03-08', 10)], {
          timeframe: 'hourly',
        }),
        pageOf([dayBar('MSFT', '2024-03-08')], { rejects: [bad] }),
      ]),
    );
    expect(records).toEqual({ imported: 4, new: 3, changed: 1, unchanged: 1, rejected: 1 });
  });

  it('counts a bar that two of its pages repeat once, and lets the later page stand', async () => {
    const runId = await recordedRun(opened(), ['AAPL']);
    const records = await write(
      batchOf(runId, [
        pageOf([dayBar('AAPL', '2024-03-07', { close: 10 })]),
        pageOf([dayBar('AAPL', '2024-03-07', { close: 11 }), dayBar('AAPL', '2024-03-08')]),
      ]),
    );
    expect(records).toMatchObject({ new: 2, changed: 0, unchanged: 0 });
    const { rows } = await opened().pool.query('SELECT close FROM bars_daily ORDER BY session');
    expect(rows).toEqual([{ close: 11 }, { close: 10.5 }]);
  });

  it('takes the same absence from two of its pages', async () => {
    const runId = await recordedRun(opened(), ['AAPL']);
    const page = pageOf([dayBar('AAPL', '2024-03-07')], { before: '2024-03-09', absent: ['2024-03-08'] });
    await write(batchOf(runId, [page, page]));
    const { rows } = await opened().pool.query('SELECT session::text, reason FROM absences');
    expect(rows).toEqual([{ session: '2024-03-08', reason: 'unexplained' }]);
  });

  it('leaves nothing behind when something fails after it', async () => {
    const runId = await recordedRun(opened(), ['AAPL']);
    await write(batchOf(runId, [pageOf([dayBar('AAPL', '2024-03-07')])]));
    const before = await everything();
    const thrown = await thrownBy(() =>
      opened().transaction('store a batch of bars', async (client) => {
        const page = pageOf([dayBar('AAPL', '2024-03-07', { close: 10 }), dayBar('AAPL', '2024-03-08')]);
        await writeBatch(client, batchOf(runId, [page], [succeeded('AAPL')]), { useCopy: true });
        throw new Error('the machine next door burns');
      }),
    );
    expect(thrown).toMatchObject({
      code: 'STORAGE_FAILED',
      message: expect.stringContaining('Could not store a batch of bars: the machine next door burns'),
    });
    expect(await everything()).toBe(before);
  });

  it('with the same pages again changes no bar, coverage, absence or progress: its bars count as unchanged', async () => {
    const runId = await recordedRun(opened(), ['AAPL', 'MSFT']);
    const batch = batchOf(
      runId,
      [
        pageOf([dayBar('AAPL', '2024-03-07')], { before: '2024-03-09', absent: ['2024-03-08'] }),
        pageOf([hourBar('AAPL', '2024-03-07', 10)], { timeframe: 'hourly' }),
      ],
      [succeeded('AAPL')],
    );
    await write(batch);
    const before = await everything();
    const again = { ...batch, id: randomUUID() };
    expect(await write(again)).toEqual({ imported: 0, new: 0, changed: 0, unchanged: 2, rejected: 0 });
    await opened().pool.query('UPDATE processing_runs SET records_unchanged = 0');
    await opened().pool.query('DELETE FROM run_batches WHERE batch = $1', [again.id]);
    expect(await everything()).toBe(before);
  });

  it('tried again after its commit was not heard of, changes nothing and comes to the same', async () => {
    const runId = await recordedRun(opened(), ['AAPL', 'MSFT']);
    const batch = batchOf(runId, [pageOf([dayBar('AAPL', '2024-03-07')])], [succeeded('AAPL')]);
    const writeIt = (): Promise<BatchResult> =>
      opened().transaction('store a batch of bars', (client) => writeBatch(client, batch, { useCopy: true }));
    const first = await writeIt();
    const before = await everything();
    expect(await writeIt()).toEqual({ ...first, isRepeated: true });
    expect(await everything()).toBe(before);
  });

  it('of an attempt that was followed by another is refused whole', async () => {
    const runId = await recordedRun(opened(), ['AAPL']);
    const [open] = await listOpenRuns(opened().pool);
    await opened().transaction('take over', (client) => takeOver(client, open!));
    const before = await everything();
    const batch = batchOf(runId, [pageOf([dayBar('AAPL', '2024-03-07')])], [succeeded('AAPL')]);
    expect(await thrownBy(() => write(batch))).toMatchObject({
      code: 'CANCELLED',
      retryable: false,
      message: expect.stringContaining('was ended or taken over'),
    });
    expect(await everything()).toBe(before);
  });

  it('that meets a full disk at its last step is not there at all, and says what to do', async () => {
    const runId = await recordedRun(opened(), ['AAPL']);
    await opened().pool.query(`
      CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$;
      CREATE TRIGGER full_disk BEFORE UPDATE ON processing_progress FOR EACH ROW EXECUTE FUNCTION full_disk()`);
    const before = await everything();
    const batch = batchOf(runId, [pageOf([dayBar('AAPL', '2024-03-07')])], [succeeded('AAPL')]);
    expect(await thrownBy(() => write(batch))).toMatchObject({
      code: 'STORAGE_FAILED',
      retryable: true,
      message: expect.stringMatching(/No space left on device.*free some, then run the same command again/),
    });
    expect(await everything()).toBe(before);

    await opened().pool.query('DROP FUNCTION full_disk CASCADE');
    expect(await write(batch)).toMatchObject({ new: 1 });
  });

  it('whose connection is killed in mid-COPY is not there at all, and can be repeated', async () => {
    const runId = await recordedRun(opened(), ['AAPL']);
    await opened().pool.query(`
      CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$;
      CREATE TRIGGER die BEFORE INSERT ON bars_daily FOR EACH ROW WHEN (NEW.session = '1991-01-01') EXECUTE FUNCTION die()`);
    const before = await everything();
    // Far more than the buffers on the way hold: the server dies while the rest is still being sent.
    const page = pageOf(manyDays('AAPL', 30_000), { finalThrough: '2026-01-05' });
    const batch = batchOf(runId, [page], [succeeded('AAPL')]);
    expect(await thrownBy(() => write(batch))).toMatchObject({ code: 'STORAGE_FAILED', retryable: true });
    expect(await everything()).toBe(before);

    await opened().pool.query('DROP FUNCTION die CASCADE');
    expect(await write(batch)).toMatchObject({ new: 30_000 });
  });
});
