import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, createTestDatabase } from '../support/postgres.ts';
import { type Ended, run, sandboxOfFile, scratchFolder } from '../support/program.ts';
import { tableLines } from '../support/table-lines.ts';

const sandbox = sandboxOfFile('2026-01-06T12:00:00Z', '--symbols', '5');
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const tickstock = (line: string, cwd = '/'): Promise<Ended> =>
  run(line.split(' '), { cwd, env: { ...sandbox().env, DATABASE_URL: database.url } });

describe.concurrent('before anything is stored', () => {
  it('status and bars say what to do', async () => {
    expect(await tickstock('status')).toEqual({
      code: 2,
      out: '',
      err: 'tickstock: There is no run yet. Start one: tickstock import\n',
    });
    expect(await tickstock('bars BRK-B')).toEqual({
      code: 0,
      out: expect.stringMatching(/^date +open +high +low +close +volume +vwap +trades +final\n$/),
      err: 'No daily bars of BRK.B are stored for that. Import them: tickstock import --symbols BRK.B\n',
    });
  });

  it('check finds all well', async () => {
    const { code, out } = await tickstock('check');
    expect([code, tableLines(out)]).toEqual([
      0,
      [
        expect.stringMatching(
          /^ok \| database \| PostgreSQL \d+\.\d+.* \(DATABASE_URL\), schema public at version \d+$/,
        ),
        "ok | disk | the database server's own, which cannot be seen from here",
        'ok | redis | not set (REDIS_URL); imports do not need it',
        'ok | key | accepted; the market is extended-hours',
        expect.stringMatching(/^ok \| clock \| \d+ s from the vendor's$/),
        'ok | plan | daily bars since 2003-09-10, all the vendor has',
        'ok | hourly | served: 16 bars of AAPL on 2026-01-05',
        'ok | pacing | 12 ms between requests, at most 83 a second; the vendor asks to stay under 100',
        'next | tickstock import --universe dow30',
      ],
    ]);
    const { findings, ok, next } = JSON.parse((await tickstock('check --json')).out);
    expect([ok, findings.length, next]).toEqual([true, 8, 'tickstock import --universe dow30']);
  });

  it('check tells of every fault at once, and a clock that differs', async () => {
    const env = {
      ...sandbox().env,
      DATABASE_URL: 'postgresql://127.0.0.1:1/none',
      REDIS_URL: 'redis://:hidden@127.0.0.1:1',
      TICKSTOCK_NOW: '2026-01-06T15:00:00Z',
    };
    const { code, out, err } = await run(['check'], { cwd: '/', env });
    expect([code, err, tableLines(out)]).toEqual([
      75,
      '',
      [
        expect.stringMatching(
          /^failed \| database \| Could not open the database \(DATABASE_URL\): connect ECONNREFUSED/,
        ),
        "ok | disk | the database server's own, which cannot be seen from here",
        'failed | redis | Could not reach Redis at 127.0.0.1:1 (REDIS_URL): connect ECONNREFUSED 127.0.0.1:1. Start it, correct REDIS_URL, or unset it: imports work without',
        'ok | key | accepted; the market is extended-hours',
        expect.stringMatching(/^failed \| clock \| 10[78]\d\d s from the vendor's: set this machine's clock/),
        expect.stringMatching(/^ok \| plan \| /),
        expect.stringMatching(/^ok \| hourly \| /),
        expect.stringMatching(/^ok \| pacing \| /),
        'next | mend what failed, database first, then: tickstock check',
      ],
    ]);
  });

  it('migrate says where the schema is', async () => {
    expect(await tickstock('migrate')).toEqual({
      code: 0,
      out: expect.stringMatching(/^Schema public is at version \d+\.\n$/),
      err: '',
    });
  });

  it('config shows every setting with its source and no secret', async () => {
    const { code, out } = await tickstock('config');
    expect(code).toBe(0);
    expect(tableLines(out)).toEqual(
      expect.arrayContaining([
        'polygon.api_key | (set, not shown) | environment MASSIVE_API_KEY | key of the Massive API',
        'polygon.rate_limit_ms | 12 | default | least time between requests, in ms (free plan: 12500)',
        'storage.database_url | (set, not shown) | environment DATABASE_URL | PostgreSQL >= 15; without it an embedded one is used',
      ]),
    );
  });
});

describe('universes', () => {
  it('are listed, kept, shown, compared and imported', async () => {
    const folder = scratchFolder();
    writeFileSync(
      join(folder, 'mine.csv'),
      'Symbol,Name,Sector\nBRK-B,Berkshire Hathaway,Financials\nAAPL,Apple,\n',
    );
    expect(await tickstock('universe import mine mine.csv', folder)).toEqual({
      code: 0,
      out: 'mine: 2 symbols from mine.csv: 2 added, 0 removed, 0 kept\nadded: AAPL BRK.B\n',
      err: '',
    });
    const { out: list } = await tickstock('universe list');
    expect(tableLines(list).map((line) => line.split(' | ').slice(0, 3))).toEqual([
      ['universe', 'kind', 'symbols'],
      ['sp500', 'predefined', '503'],
      ['nasdaq100', 'predefined', '101'],
      ['dow30', 'predefined', '30'],
      ['mine', 'database', '2'],
    ]);
    const shown = await tickstock('universe show mine');
    expect(tableLines(shown.out)).toEqual([
      'symbol | name | sector',
      'AAPL | Apple',
      'BRK.B | Berkshire Hathaway | Financials',
    ]);
    const { out: diff } = await tickstock('universe diff mine dow30');
    expect(tableLines(diff)[0]).toBe('only in mine (1): BRK.B');
    expect(tableLines(diff).at(-1)).toBe('in both (1)');
    const imported = await tickstock('import --universe list:mine --timeframes daily --lookback-days 8');
    expect(imported.out).toMatch(/^Import completed: 2\/2 symbols /);
  });
});

describe.concurrent('after an import', () => {
  let id: string;
  beforeAll(async () => {
    const { out } = await tickstock('import --symbols AAPL,AMGN,BCPC,BRK.B,NOSUCH --lookback-days 8 --json');
    id = JSON.parse(out).run_id;
  });

  it('status shows the newest run in words', async () => {
    const { code, out } = await tickstock('status');
    expect([code, tableLines(out)]).toEqual([
      0,
      [
        `run | ${id}`,
        'status | completed',
        'asked for | symbols · hourly, daily, weekly, monthly',
        expect.stringMatching(/^progress \| 100\.00 %, 4 completed, 1 failed of 5, last [A-Z.]+$/),
        expect.stringMatching(/^records \| \d+ imported$/),
        expect.stringMatching(/^started \| \d{4}-/),
        expect.stringMatching(/^ended \| \d{4}-/),
        '',
        'failed | code | retries | why',
        expect.stringMatching(/^NOSUCH \| SYMBOL_NOT_FOUND \| 0 \| Massive does not know NOSUCH\. Check/),
      ],
    ]);
  });

  it('status shows a run as one JSON object', async () => {
    const { out } = await tickstock(`status ${id} --json`);
    expect(JSON.parse(out)).toMatchObject({
      run_id: id,
      status: 'completed',
      attempt: 1,
      total_symbols: 5,
      completed: 4,
      failed: 1,
      percentage: 100,
      failures: [{ symbol: 'NOSUCH', error_code: 'SYMBOL_NOT_FOUND', retry_count: 0 }],
    });
    expect(await tickstock('status r1')).toEqual({
      code: 2,
      out: '',
      err: 'tickstock: There is no run r1. See the newest with: tickstock status\n',
    });
  });

  it('bars are shown as a table, as CSV and as JSON, and agree', async () => {
    const [table, csv, json] = await Promise.all(
      ['', ' --csv', ' --json'].map((flag) =>
        tickstock(`bars BRK-B --from 2025-12-29 --to 2026-01-05${flag}`),
      ),
    );
    const { symbol, timeframe, adjusted, bars } = JSON.parse(json!.out);
    expect([symbol, timeframe, adjusted]).toEqual(['BRK.B', 'daily', true]);
    expect(bars.map((bar: { date: string }) => bar.date)).toEqual([
      '2025-12-29',
      '2025-12-30',
      '2025-12-31',
      '2026-01-02',
      '2026-01-05',
    ]);
    const columns = ['symbol', 'date', 'open', 'high', 'low', 'close', 'volume', 'vwap', 'trades', 'final'];
    const rows = bars.map((bar: Record<string, unknown>) =>
      columns.map((column) => bar[column] ?? '').join(','),
    );
    expect(csv!.out).toBe(`${[columns.join(','), ...rows].join('\n')}\n`);
    expect(tableLines(table!.out)).toHaveLength(6);
    // Tuesday morning: Monday's bars may still be corrected.
    expect(tableLines(table!.out).at(-1)).toMatch(/^2026-01-05 \| .* \| not yet$/);
  });

  it.each([
    ['hourly', '2025-12-29T', 16],
    ['weekly', '2025-12-28', 2],
    ['monthly', '2025-12-01', 2],
  ])('%s bars start at %s', async (timeframe, first, atLeast) => {
    const { out } = await tickstock(`bars AAPL --timeframe ${timeframe} --from ${first.slice(0, 10)} --json`);
    const { bars } = JSON.parse(out);
    expect(bars[0].date.startsWith(first)).toBe(true);
    expect(bars.length).toBeGreaterThanOrEqual(atLeast);
  });

  it('raw weeks do not exist', async () => {
    expect((await tickstock('bars AAPL --timeframe weekly --raw')).err).toBe(
      'tickstock: There are no raw weekly bars: they are rolled up from adjusted days. Leave --raw out.\n',
    );
  });
});
