import { type TestContext, describe, expect, it } from 'vitest';
import { type SandboxProcess, run, sandboxOfFile, startSandboxProgram } from '../support/program.ts';
import type { TestDatabase } from '../support/postgres.ts';
import { scratchDatabase } from '../support/scratch-database.ts';
import { storedState, tablesHolding } from '../support/stored-state.ts';

/** A Tuesday morning: Monday 5 January 2026 is the newest session, and settled. */
const NOW = '2026-01-06T12:00:00Z';
const STORED = ['bars_daily', 'bars_hourly', 'coverage', 'absences', 'rejected_bars'];

const sandbox = sandboxOfFile(NOW, '--symbols', '5');

const envOf = ({ url }: TestDatabase, vendor: SandboxProcess = sandbox()): Record<string, string> => ({
  ...vendor.env,
  DATABASE_URL: url,
});

async function vendorOf({ onTestFinished }: TestContext, ...flags: string[]): Promise<SandboxProcess> {
  const vendor = await startSandboxProgram(NOW, ...flags);
  onTestFinished(() => vendor.stop());
  return vendor;
}

describe.concurrent('a key the vendor refuses', () => {
  const message =
    'Could not fetch splits since 2025-12-01: the vendor answered 401 "Unknown API Key". ' +
    'Check MASSIVE_API_KEY; your keys are listed in the dashboard of your Massive account.';

  it('stops the run at its first request with one message, and leaves nothing but the failed run', async (context) => {
    const database = await scratchDatabase(context);
    const vendor = await vendorOf(context, '--symbols', '5');
    const key = 'refused0key0of0thirty0two0letters';
    const before = await storedState(database.pool, STORED);
    const { code, out, err } = await run(
      ['import', '--symbols', 'AAPL,AMGN,BCPC,BRK.B', '--lookback-days', '10'],
      { env: { ...envOf(database, vendor), MASSIVE_API_KEY: key } },
    );
    expect([code, out]).toEqual([5, '']);
    expect(err).toMatch(/^AAPL, AMGN, BCPC, … · hourly, .*: 4 symbols, 8 requests \(run [-\w]{36}\)\n/);
    expect(err.split('\n').slice(1)).toEqual([`tickstock: ${message}`, '']);
    expect((await vendor.stats()).total.requests).toBe(1);
    const { rows } = await database.pool.query(
      'SELECT status, error_code, error_message FROM processing_runs',
    );
    expect(rows).toEqual([{ status: 'failed', error_code: 'API_KEY_INVALID', error_message: message }]);
    expect(await storedState(database.pool, STORED)).toEqual(before);
    expect(await tablesHolding(database.pool, key)).toEqual([]);
  });

  it('is what check says too', async (context) => {
    const database = await scratchDatabase(context);
    const { code, out, err } = await run(['check'], {
      env: { ...envOf(database), MASSIVE_API_KEY: 'refused0key' },
    });
    expect([code, err]).toEqual([5, '']);
    expect(out).toMatch(
      /^ok {7}database {2}PostgreSQL .*\nok {7}disk .*\nok {7}redis .*\nfailed {3}key {7}Could not fetch .*: the vendor answered 401 "Unknown API Key"\. Check MASSIVE_API_KEY;/,
    );
  });
});

describe.concurrent('a symbol the vendor does not know', () => {
  it('fails alone, and the summary says what to do', async (context) => {
    const database = await scratchDatabase(context);
    const { code, out } = await run(
      ['import', '--symbols', 'AAPL,AMGN,BCPC,BRK.B,aapl', '--lookback-days', '10'],
      { env: envOf(database) },
    );
    expect(code).toBe(3);
    expect(out).toMatch(/^Import completed: 4\/5 symbols in [\d.]+ s \(run [-\w]{36}\)\n/);
    expect(out).toMatch(
      /\n1 failed:\n {2}aapl {2}SYMBOL_NOT_FOUND: Massive does not know aapl\. Check the spelling \(case matters; classes follow a dot, as in BRK\.B\) or take it off the list\.\n$/,
    );
    const { rows } = await database.pool.query('SELECT DISTINCT symbol FROM bars_daily ORDER BY 1');
    expect(rows.map(({ symbol }) => symbol)).toEqual(['AAPL', 'AMGN', 'BCPC', 'BRK.B']);
  });
});

