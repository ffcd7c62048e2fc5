import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, createTestDatabase } from '../support/postgres.ts';
import { type Ended, run, sandboxOfFile } from '../support/program.ts';
import { tableLines } from '../support/table-lines.ts';

// Hours of one session never come.
const sandbox = sandboxOfFile(
  '2026-01-06T12:00:00Z',
  '--symbols',
  '5',
  '--fault',
  'missing-bar=symbol:BCPC,date:2025-12-30,route:aggregates/hour',
);
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const tickstock = (line: string): Promise<Ended> =>
  run(line.split(' '), { cwd: '/', env: { ...sandbox().env, DATABASE_URL: database.url } });

describe.concurrent('before anything is stored', () => {
  it('gaps has none', async () => {
    expect(await tickstock('gaps')).toEqual({ code: 0, out: '', err: 'No gaps.\n' });
  });

  it('verify says that there is nothing', async () => {
    const { code, err } = await tickstock('verify');
    expect([code, err]).toEqual([0, 'Nothing is stored of that. Import it: tickstock import\n']);
  });

  it('explain says that the symbol was never asked for', async () => {
    const { code, out, err } = await tickstock('explain BRK-B 2025-12-25');
    expect([code, tableLines(out)[0], err]).toEqual([
      0,
      'BRK.B | 2025-12-25, no trading session (Christmas Day); those beside it are 2025-12-24 and 2025-12-26',
      'Nothing is stored of BRK.B: it was never asked for. Import it: tickstock import --symbols BRK.B --from 2025-12-24 --to 2025-12-24\n',
    ]);
  });

  it.each([
    ['explain AAPL yesterday', 'Cannot use "yesterday" for the date: expected a date such as 2026-11-20.'],
    [
      'explain AAPL 1950-01-03',
      'Cannot use 1950-01-03 for the date: the trading calendar covers 1990 to 2030.',
    ],
    [
      'gaps --reason halted',
      'Unknown reason "halted"; there are rejected, not_listed, delisted, clipped, vendor_gap, vendor_outage, no_trade, unexplained. Did you mean delisted?',
    ],
    ['gaps --symbols AAPL --universe dow30', 'Give --universe or --symbols, not both.'],
  ])('%s is refused', async (line, message) => {
    expect(await tickstock(line)).toEqual({ code: 2, out: '', err: `tickstock: ${message}\n` });
  });
});

