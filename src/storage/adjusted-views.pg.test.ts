import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { plainly } from '../../test/support/write-plainly.ts';
import { dayBar, hourBar } from '../../test/support/made-bars.ts';
import { openedDatabase } from '../../test/support/opened-database.ts';
import type { Bar, BaseTimeframe } from '../market/bar.ts';
import { type IsoDate, addDays } from '../market/date.ts';
import type { Split } from '../market/split.ts';
import { timeframes } from '../market/timeframe.ts';
import { writeSplits } from './splits.ts';
import { writeBars } from './write-bars.ts';

const opened = openedDatabase();
beforeEach(() => opened().pool.query('TRUNCATE bars_daily, bars_hourly, splits'));

const LATER = '2030-01-01';
const apple: Split = { symbol: 'AAPL', executionDate: '2014-06-09', from: 1, to: 7 };

async function store(bars: readonly [Bar, ...Bar[]], timeframe: BaseTimeframe = 'daily'): Promise<void> {
  await opened().transaction('write bars', (client) =>
    writeBars(client, timeframe, [{ symbol: bars[0].symbol, bars, finalThrough: LATER }], plainly),
  );
}

interface Adjusted {
  readonly date: string;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly vwap: number | null;
  readonly trades: number | null;
}

/** A view's rows in order, read on a New York day. */
async function read(view: 'ohlcv_daily' | 'ohlcv_hourly', asOf: IsoDate = LATER): Promise<Adjusted[]> {
  const stamp = view === 'ohlcv_daily' ? 'date' : '"timestamp"';
  return opened().transaction('read a view', async (client) => {
    await client.query("SELECT set_config('tickstock.as_of', $1, true)", [asOf]);
    const result = await client.query<Adjusted>(
      `SELECT ${stamp}::text AS date, open, high, low, close, volume, vwap, trades FROM ${view} ORDER BY symbol, ${stamp}`,
    );
    return result.rows;
  });
}

const closes = async (asOf?: IsoDate): Promise<number[]> =>
  (await read('ohlcv_daily', asOf)).map(({ close }) => close);

