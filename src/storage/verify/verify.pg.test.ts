import { beforeEach, describe, expect, it } from 'vitest';
import { plainly } from '../../../test/support/write-plainly.ts';
import { dayBar, hourBar, pageOf } from '../../../test/support/made-bars.ts';
import { openedDatabase } from '../../../test/support/opened-database.ts';
import type { Bar, BaseTimeframe } from '../../market/bar.ts';
import { sessionsBetween } from '../../market/calendar.ts';
import { settleAbsences } from '../absence-reasons.ts';
import { writeAbsences } from '../absences.ts';
import { writeCoverage } from '../coverage.ts';
import { writeBars } from '../write-bars.ts';
import type { Checked } from './check.ts';
import { type Verification, verifyStored } from './verify.ts';

const opened = openedDatabase('2024-03-16');

const dates = { from: '2024-03-04', to: '2024-03-15' };
const sessions = sessionsBetween(dates.from, dates.to);
/** Neither symbol has its day bar here; AAPL has its hours. */
const GAP = '2024-03-07';
const traded = sessions.filter((session) => session !== GAP);

/** Two weeks of AAPL's days and hours and of MSFT's days, the last session to be asked again. */
beforeEach(async () => {
  await opened().pool.query(
    'TRUNCATE bars_daily, bars_hourly, coverage, absences, splits, rejected_bars, symbol_lives',
  );
  await store(
    'daily',
    traded.map((session) => dayBar('AAPL', session)),
  );
  await store(
    'daily',
    traded.map((session) => dayBar('MSFT', session)),
  );
  await store(
    'hourly',
    sessions.flatMap((session) => [hourBar('AAPL', session, 9), hourBar('AAPL', session, 10)]),
  );
  await settleAbsences(opened().pool, {
    symbols: ['AAPL', 'MSFT'],
    range: dates,
    lives: [],
    marketDays: [],
  });
});

async function store(timeframe: BaseTimeframe, bars: readonly Bar[]): Promise<void> {
  const page = pageOf(bars as [Bar, ...Bar[]], {
    timeframe,
    from: dates.from,
    before: '2024-03-18',
    absent: timeframe === 'daily' ? [GAP] : [],
    finalThrough: '2024-03-14',
  });
  await opened().transaction('store', async (client) => {
    const earlier = await writeCoverage(client, [page]);
    await writeBars(client, timeframe, [page], plainly);
    await writeAbsences(client, [page], earlier);
  });
}

const verify = (symbols: readonly string[] | null = null): Promise<Verification> =>
  opened().transaction('verify', (client) => verifyStored(client, symbols));

/** `NAME SYMBOL timeframe session: detail` of everything found. */
const finds = (checks: readonly Checked[]): string[] =>
  checks.flatMap(({ name, examples }) =>
    examples.map(
      ({ symbol, timeframe, session, detail }) => `${name} ${symbol} ${timeframe} ${session}: ${detail}`,
    ),
  );

