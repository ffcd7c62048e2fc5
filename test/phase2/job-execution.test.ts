import { loadSettings } from '../../src/config.ts';
import { type Room, createRoom } from '../../src/room.ts';
import { attemptSettings } from '../support/attempt-settings.ts';
import { boundlessRoom } from '../support/boundless-room.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createClock } from '../../src/clock.ts';
import { AppError } from '../../src/errors.ts';
import { noObserver } from '../../src/jobs/import-observer.ts';
import {
  type DailyImportJob,
  type ImportRequest,
  createDailyImportJob,
} from '../../src/jobs/daily-import-job.ts';
import type { AttemptSettings } from '../../src/jobs/import-attempt.ts';
import type { ImportProgress } from '../../src/jobs/job-progress-tracker.ts';
import type { Vendor, VendorPage } from '../../src/jobs/vendor.ts';
import type { Bar } from '../../src/market/bar.ts';
import { timeframes } from '../../src/market/timeframe.ts';
import { type MassiveFetcher, createMassiveFetcher } from '../../src/massive/fetcher.ts';
import { type Sandbox, createSandbox } from '../../src/sandbox/sandbox.ts';
import { openedDatabase } from '../support/opened-database.ts';
import { thrownBy } from '../support/thrown-by.ts';

/** Tuesday 6 January 2026, 07:00 New York: Monday is the newest session, and settled. */
const NOW = Date.UTC(2026, 0, 6, 12);
const SYMBOLS = ['AAPL', 'BRK.B', 'MSFT', 'TSLA'];
const { signal } = new AbortController();
const lookbackDays = { hourly: 5, daily: 30, weekly: 60, monthly: 90 };
const everything: ImportRequest = {
  universes: ['four'],
  symbols: SYMBOLS,
  timeframes,
  span: { lookbackDays },
};
const days: ImportRequest = { ...everything, timeframes: ['daily'] };