describe('the split-adjusted views', () => {
  it('divide prices before a split by its ratio and multiply volume, trades aside', async () => {
    await store([
      dayBar('AAPL', '2014-06-06', { close: 645.57 }),
      dayBar('AAPL', '2014-06-09', { close: 93.7 }),
    ]);
    await writeSplits(opened().pool, [apple], LATER);
    expect(await read('ohlcv_daily')).toEqual([
      {
        date: '2014-06-06',
        open: 10.25 / 7,
        high: 11.5 / 7,
        low: 9.75 / 7,
        close: 645.57 / 7,
        volume: 1000.5 * 7,
        vwap: 10.4375 / 7,
        trades: 12,
      },
      {
        date: '2014-06-09',
        open: 10.25,
        high: 11.5,
        low: 9.75,
        close: 93.7,
        volume: 1000.5,
        vwap: 10.4375,
        trades: 12,
      },
    ]);
  });

  it('adjust hours by the New York day they belong to, extended hours too', async () => {
    await store([hourBar('AAPL', '2014-06-06', 19), hourBar('AAPL', '2014-06-09', 4)], 'hourly');
    await writeSplits(opened().pool, [apple], LATER);
    expect(await read('ohlcv_hourly')).toMatchObject([
      { date: '2014-06-06 23:00:00+00', open: 10.25 / 7, volume: 1000.5 * 7, vwap: 10.4375 / 7, trades: 12 },
      { date: '2014-06-09 08:00:00+00', open: 10.25, volume: 1000.5, vwap: 10.4375, trades: 12 },
    ]);
  });

  it('leave a bar without vwap without one, and other symbols alone', async () => {
    await store([dayBar('AAPL', '2014-06-06', { vwap: null, trades: null })]);
    await store([dayBar('AApL', '2014-06-06')]);
    await writeSplits(opened().pool, [apple], LATER);
    expect(await read('ohlcv_daily')).toMatchObject([
      { close: 1.5, vwap: null, trades: null },
      { close: 10.5, vwap: 10.4375 },
    ]);
  });

  it('apply an announced split on its day, not before', async () => {
    await store([dayBar('AAPL', '2014-06-06', { close: 700 })]);
    await writeSplits(opened().pool, [apple], LATER);
    expect(await closes('2014-06-08')).toEqual([700]);
    expect(await closes('2014-06-09')).toEqual([100]);
  });

  it("take New York's date for today where nothing else is set", async () => {
    await store([dayBar('AAPL', '2014-06-06', { close: 700 }), dayBar('MSFT', '2014-06-06', { close: 700 })]);
    const { rows } = await opened().pool.query<{ today: string; tomorrow: string }>(
      `SELECT today::text, (today + 1)::text AS tomorrow FROM (SELECT (now() AT TIME ZONE 'America/New_York')::date AS today) t`,
    );
    const { today = '', tomorrow = '' } = rows[0] ?? {};
    await writeSplits(
      opened().pool,
      [
        { ...apple, executionDate: today },
        { ...apple, symbol: 'MSFT', executionDate: tomorrow },
      ],
      today,
    );
    const found = await opened().pool.query('SELECT symbol, close FROM ohlcv_daily ORDER BY symbol');
    expect(found.rows).toEqual([
      { symbol: 'AAPL', close: 100 },
      { symbol: 'MSFT', close: 700 },
    ]);
  });

  it('are right at once when a split comes, is corrected, or goes, with no bar rewritten', async () => {
    await store([dayBar('AAPL', '2014-06-06', { close: 630 })]);
    const versions = async (): Promise<unknown> =>
      (await opened().pool.query('SELECT ctid, xmin, xmax FROM bars_daily')).rows;
    const before = await versions();
    await writeSplits(opened().pool, [apple], LATER);
    expect(await closes()).toEqual([90]);
    await writeSplits(opened().pool, [{ ...apple, to: 10 }], LATER);
    expect(await closes()).toEqual([63]);
    await opened().pool.query('DELETE FROM splits');
    expect(await closes()).toEqual([630]);
    expect(await versions()).toEqual(before);
  });

  it('give raw * Π from / Π to exactly, whatever the ratios, however many', async () => {
    const days = fc.integer({ min: 0, max: 400 });
    const ratio = fc.oneof(
      fc.constantFrom([1, 2], [1, 7], [10, 1], [3, 2], [1000, 1017], [1, 1.0185], [0.5, 1]),
      fc.tuple(fc.integer({ min: 1, max: 100 }), fc.double({ min: 0.01, max: 100, noNaN: true })),
    );
    const splits = fc.uniqueArray(fc.record({ day: days, ratio }), {
      maxLength: 6,
      selector: ({ day }) => day,
    });
    const bars = fc.uniqueArray(
      fc.record({
        day: days,
        open: fc.double({ min: 0.01, max: 1e6, noNaN: true }),
        volume: fc.double({ min: 1e-6, max: 1e12, noNaN: true }),
      }),
      { minLength: 1, maxLength: 40, selector: ({ day }) => day },
    );
    const date = (day: number): IsoDate => addDays('2020-01-01', day);
    await fc.assert(
      fc.asyncProperty(bars, splits, days, async (madeBars, madeSplits, today) => {
        await opened().pool.query('TRUNCATE bars_daily, splits');
        const ordered = madeBars.toSorted((a, b) => a.day - b.day);
        const made = ordered.map(({ day, open, volume }) => dayBar('X', date(day), { open, volume }));
        await store(made as [Bar, ...Bar[]]);
        await writeSplits(
          opened().pool,
          madeSplits.map(({ day, ratio: [from = 1, to = 1] }) => ({
            symbol: 'X',
            executionDate: date(day),
            from,
            to,
          })),
          LATER,
        );
        const until = ordered.filter(({ day }) => day <= today);
        const expected = until.map(({ day, open, volume }) => {
          const later = madeSplits
            .filter((split) => split.day > day && split.day <= today)
            .toSorted((a, b) => a.day - b.day);
          const oldShares = later.reduce((product, { ratio: [from = 1] }) => product * from, 1);
          const newShares = later.reduce((product, { ratio: [, to = 1] }) => product * to, 1);
          return {
            date: date(day),
            open: (open * oldShares) / newShares,
            volume: (volume * newShares) / oldShares,
          };
        });
        const found = await read('ohlcv_daily', date(today));
        expect(found).toHaveLength(expected.length);
        expect(found).toMatchObject(expected);
      }),
      { numRuns: 40 },
    );
  });
});

describe("one symbol's bars", () => {
  it('are found in every view without reading the others', async () => {
    await opened().pool.query(`
      INSERT INTO bars_daily SELECT 'S' || s, DATE '2023-01-01' + d, 1, 1, 1, 1, 1, 1, 1, true
        FROM generate_series(1, 200) s, generate_series(1, 200) d;
      INSERT INTO bars_hourly SELECT symbol, session + interval '15 hours', session, 1, 1, 1, 1, 1, 1, 1, true FROM bars_daily;
      INSERT INTO splits SELECT 'S' || s, DATE '2023-01-01' + d, 1, 2 FROM generate_series(1, 200) s, generate_series(1, 20) d;
      ANALYZE bars_daily, bars_hourly, splits`);
    for (const timeframe of timeframes) {
      const { rows } = await opened().pool.query<Record<string, string>>(
        `EXPLAIN (COSTS off) SELECT * FROM ohlcv_${timeframe} WHERE symbol = 'S7'`,
      );
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      expect(plan).toMatch(/Index Cond: \(+symbol = 'S7'::text/);
      expect(plan).not.toContain('Seq Scan');
    }
  });

  it('are in order by their index, so that the newest is found without the others', async () => {
    await opened().pool.query(`
      INSERT INTO bars_daily SELECT 'S' || s, DATE '2020-01-01' + d, 1, 1, 1, 1, 1, 1, 1, true
        FROM generate_series(1, 20) s, generate_series(1, 1000) d;
      ANALYZE bars_daily`);
    const { rows } = await opened().pool.query<Record<string, string>>(
      `EXPLAIN (COSTS off) SELECT * FROM ohlcv_daily WHERE symbol = 'S7' ORDER BY date DESC LIMIT 1`,
    );
    expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toMatch(
      /Merge Append\s+Sort Key: bars_daily.session DESC\s+->  Result\s+One-Time Filter: .*\s+->  Index Scan Backward using bars_daily_pkey/,
    );
  });
});
