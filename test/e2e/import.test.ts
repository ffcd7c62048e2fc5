import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, describe, expect, it } from 'vitest';
import type { TestDatabase } from '../support/postgres.ts';
import { type Ended, run, sandboxOfFile, scratchFolder } from '../support/program.ts';
import { scratchDatabase } from '../support/scratch-database.ts';
import { storedState, tablesHolding } from '../support/stored-state.ts';

/** A Tuesday morning: Monday 5 January 2026 is the newest session, and settled. */
const sandbox = sandboxOfFile('2026-01-06T12:00:00Z', '--symbols', '5');
const DATA = [
  'bars_daily',
  'bars_hourly',
  'bar_revisions',
  'rejected_bars',
  'splits',
  'coverage',
  'absences',
];

interface Imports {
  readonly database: TestDatabase;
  tickstock(line: string, env?: Record<string, string>, cwd?: string): Promise<Ended>;
  rowsOf(sql: string): Promise<unknown[]>;
}

async function imports(context: TestContext): Promise<Imports> {
  const database = await scratchDatabase(context);
  return {
    database,
    tickstock: (line, env = {}, cwd = '/') =>
      run(line.split(' '), { cwd, env: { ...sandbox().env, DATABASE_URL: database.url, ...env } }),
    rowsOf: async (sql) => (await database.pool.query(sql)).rows,
  };
}