describe('the laws', () => {
  it('hold for what the writers store', async () => {
    const { extent, laws, findings, runInProgress } = await verify();
    expect(finds(laws)).toEqual([]);
    expect(laws.map(({ found }) => found)).toEqual(laws.map(() => 0));
    expect(finds(findings)).toEqual(['unexplained_gaps MSFT daily 2024-03-07: unexplained']);
    expect([extent, runInProgress]).toEqual([{ symbols: 2, bars: 38, sessions: 30 }, null]);
  });

  const HOUR = `'2024-03-06 09:00 America/New_York'`;
  const OF_MSFT = `WHERE symbol = 'MSFT' AND session = '2024-03-06'`;
  it.each([
    [
      'a session without bar and absence',
      `DELETE FROM absences WHERE symbol = 'MSFT'`,
      ['bar_or_absence MSFT daily 2024-03-07: neither a bar nor an absence'],
    ],
    [
      'an absence beside its bar',
      `INSERT INTO absences VALUES ('MSFT', 'daily', '2024-03-06')`,
      ['bar_or_absence MSFT daily 2024-03-06: a bar and an absence'],
    ],
    [
      'a bar outside coverage',
      `UPDATE coverage SET sessions = sessions - '{[2024-03-06,2024-03-07)}' WHERE symbol = 'MSFT'`,
      ['inside_coverage MSFT daily 2024-03-06: a bar outside coverage'],
    ],
    [
      'bars of a symbol that has no coverage',
      `DELETE FROM coverage WHERE symbol = 'MSFT'; DELETE FROM bars_daily WHERE symbol = 'MSFT' AND session <> '2024-03-06'`,
      [
        'inside_coverage MSFT daily 2024-03-07: an absence outside coverage',
        'inside_coverage MSFT daily 2024-03-06: a bar outside coverage',
      ],
    ],
    [
      'a bar on another session, which leaves their number as it was,',
      `UPDATE bars_daily SET session = '2024-03-18' ${OF_MSFT}`,
      [
        'bar_or_absence MSFT daily 2024-03-06: neither a bar nor an absence',
        'inside_coverage MSFT daily 2024-03-18: a bar outside coverage',
      ],
    ],
    [
      'a bar on a Saturday',
      `INSERT INTO bars_daily SELECT symbol, '2024-03-09', open, high, low, close, volume, vwap, trades, final FROM bars_daily ${OF_MSFT}`,
      ['sessions_only MSFT daily 2024-03-09: a bar on no trading session'],
    ],
    [
      'an absence on a Saturday',
      `INSERT INTO absences VALUES ('MSFT', 'daily', '2024-03-09')`,
      ['sessions_only MSFT daily 2024-03-09: an absence on no trading session'],
    ],
    [
      'an hour before 04:00',
      `UPDATE bars_hourly SET starts_at = starts_at - interval '6 hours' WHERE starts_at = ${HOUR}`,
      ['hours_in_session AAPL hourly 2024-03-06: starts 2024-03-06 03:00:00 New York'],
    ],
    [
      'an hour that begins at 20:00',
      `UPDATE bars_hourly SET starts_at = starts_at + interval '11 hours' WHERE starts_at = ${HOUR}`,
      ['hours_in_session AAPL hourly 2024-03-06: starts 2024-03-06 20:00:00 New York'],
    ],
    [
      'an hour that begins at no full hour',
      `UPDATE bars_hourly SET starts_at = starts_at + interval '30 minutes' WHERE starts_at = ${HOUR}`,
      ['hours_in_session AAPL hourly 2024-03-06: starts 2024-03-06 09:30:00 New York'],
    ],
    [
      'an hour of another session',
      `UPDATE bars_hourly SET session = '2024-03-05' WHERE starts_at = ${HOUR}`,
      ['hours_in_session AAPL hourly 2024-03-05: starts 2024-03-06 09:00:00 New York'],
    ],
    [
      'a session to be asked again that is not covered',
      `UPDATE coverage SET provisional = provisional + '{[2024-04-01,2024-04-02)}' WHERE symbol = 'MSFT'`,
      ['provisional MSFT daily 2024-04-01: to be asked again, yet not covered'],
    ],
    [
      'a bar that is never made final',
      `UPDATE bars_daily SET final = false ${OF_MSFT}`,
      ['provisional MSFT daily 2024-03-06: not final, yet not to be asked again'],
    ],
    [
      'one hour that is never made final',
      `UPDATE bars_hourly SET final = false WHERE starts_at = ${HOUR}`,
      ['provisional AAPL hourly 2024-03-06: not final, yet not to be asked again'],
    ],
    [
      'a bar that is final too early',
      `UPDATE bars_daily SET final = true WHERE symbol = 'MSFT'`,
      ['provisional MSFT daily 2024-03-15: final, yet to be asked again'],
    ],
    [
      'hours whose day is gone',
      `DELETE FROM bars_daily WHERE symbol = 'AAPL' AND session = '2024-03-06'`,
      [
        'bar_or_absence AAPL daily 2024-03-06: neither a bar nor an absence',
        'hours_have_days AAPL daily 2024-03-06: 2 hour bars, no day bar and no absence',
      ],
    ],
    [
      'a high below its low',
      `UPDATE bars_daily SET high = 1 ${OF_MSFT}`,
      [
        'row_rules MSFT daily 2024-03-06: open 10.25 high 1 low 9.75 close 10.5 volume 1000.5 vwap 10.4375 trades 12',
      ],
    ],
    [
      'a volume that is no number',
      `UPDATE bars_hourly SET volume = 'NaN', vwap = NULL, trades = NULL WHERE starts_at = ${HOUR}`,
      ['row_rules AAPL hourly 2024-03-06: open 10.25 high 11.5 low 9.75 close 10.5 volume NaN'],
    ],
    [
      'a reason that the facts do not give',
      `UPDATE absences SET reason = 'delisted' WHERE symbol = 'MSFT'`,
      ['reasons MSFT daily 2024-03-07: is delisted, should be unexplained'],
    ],
    [
      'a fact that came later',
      `INSERT INTO symbol_lives VALUES ('MSFT', '2024-03-08', NULL, '2024-03-16')`,
      ['reasons MSFT daily 2024-03-07: is unexplained, should be not_listed'],
    ],
  ])('%s is found, and nothing else', async (_, damage, expected) => {
    await opened().pool.query(damage);
    expect(finds((await verify()).laws)).toEqual(expected);
  });

  it.each([
    ['weekly', '2024-03-10', '2024-03-03'],
    ['monthly', '2024-03-01'],
  ])('a wrong %s view is found, and nothing else', async (timeframe, ...stamps) => {
    const { rows } = await opened().pool.query<{ sql: string }>(
      `SELECT pg_get_viewdef('ohlcv_${timeframe}'::regclass) AS sql`,
    );
    const right = rows[0]!.sql;
    const replace = (sql: string): Promise<unknown> =>
      opened().pool.query(`CREATE OR REPLACE VIEW ohlcv_${timeframe} AS ${sql}`);
    await replace(right.replace(/max\((?:\w+\.)?high\)/, 'min(high) - 1'));
    try {
      expect(finds((await verify(['MSFT'])).laws)).toEqual(
        stamps.map((stamp) =>
          expect.stringMatching(`^${timeframe} MSFT ${timeframe} ${stamp}: the view has`),
        ),
      );
    } finally {
      await replace(right);
    }
  });

  it('hold for weeks and months over splits, and for bars without vwap and trades', async () => {
    await opened().pool.query(`
      INSERT INTO splits VALUES ('MSFT', '2024-03-06', 1, 3), ('MSFT', '2024-03-13', 7, 2);
      UPDATE bars_daily SET vwap = NULL, trades = NULL WHERE session IN ('2024-03-05', '2024-03-12');
      UPDATE bars_daily SET volume = 0 WHERE session = '2024-03-06'`);
    expect(finds((await verify()).laws)).toEqual([]);
  });

  it('are checked for the symbols asked for only', async () => {
    await opened().pool.query(`DELETE FROM absences WHERE symbol = 'MSFT'`);
    const { laws, extent } = await verify(['AAPL']);
    expect([finds(laws), extent.symbols]).toEqual([[], 1]);
  });

  it('name at most five examples, the newest, and count them all', async () => {
    await opened().pool.query(`DELETE FROM bars_daily WHERE symbol = 'MSFT'`);
    const law = (await verify()).laws.find(({ name }) => name === 'bar_or_absence');
    expect(law).toMatchObject({ found: 9 });
    expect(law?.examples.map(({ session }) => session)).toEqual(sessions.slice(-5).toReversed());
  });

  it('change nothing', async () => {
    await opened().pool.query(`UPDATE absences SET reason = 'delisted'`);
    await verify();
    const { rows } = await opened().pool.query('SELECT DISTINCT reason FROM absences');
    expect(rows).toEqual([{ reason: 'delisted' }]);
  });
});