describe('after an import', () => {
  beforeAll(async () => {
    const { err, out } = await tickstock('import --symbols AAPL,BCPC,BRK.B --lookback-days 40');
    if (!out.includes('completed: 3/3')) throw new Error(err + out);
  });

  it('gaps shows the session whose hours the vendor lacks, and how to ask again', async () => {
    const { code, out, err } = await tickstock('gaps');
    expect([code, tableLines(out), tableLines(err)]).toEqual([
      0,
      [
        'symbol | timeframe | from | to | sessions | why | evidence',
        'BCPC | hourly | 2025-12-30 | 2025-12-30 | 1 | the vendor lacks it | daily bars are stored',
      ],
      [
        'vendor_gap: 1 session of 1 symbol, the vendor lacks it',
        'Ask again for them: tickstock import --symbols BCPC --from 2025-12-30 --to 2025-12-30 --refresh',
      ],
    ]);
    const row = {
      symbol: 'BCPC',
      timeframe: 'hourly',
      from: '2025-12-30',
      to: '2025-12-30',
      sessions: 1,
      reason: 'vendor_gap',
      evidence: 'daily bars are stored',
    };
    expect(JSON.parse((await tickstock('gaps --universe dow30 --all --json')).out).gaps).toEqual([]);
    expect(JSON.parse((await tickstock('gaps --symbols BCPC --json')).out)).toEqual({
      gaps: [row],
      reasons: [{ reason: 'vendor_gap', gaps: 1, sessions: 1, symbols: 1 }],
    });
    expect((await tickstock('gaps --reason vendor_gap,no_trade --csv')).out).toBe(
      `${Object.keys(row).join(',')}\n${Object.values(row).join(',')}\n`,
    );
    expect((await tickstock('gaps --to 2025-12-29')).out).toBe('');
  });

  it('explain tells of bars, their state and the requests that brought them', async () => {
    const { code, out, err } = await tickstock('explain AAPL 2025-12-24');
    expect([code, err]).toEqual([0, '']);
    const text = tableLines(out);
    expect(text.slice(0, 7)).toEqual([
      'AAPL | 2025-12-24, a trading session, 09:30 to 13:00 New York (early close)',
      'listing | not looked up',
      expect.stringMatching(/^all stocks \| not asked for this day/),
      'daily | 1 bar, final',
      'The bars kept every row rule, and were answered after the next session had closed.',
      'hourly | 13 bars, final',
      'The bars kept every row rule, and were answered after the next session had closed.',
    ]);
    expect(text.filter((line) => /^2026-01-06T.* \| aggregates\/(daily|hourly) \| /.test(line))).toHaveLength(
      2,
    );
    expect((await tickstock('explain AAPL 2026-01-05')).out).toMatch(/^daily +1 bar, to be asked again$/m);
    expect((await tickstock('explain AAPL 2026-01-06')).out).toMatch(/^daily +not due$/m);
    expect((await tickstock('explain AAPL 2020-01-06')).out).toMatch(/^daily +never asked$/m);
  });

  it('explain tells why there is none', async () => {
    const { out } = await tickstock('explain BCPC 2025-12-30');
    expect(tableLines(out)).toEqual(
      expect.arrayContaining([
        'hourly | no bar: vendor_gap',
        'The vendor has bars of the other timeframe for the session, so it should have these too.',
        'Evidence: daily bars of the session are stored.',
        'ask again | tickstock import --symbols BCPC --from 2025-12-30 --to 2025-12-30 --refresh',
      ]),
    );
    const { timeframes, requests } = JSON.parse((await tickstock('explain BCPC 2025-12-30 --json')).out);
    expect(timeframes).toMatchObject([
      { timeframe: 'daily', asked: true, absence: null, bars: [{ final: true }] },
      { timeframe: 'hourly', asked: true, absence: { reason: 'vendor_gap' }, bars: [] },
    ]);
    expect(requests).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ route: 'aggregates/hourly', purpose: 'evidence', status: 200, rows: 0 }),
      ]),
    );
  });

  it('verify finds all laws kept', async () => {
    const { code, out, err } = await tickstock('verify');
    expect([code, tableLines(out).map((line) => line.split(' | ')[0])]).toEqual([
      0,
      [...Array.from({ length: 10 }, () => 'ok'), 'none', 'none', 'none'],
    ]);
    expect(err).toMatch(/^All 10 laws hold for 3 symbols, [\d,]+ bars, \d+ covered sessions\.\n$/);
  });

  it('explain tells what was revised, rejected and split', async () => {
    await database.pool.query(`
      INSERT INTO bar_revisions SELECT symbol, 'daily', session::timestamp AT TIME ZONE 'America/New_York', 77.5, high, low, close, volume, vwap, trades, created_at
        FROM bars_daily WHERE symbol = 'AAPL' AND session = '2025-12-23';
      INSERT INTO rejected_bars (symbol, timeframe, starts_at, session, open, reason, run_id)
        VALUES ('AAPL', 'hourly', '2025-12-23 10:00 America/New_York', '2025-12-23', 9e11, 'open is above 100000000', 'r1');
      INSERT INTO splits VALUES ('AAPL', '2026-01-02', 1, 4)`);
    const text = tableLines((await tickstock('explain AAPL 2025-12-23')).out);
    expect(text).toEqual(
      expect.arrayContaining([
        'daily | 1 bar, final, revised',
        "split | 4 for 1 on 2026-01-02: the views give this session's prices times 1/4 from that day on",
        expect.stringMatching(/^the day \| 77\.5 \| /),
        expect.stringMatching(/^10:00 \| 900000000000 \| .*open is above 100000000 \| /),
      ]),
    );
    await database.pool.query('DELETE FROM splits; DELETE FROM rejected_bars; DELETE FROM bar_revisions');
  });

  it('verify and explain find what was damaged, and asking again mends it', async () => {
    await database.pool.query(`
      DELETE FROM bars_daily WHERE symbol = 'AAPL' AND session = '2025-12-23';
      UPDATE absences SET reason = 'no_trade' WHERE symbol = 'BCPC'`);
    const { code, out, err } = await tickstock('verify');
    expect([code, tableLines(out).filter((line) => !/^(ok|none) /.test(line))]).toEqual([
      3,
      [
        'broken | every covered session has a bar or an absence, never both: 1',
        'AAPL | daily | 2025-12-23 | neither a bar nor an absence | tickstock explain AAPL 2025-12-23',
        'broken | every session with hour bars has its day bar where days are covered, or an absence that says why not: 1',
        'AAPL | daily | 2025-12-23 | 16 hour bars, no day bar and no absence | tickstock explain AAPL 2025-12-23',
        'broken | every absence has the reason that the stored facts give now: 1',
        'BCPC | hourly | 2025-12-30 | is no_trade, should be vendor_gap | tickstock explain BCPC 2025-12-30',
      ],
    ]);
    expect(err).toMatch(
      /^3 of 10 laws are broken .* again: tickstock import --symbols AAPL,BCPC --from 2025-12-23 --to 2025-12-30 --refresh\. /,
    );
    const { ok, checks, findings } = JSON.parse((await tickstock('verify --symbols BCPC --json')).out);
    expect([ok, findings.length]).toEqual([false, 3]);
    expect(checks.filter((check: { ok: boolean }) => !check.ok)).toMatchObject([
      {
        name: 'reasons',
        found: 1,
        examples: [{ symbol: 'BCPC', next: 'tickstock explain BCPC 2025-12-30' }],
      },
    ]);
    expect((await tickstock('explain AAPL 2025-12-23')).out).toMatch(/^daily +no bar, and no reason$/m);
    await tickstock('import --symbols AAPL,BCPC --from 2025-12-23 --to 2025-12-30 --refresh');
    expect((await tickstock('verify')).code).toBe(0);
  });
});