describe.concurrent('an import', () => {
  it('prints exactly one JSON object with exactly the promised fields', async (context) => {
    const { database, tickstock, rowsOf } = await imports(context);
    const { code, out } = await tickstock(
      'import --symbols AAPL,AMGN,BCPC,BRK.B,NOSUCH --lookback-days 30 --json',
    );
    expect(code).toBe(3);
    expect(out.endsWith('}\n')).toBe(true);
    const summary = JSON.parse(out);
    expect(Object.keys(summary)).toEqual([
      'run_id',
      'status',
      'duration_seconds',
      'total_symbols',
      'successful_symbols',
      'failed_symbols',
      'total_records_imported',
      'success_rate',
      'requests',
      'bytes',
      'trouble',
      'records',
      'gaps',
      'left',
      'stopped_by',
      'failures',
    ]);
    expect(Object.keys(summary.records)).toEqual(['new', 'changed', 'unchanged', 'rejected']);
    const stored = await rowsOf(
      'SELECT (SELECT count(*) FROM bars_daily)::int + (SELECT count(*) FROM bars_hourly)::int AS count',
    );
    expect(summary).toMatchObject({
      status: 'completed',
      total_symbols: 5,
      successful_symbols: 4,
      failed_symbols: 1,
      success_rate: 80,
      records: { new: (stored[0] as { count: number }).count, changed: 0, unchanged: 0, rejected: 0 },
      failures: [
        {
          symbol: 'NOSUCH',
          error_code: 'SYMBOL_NOT_FOUND',
          error_message: expect.stringMatching(/^Massive does not know NOSUCH\./),
        },
      ],
    });
    expect(await rowsOf('SELECT run_id, status FROM processing_runs')).toEqual([
      { run_id: summary.run_id, status: 'completed' },
    ]);
    expect(await tablesHolding(database.pool, sandbox().key)).toEqual([]);
  });

  it('counts imported records in the windows as the views show them', async (context) => {
    const { tickstock, rowsOf } = await imports(context);
    const { out } = await tickstock('import --symbols AAPL,BRK.B --lookback-days 30 --json');
    const views = await rowsOf(`
      SELECT (SELECT count(*) FROM ohlcv_hourly)::int AS hourly, (SELECT count(*) FROM ohlcv_daily WHERE date >= '2025-12-07')::int AS daily,
             (SELECT count(*) FROM ohlcv_weekly WHERE date >= '2025-12-07')::int AS weekly, (SELECT count(*) FROM ohlcv_monthly)::int AS monthly`);
    const { hourly, daily, weekly, monthly } = views[0] as Record<
      'hourly' | 'daily' | 'weekly' | 'monthly',
      number
    >;
    expect([daily, weekly, monthly]).toEqual([2 * 19, 2 * 5, 2 * 2]);
    expect(JSON.parse(out).total_records_imported).toBe(hourly + daily + weekly + monthly);
  });

  it('asks for a symbol once, however it is spelled', async (context) => {
    const { tickstock, rowsOf } = await imports(context);
    const { code, out } = await tickstock(
      'import --symbols BRK-B,BRK/B,BRK.B --timeframes daily --lookback-days 5 --json',
    );
    expect([code, JSON.parse(out)]).toEqual([0, expect.objectContaining({ total_symbols: 1, requests: 2 })]);
    expect(await rowsOf('SELECT DISTINCT symbol FROM bars_daily')).toEqual([{ symbol: 'BRK.B' }]);
  });

  it('takes its symbols from a CSV file', async (context) => {
    const { tickstock, rowsOf } = await imports(context);
    const folder = scratchFolder(context.onTestFinished);
    writeFileSync(join(folder, 'mine.csv'), 'Symbol,Name\nBRK-B,Berkshire\nBCpC,Brunswick\nBCPC,Balchem\n');
    const { code, out } = await tickstock(
      'import --universe csv:mine.csv --timeframes daily --lookback-days 5',
      {},
      folder,
    );
    expect([code, out]).toEqual([0, expect.stringMatching(/^Import completed: 3\/3 symbols /)]);
    expect(await rowsOf('SELECT DISTINCT symbol FROM bars_daily ORDER BY 1')).toEqual([
      { symbol: 'BCPC' },
      { symbol: 'BCpC' },
      { symbol: 'BRK.B' },
    ]);
  });

  it('imports nothing for a CSV file with a bad line, an unknown universe or a range without sessions', async (context) => {
    const { database, tickstock } = await imports(context);
    const folder = scratchFolder(context.onTestFinished);
    writeFileSync(join(folder, 'bad.csv'), 'AAPL\nMS FT\n');
    const before = await storedState(database.pool);
    const refusals = [
      [
        'import --universe csv:bad.csv',
        /^tickstock: Cannot use bad\.csv as a universe, nothing was taken from it: 1 bad line\.\n {2}bad\.csv, line 2, column 1: symbol: Cannot use "MS FT" as a symbol: /,
      ],
      ['import --universe csv:none.csv', /^tickstock: .*none\.csv/],
      ['import --universe sp50', /^tickstock: There is no universe "sp50"\. Did you mean sp500\?\n$/],
      [
        'import --symbols AAPL --from 2026-01-05 --to 2026-01-02',
        /^tickstock: Cannot import from 2026-01-05 to 2026-01-02: the range ends before it begins\.\n$/,
      ],
      [
        'import --symbols AAPL --from 2026-01-06',
        /^tickstock: Cannot import from 2026-01-06( to 2026-01-05)?: /,
      ],
      [
        'import --symbols AAPL --timeframes daily --from 2026-01-03 --to 2026-01-04',
        /^tickstock: Nothing to import: there is no trading session from 2026-01-03 to 2026-01-04\.\n$/,
      ],
    ] as const;
    for (const [line, message] of refusals) {
      const { code, out, err } = await tickstock(line, {}, folder);
      expect({ line, code, out, err }).toEqual({
        line,
        code: 2,
        out: '',
        err: expect.stringMatching(message),
      });
    }
    expect(await storedState(database.pool)).toEqual(before);
  });

  it('writes nothing the second time', async (context) => {
    const { database, tickstock } = await imports(context);
    const line = 'import --symbols AAPL,AMGN,BCPC,BCpC,BRK.B --lookback-days 40 --json';
    const first = JSON.parse((await tickstock(line)).out);
    const before = await storedState(database.pool, DATA);
    const second = JSON.parse((await tickstock(line)).out);
    expect(second.records).toEqual({ new: 0, changed: 0, unchanged: 0, rejected: 0 });
    expect([first.requests, second.requests]).toEqual([11, 1]);
    expect(second.total_records_imported).toBe(0);
    expect(await storedState(database.pool, DATA)).toEqual(before);
  });
});