describe('findings', () => {
  const found = async (): Promise<string[]> =>
    finds((await verify()).findings).filter((find) => !find.startsWith('unexplained_gaps'));

  it('are closes that jump there and back', async () => {
    await opened().pool.query(
      `UPDATE bars_daily SET close = 1000, high = 1000 WHERE symbol = 'MSFT' AND session = '2024-03-06'`,
    );
    expect(await found()).toEqual([
      'suspect_bars MSFT daily 2024-03-08: close 10.5 after 1000',
      'suspect_bars MSFT daily 2024-03-06: close 1000 after 10.5',
    ]);
  });

  it('are not the jumps of a split, were it on a session without a bar', async () => {
    await opened().pool.query(`
      UPDATE bars_daily SET close = 1000, high = 1000 WHERE symbol = 'MSFT' AND session > '2024-03-06';
      INSERT INTO splits VALUES ('MSFT', '2024-03-07', 100, 1)`);
    expect(await found()).toEqual([]);
  });

  it('are splits that are held back, where splits are judged at all', async () => {
    await opened().pool.query(`
      ALTER TABLE splits ADD COLUMN IF NOT EXISTS verdict text;
      INSERT INTO splits (symbol, execution_date, split_from, split_to, verdict) VALUES ('MSFT', '2024-03-06', 1, 4, 'held')`);
    expect(await found()).toEqual(['held_splits MSFT daily 2024-03-06: 4 for 1']);
  });
});