describe.concurrent('a vendor that throttles', () => {
  it('is waited for, which is said once a wait, and no bar is lost', async (context) => {
    const throttling = await vendorOf(context, '--symbols', '25', '--rate', '24/min');
    const database = await scratchDatabase(context);
    const symbols =
      'AAPL,AMGN,AMZN,AXP,BA,BCPC,BCpC,BRK.B,CAT,CRM,CSCO,CVX,DIS,GS,HD,HON,IBM,JNJ,JPM,KO,MCD,MMM,MRK,MSFT,NKE';
    const { code, err } = await run(
      ['import', '--symbols', symbols, '--timeframes', 'daily', '--lookback-days', '60'],
      { env: envOf(database, throttling) },
    );
    expect(code).toBe(0);
    expect((await throttling.stats()).total.statuses['429']).toBeGreaterThan(0);
    const said = err.split('\n').filter((line) => line.includes('429'));
    // How many waits there are depends on how fast the machine asks; without the rule there would be one a symbol.
    expect(said.length).toBeLessThanOrEqual(5);
    expect(said[0]).toMatch(
      /^Could not fetch daily bars of \S+, 2025-11-07 to 2026-01-05: the vendor answered 429 "You've exceeded the maximum requests per minute, .*"\. Raise polygon\.rate_limit_ms to what your plan allows \(12500 for 5 requests a minute\)\. Trying again in \d s\.$/,
    );
    const { rows } = await database.pool.query('SELECT symbol, count(*)::int FROM bars_daily GROUP BY 1');
    expect(rows).toHaveLength(25);
    // 7 November to 5 January but Thanksgiving, Christmas and New Year.
    expect(new Set(rows.map(({ count }) => count))).toEqual(new Set([39]));
  });
});

describe.concurrent('a plan without the history asked for', () => {
  it('is refused for what it has nothing of, and clipped for the rest', async (context) => {
    const basic = await vendorOf(context, '--symbols', '5', '--plan', 'basic');
    const database = await scratchDatabase(context);
    const importFrom = (from: string, to: string): ReturnType<typeof run> =>
      run(['import', '--symbols', 'AAPL', '--timeframes', 'daily', '--from', from, '--to', to], {
        env: envOf(database, basic),
      });
    const refused = await importFrom('2020-01-02', '2020-01-31');
    expect(refused.code).toBe(4);
    expect(refused.out).toMatch(
      /\n1 failed:\n {2}AAPL {2}VENDOR_NOT_ENTITLED: Could not fetch daily bars of AAPL, 2020-01-02 to 2020-01-31: the vendor answered 403 "Your plan doesn't include this data timeframe\. .*"\. Upgrade the plan, or ask for less history or other data\.\nTry them again: tickstock retry [-\w]{36}\n$/,
    );
    const clipped = await importFrom('2023-12-01', '2024-01-31');
    expect(clipped.code).toBe(0);
    expect(
      clipped.err.split('\n').filter((line) => line.startsWith("Massive's daily bars begin on ")),
    ).toEqual([
      expect.stringMatching(
        /^Massive's daily bars begin on 2024-01-08 for 1 of 1 symbols, though 2023-12-01 was asked for: /,
      ),
    ]);
    // Two years before 6 January 2026: 20 sessions of December and 4 of January are not served.
    expect(clipped.out).toContain('sessions without a bar, unexplained: 0\n');
    const { rows } = await database.pool.query(
      'SELECT reason, count(*)::int, min(session)::text AS first, max(session)::text AS last FROM absences GROUP BY 1',
    );
    expect(rows).toEqual([{ reason: 'clipped', count: 24, first: '2023-12-01', last: '2024-01-05' }]);
  });
});