describe.concurrent('how an import ends', () => {
  const settings = (success_threshold: number, continue_on_error = true): Record<string, string> => ({
    DATA_IMPORT_PROCESSING_SUCCESS_THRESHOLD: String(success_threshold),
    DATA_IMPORT_PROCESSING_CONTINUE_ON_ERROR: String(continue_on_error),
  });
  const line = 'import --symbols AAPL,AMGN,NOSUCH,NOR,HIM --timeframes daily --lookback-days 5 --json';

  it.for([
    [40, 'completed', 3],
    [40.01, 'failed', 4],
    [0, 'completed', 3],
  ] as const)(
    'with 2 of 5 symbols at a threshold of %f: %s, exit %i',
    async ([threshold, status, exitCode], context) => {
      const { tickstock } = await imports(context);
      const { code, out } = await tickstock(line, settings(threshold));
      expect([code, JSON.parse(out)]).toEqual([
        exitCode,
        expect.objectContaining({ status, success_rate: 40, failed_symbols: 3 }),
      ]);
    },
  );

  it('stops at the first failed symbol when told to, and says which', async (context) => {
    const { tickstock, rowsOf } = await imports(context);
    const { code, out } = await tickstock(
      'import --symbols NOSUCH,AAPL,AMGN,BCPC,BRK.B --timeframes daily --lookback-days 30 --parallel-workers 1',
      settings(0, false),
    );
    expect(code).toBe(4);
    expect(out).toMatch(/^Import failed: 0\/5 symbols /);
    expect(out).toMatch(/\n1 failed:\n {2}NOSUCH {2}SYMBOL_NOT_FOUND: /);
    expect(await rowsOf('SELECT status, error_code FROM processing_runs')).toEqual([
      { status: 'failed', error_code: 'SYMBOL_NOT_FOUND' },
    ]);
    expect(await rowsOf('SELECT symbol FROM bars_daily')).toEqual([]);
  });

  it('leaves failed symbols to a retry, which goes on with the same run', async (context) => {
    const { tickstock, rowsOf } = await imports(context);
    const { out } = await tickstock(line, settings(0));
    const { run_id: id } = JSON.parse(out);
    const refused = await tickstock(`retry ${id} AAPL,MSFT`);
    expect([refused.code, refused.err]).toEqual([
      2,
      `tickstock: Cannot retry AAPL, MSFT: not among the failed symbols of run ${id} (HIM, NOR, NOSUCH).\n`,
    ]);
    const retried = await tickstock(`retry ${id} NOSUCH HIM --json`, settings(0));
    expect([retried.code, JSON.parse(retried.out)]).toEqual([
      3,
      expect.objectContaining({ run_id: id, total_symbols: 5, successful_symbols: 2, failed_symbols: 3 }),
    ]);
    expect(await rowsOf('SELECT attempt FROM processing_runs')).toEqual([{ attempt: 2 }]);
    expect(
      await rowsOf(
        `SELECT symbol, status, attempt, retry_count FROM symbol_processing_status ORDER BY symbol`,
      ),
    ).toEqual([
      { symbol: 'AAPL', status: 'completed', attempt: 1, retry_count: 0 },
      { symbol: 'AMGN', status: 'completed', attempt: 1, retry_count: 0 },
      { symbol: 'HIM', status: 'failed', attempt: 2, retry_count: 1 },
      { symbol: 'NOR', status: 'failed', attempt: 1, retry_count: 0 },
      { symbol: 'NOSUCH', status: 'failed', attempt: 2, retry_count: 1 },
    ]);
    const unknown = await tickstock('retry 11111111-1111-1111-1111-111111111111');
    expect([unknown.code, unknown.err]).toEqual([
      2,
      'tickstock: There is no run 11111111-1111-1111-1111-111111111111. See the newest with: tickstock status\n',
    ]);
  });
});

describe.concurrent('the embedded database', () => {
  it('serves two imports that start at once on a new folder, and stops when both are done', async (context) => {
    const dataDir = join(scratchFolder(context.onTestFinished), 'data');
    const start = (symbols: string): Promise<Ended> =>
      run(['import', '--symbols', symbols, '--timeframes', 'daily', '--lookback-days', '8', '--json'], {
        env: { ...sandbox().env, TICKSTOCK_DATA_DIR: dataDir },
      });
    const ended = await Promise.all([start('AAPL,AMGN'), start('AMGN,BRK.B')]);
    expect(ended.map(({ code, out }) => [code, JSON.parse(out).successful_symbols])).toEqual([
      [0, 2],
      [0, 2],
    ]);
    const { out } = await run(
      ['db', 'query', 'SELECT symbol, count(*) FROM ohlcv_daily GROUP BY 1 ORDER BY 1', '--csv'],
      { env: { TICKSTOCK_DATA_DIR: dataDir } },
    );
    expect(out).toBe('symbol,count\nAAPL,5\nAMGN,5\nBRK.B,5\n');
    expect(readdirSync(join(dataDir, 'postgres', '18'))).not.toContain('postmaster.pid');
  });
});