describe('Job execution', () => {
  const database = openedDatabase('2026-01-06');
  const clock = createClock(NOW);
  let sandbox: Sandbox;
  let fetcher: MassiveFetcher;
  const openFetcher = (): MassiveFetcher =>
    createMassiveFetcher(
      { baseUrl: sandbox.url, apiKey: sandbox.key, rateLimitMs: 0, timeoutMs: 10_000 },
      { clock, random: Math.random },
    );
  beforeAll(async () => {
    sandbox = await createSandbox({ clock, now: NOW, symbols: SYMBOLS });
    fetcher = openFetcher();
  });
  afterAll(async () => {
    await fetcher.close();
    await sandbox.close();
  });
  beforeEach(() =>
    database().pool.query(
      'TRUNCATE bars_daily, bars_hourly, bar_revisions, rejected_bars, coverage, absences, processing_runs CASCADE',
    ),
  );

  const settings: AttemptSettings = {
    ...attemptSettings,
    parallelWorkers: 2,
  };
  const jobOf = (
    vendor: Vendor = fetcher,
    overrides: Partial<AttemptSettings> = {},
    room: Room = boundlessRoom,
  ): DailyImportJob =>
    createDailyImportJob({
      database: database(),
      clock,
      openVendor: () => ({ ...vendor, close: async () => {} }),
      observer: noObserver,
      barSource: 'a sandbox',
      room,
      settings: { ...settings, ...overrides },
      notice: () => {},
    });

  /** The sandbox, but each page of bars passes through `change` first. */
  const altered = (change: (page: VendorPage, symbol: string) => VendorPage): Vendor => ({
    ...fetcher,
    async *bars(request, stop) {
      for await (const page of fetcher.bars(request, stop)) yield change(page, request.symbol);
    },
  });
  /** One symbol's bars of a session are others than they were, in its own series and among all stocks. */
  const onBar = (symbol: string, session: string, change: (bar: Bar) => Bar[]): Vendor => {
    const changed = (bars: readonly Bar[]): Bar[] =>
      bars.flatMap((bar) => (bar.symbol === symbol && bar.session === session ? change(bar) : [bar]));
    return {
      ...altered((page) => ({ ...page, bars: changed(page.bars) })),
      async groupedDay(request, stop) {
        const day = await fetcher.groupedDay(request, stop);
        return { ...day, bars: changed(day.bars) };
      },
    };
  };
  /** The bars of all stocks do not come. */
  const doubtful = (vendor: Vendor): Vendor => ({
    ...vendor,
    groupedDay: () => Promise.reject(new AppError('NETWORK_TIMEOUT', 'No answer about all stocks.')),
  });
  const failingFor = (symbols: readonly string[]): Vendor =>
    altered((page, symbol) => {
      if (symbols.includes(symbol)) throw new AppError('NETWORK_TIMEOUT', `No answer about ${symbol}.`);
      return page;
    });

  async function rowsOf(sql: string): Promise<unknown[]> {
    return (await database().pool.query(sql)).rows;
  }

  it('fills all four timeframes from one request series a symbol for hours and one for days', async () => {
    const before = sandbox.stats().total.requests;
    const summary = await jobOf().run(everything, { signal });
    expect(summary).toMatchObject({ status: 'completed', successful_symbols: 4, failed_symbols: 0, gaps: 0 });
    // Two more for the splits: a listing of none is asked for once again.
    expect(sandbox.stats().total.requests - before).toBe(4 * 2 + 2);
    const counts = await rowsOf(`
      SELECT (SELECT count(DISTINCT symbol) FROM ohlcv_hourly)::int AS hourly, (SELECT count(DISTINCT symbol) FROM ohlcv_daily)::int AS daily,
             (SELECT count(DISTINCT symbol) FROM ohlcv_weekly)::int AS weekly, (SELECT count(DISTINCT symbol) FROM ohlcv_monthly)::int AS monthly`);
    expect(counts).toEqual([{ hourly: 4, daily: 4, weekly: 4, monthly: 4 }]);
  });

  it('reports where it stands from the first symbol to the last, never backwards', async () => {
    const seen: ImportProgress[] = [];
    await jobOf(fetcher, { parallelWorkers: 1, batchRows: 1 }).run(days, {
      signal,
      onProgress: (progress) => seen.push(progress),
    });
    expect(seen[0]).toMatchObject({ processed: 0, percentage: 0, currentSymbol: 'AAPL', totalSymbols: 4 });
    expect(seen.at(-1)).toMatchObject({ processed: 4, percentage: 100, remaining: 0, remainingMs: 0 });
    const percentages = seen.map(({ percentage }) => percentage);
    expect(percentages).toEqual(percentages.toSorted((a, b) => a - b));
    expect(new Set(percentages)).toEqual(new Set([0, 25, 50, 75, 100]));
  });

  it.each([
    [50, 'completed'],
    [51, 'failed'],
  ])('with half of the symbols at a threshold of %i is %s', async (successThreshold, status) => {
    const summary = await jobOf(failingFor(['AAPL', 'TSLA']), { successThreshold }).run(days, { signal });
    expect(summary).toMatchObject({
      status,
      success_rate: 50,
      failures: [
        { symbol: 'AAPL', error_code: 'NETWORK_TIMEOUT', error_message: 'No answer about AAPL.' },
        { symbol: 'TSLA', error_code: 'NETWORK_TIMEOUT', error_message: 'No answer about TSLA.' },
      ],
    });
    expect(await rowsOf('SELECT DISTINCT symbol FROM bars_daily ORDER BY 1')).toEqual([
      { symbol: 'BRK.B' },
      { symbol: 'MSFT' },
    ]);
  });

  it('stops at the first failure when it may not continue on errors', async () => {
    const job = jobOf(failingFor(['BRK.B']), {
      continueOnError: false,
      parallelWorkers: 1,
      successThreshold: 0,
    });
    const summary = await job.run(days, { signal });
    expect(summary).toMatchObject({ status: 'failed', successful_symbols: 1, failed_symbols: 1 });
    expect(await rowsOf('SELECT symbol, status FROM symbol_processing_status ORDER BY 1')).toEqual([
      { symbol: 'AAPL', status: 'completed' },
      { symbol: 'BRK.B', status: 'failed' },
      { symbol: 'MSFT', status: 'pending' },
      { symbol: 'TSLA', status: 'pending' },
    ]);
  });

  it('goes on with the failed symbols of a run as its next attempt', async () => {
    const first = await jobOf(failingFor(['AAPL', 'TSLA'])).run(days, { signal });
    const seen: number[] = [];
    const second = await jobOf().retry(first.run_id, [], {
      signal,
      onProgress: ({ percentage }) => seen.push(percentage),
    });
    expect(second).toMatchObject({
      run_id: first.run_id,
      status: 'completed',
      successful_symbols: 4,
      failures: [],
    });
    expect(second.records.new).toBe(2 * first.records.new);
    expect([seen[0], seen.at(-1)]).toEqual([50, 100]);
    expect(
      await rowsOf('SELECT symbol, attempt, retry_count FROM symbol_processing_status ORDER BY 1'),
    ).toEqual([
      { symbol: 'AAPL', attempt: 2, retry_count: 1 },
      { symbol: 'BRK.B', attempt: 1, retry_count: 0 },
      { symbol: 'MSFT', attempt: 1, retry_count: 0 },
      { symbol: 'TSLA', attempt: 2, retry_count: 1 },
    ]);
  });

  it('fails a symbol that lacks the newest session and nobody can say why, and keeps its other bars', async () => {
    const summary = await jobOf(doubtful(onBar('MSFT', '2026-01-05', () => []))).run(days, { signal });
    expect(summary.failures).toEqual([
      {
        symbol: 'MSFT',
        error_code: 'VENDOR_NOT_READY',
        error_message:
          'Massive has no daily bar of MSFT for 2026-01-05, the newest session due; the last one it sent is 2026-01-02. What came is stored; try it again later.',
      },
    ]);
    expect(await rowsOf(`SELECT max(session)::text AS last FROM bars_daily WHERE symbol = 'MSFT'`)).toEqual([
      { last: '2026-01-02' },
    ]);
  });

  it('fails nobody for a session on which a stock did not trade', async () => {
    for (const session of ['2025-12-29', '2026-01-05']) {
      await database().pool.query('TRUNCATE bars_daily, coverage, absences');
      const summary = await jobOf(onBar('MSFT', session, () => [])).run(days, { signal });
      expect(summary).toMatchObject({ status: 'completed', failed_symbols: 0, gaps: 0 });
      expect(await rowsOf('SELECT symbol, session::text, reason FROM absences')).toEqual([
        { symbol: 'MSFT', session, reason: 'no_trade' },
      ]);
    }
  });

  it('counts an older session without a bar as an unexplained absence when nobody can say why', async () => {
    const summary = await jobOf(doubtful(onBar('MSFT', '2025-12-29', () => []))).run(days, { signal });
    expect(summary).toMatchObject({ status: 'completed', failed_symbols: 0, gaps: 1 });
    expect(await rowsOf('SELECT symbol, session::text, reason FROM absences')).toEqual([
      { symbol: 'MSFT', session: '2025-12-29', reason: 'unexplained' },
    ]);
  });

  it('quarantines a bar that breaks a row rule, and that is not a gap', async () => {
    const vendor = onBar('MSFT', '2025-12-29', (bar) => [{ ...bar, high: bar.low / 2 }]);
    const summary = await jobOf(vendor).run(days, { signal });
    expect(summary).toMatchObject({ failed_symbols: 0, gaps: 0, records: { rejected: 1 } });
    expect(await rowsOf('SELECT symbol, session::text, reason FROM rejected_bars')).toEqual([
      { symbol: 'MSFT', session: '2025-12-29', reason: 'high is below open, close or low' },
    ]);
    expect(await rowsOf('SELECT symbol, session::text, reason FROM absences')).toEqual([
      { symbol: 'MSFT', session: '2025-12-29', reason: 'rejected' },
    ]);
  });

  it('keeps what a bar was before the vendor revised it', async () => {
    await jobOf().run(days, { signal });
    const vendor = onBar('MSFT', '2025-12-29', (bar) => [{ ...bar, volume: bar.volume + 100 }]);
    const again = await jobOf(vendor).run({ ...days, refresh: true }, { signal });
    expect(again).toMatchObject({ records: { new: 0, changed: 1 }, total_records_imported: 1 });
    expect(
      await rowsOf(`
        SELECT b.volume - r.volume AS more FROM bar_revisions r JOIN bars_daily b
            ON b.symbol = r.symbol AND b.session = (r.starts_at AT TIME ZONE 'America/New_York')::date`),
    ).toEqual([{ more: 100 }]);
  });

  it('stores the same when two runs over the same symbols go on at once', async () => {
    const summaries = await Promise.all([
      jobOf().run(everything, { signal }),
      jobOf().run({ ...everything, symbols: SYMBOLS.toReversed() }, { signal }),
    ]);
    expect(summaries.map(({ status }) => status)).toEqual(['completed', 'completed']);
    const stored = await rowsOf(
      'SELECT (SELECT count(*) FROM bars_daily)::int + (SELECT count(*) FROM bars_hourly)::int AS bars',
    );
    expect(stored).toEqual([{ bars: summaries.reduce((sum, { records }) => sum + records.new, 0) }]);
  });

  it('is cancelled by its signal, and says so in its run', async () => {
    const stop = new AbortController();
    const summary = await jobOf(fetcher, { parallelWorkers: 1, batchRows: 1 }).run(days, {
      signal: stop.signal,
      onProgress: ({ processed }) => {
        if (processed === 2) stop.abort(new AppError('CANCELLED', 'Interrupted.'));
      },
    });
    expect(summary.stopped_by).toEqual({ error_code: 'CANCELLED', error_message: 'Interrupted.' });
    expect(
      await rowsOf('SELECT status, error_code, completed_at IS NOT NULL AS ended FROM processing_runs'),
    ).toEqual([{ status: 'cancelled', error_code: 'CANCELLED', ended: true }]);
  });

  it('begins nothing that does not fit on the disk', async () => {
    const full = createRoom(loadSettings({ env: { TICKSTOCK_DATA_DIR: '/data' }, flags: {} }), {
      freeMemory: () => 1e9,
      memoryLimit: () => 0,
      freeDisk: async () => 200e6,
    });
    const thrown = await thrownBy(() => jobOf(fetcher, {}, full).run(days, { signal }));
    expect(thrown).toMatchObject({
      code: 'STORAGE_FAILED',
      message: expect.stringMatching(/^Not begun: the import may bring \d+ bars/),
    });
    expect(await rowsOf('SELECT FROM processing_runs')).toEqual([]);
  });

  it('mixes no bars of another source in', async () => {
    const thrown = await thrownBy(() =>
      createDailyImportJob({
        database: database(),
        clock,
        openVendor: openFetcher,
        observer: noObserver,
        barSource: 'Massive',
        room: boundlessRoom,
        settings,
        notice: () => {},
      }).run(days, { signal }),
    );
    expect(thrown).toMatchObject({ code: 'CONFIG_INVALID' });
    expect(await rowsOf('SELECT FROM processing_runs')).toEqual([]);
  });
});
