import { beforeEach, describe, expect, it } from 'vitest';
import { plainly } from '../../test/support/write-plainly.ts';
import { dayBar } from '../../test/support/made-bars.ts';
import { openedDatabase } from '../../test/support/opened-database.ts';
import type { Bar } from '../market/bar.ts';
import { sessionsBetween } from '../market/calendar.ts';
import { writeSplits } from './splits.ts';
import { writeBars } from './write-bars.ts';

const opened = openedDatabase();
beforeEach(() => opened().pool.query('TRUNCATE bars_daily, splits'));

const store = (symbol: string, bars: readonly Bar[], finalThrough = '2030-01-01'): Promise<unknown> =>
  opened().transaction('write bars', (client) =>
    writeBars(client, 'daily', [{ symbol, bars, finalThrough }], plainly),
  );

interface Rolled {
  readonly date: string;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly vwap: number | null;
  readonly trades: number | null;
  readonly final: boolean;
}

async function read(
  view: 'ohlcv_weekly' | 'ohlcv_monthly',
  symbol: string,
  asOf = '2030-01-01',
): Promise<Rolled[]> {
  return opened().transaction('read a view', async (client) => {
    await client.query("SELECT set_config('tickstock.as_of', $1, true)", [asOf]);
    const result = await client.query<Rolled>(
      `SELECT date::text, open, high, low, close, volume, vwap, trades::integer, final FROM ${view} WHERE symbol = $1 ORDER BY date`,
      [symbol],
    );
    return result.rows;
  });
}

const sunday = (session: string): string => {
  const day = new Date(`${session}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() - day.getUTCDay());
  return day.toISOString().slice(0, 10);
};
const firstOfMonth = (session: string): string => `${session.slice(0, 7)}-01`;

/** Rolled up by the vendor's words: first open, last close, extremes, sums, vwap weighted by volume. */
function rollUp(days: readonly Bar[], stamp: (session: string) => string): Omit<Rolled, 'final'>[] {
  return [...new Set(days.map((day) => stamp(day.session)))].map((date) => {
    const bars = days.filter((day) => stamp(day.session) === date);
    const weighed = bars.filter((bar) => bar.vwap !== null);
    const volume = weighed.reduce((sum, bar) => sum + bar.volume, 0);
    const turnover = weighed.reduce((sum, bar) => sum + bar.volume * (bar.vwap ?? 0), 0);
    return {
      date,
      open: bars[0]?.open ?? Number.NaN,
      high: Math.max(...bars.map((bar) => bar.high)),
      low: Math.min(...bars.map((bar) => bar.low)),
      close: bars.at(-1)?.close ?? Number.NaN,
      volume: bars.reduce((sum, bar) => sum + bar.volume, 0),
      vwap: volume === 0 ? null : turnover / volume,
      trades: bars.reduce((sum, bar) => sum + (bar.trades ?? 0), 0),
    };
  });
}

/** Days that look like a market's, the same on every call. */
function walk(symbol: string, sessions: readonly string[]): Bar[] {
  let seed = 7;
  const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  let price = 100;
  return sessions.map((session) => {
    const open = price;
    price *= 0.97 + random() * 0.06;
    return dayBar(symbol, session, {
      open,
      close: price,
      high: Math.max(open, price) + random(),
      low: Math.min(open, price) - random(),
      volume: Math.floor(random() * 1e7) + random(),
      vwap: random() < 0.1 ? null : (open + price) / 2,
      trades: Math.floor(random() * 1e5),
    });
  });
}

describe.each([
  ['ohlcv_weekly', sunday],
  ['ohlcv_monthly', firstOfMonth],
] as const)('%s', (view, stamp) => {
  it('equals an independent roll-up of three years of days', async () => {
    const days = walk('X', sessionsBetween('2021-12-20', '2024-12-31'));
    await store('X', days);
    const rolled = await read(view, 'X');
    const expected = rollUp(days, stamp);
    expect(rolled.map(({ date }) => date)).toEqual(expected.map(({ date }) => date));
    for (const [index, bar] of rolled.entries()) {
      const { volume, vwap, ...exact } = expected[index] ?? { volume: Number.NaN, vwap: null };
      expect(bar).toMatchObject(exact);
      expect(bar.volume / volume).toBeCloseTo(1, 12);
      expect((bar.vwap ?? 0) / (vwap ?? 0)).toBeCloseTo(1, 12);
    }
  });

  it('rolls up adjusted days, so that a split inside leaves no step', async () => {
    // Tuesday 2024-03-12 halves the price of every share.
    const before = dayBar('X', '2024-03-11', {
      open: 200,
      high: 210,
      low: 190,
      close: 200,
      volume: 50,
      vwap: 200,
    });
    const after = dayBar('X', '2024-03-12', {
      open: 100,
      high: 104,
      low: 96,
      close: 102,
      volume: 100,
      vwap: 101,
    });
    await store('X', [before, after]);
    await writeSplits(
      opened().pool,
      [{ symbol: 'X', executionDate: '2024-03-12', from: 1, to: 2 }],
      '2024-03-12',
    );
    expect(await read(view, 'X')).toMatchObject([
      { open: 100, high: 105, low: 95, close: 102, volume: 200, vwap: 100.5, trades: 24 },
    ]);
  });

  it('has no vwap and no trades where no day has, nor a vwap of no shares', async () => {
    await store('X', [dayBar('X', '2024-03-11', { vwap: null, trades: null })]);
    await store('Y', [dayBar('Y', '2024-03-11', { volume: 0 })]);
    expect(await read(view, 'X')).toMatchObject([{ vwap: null, trades: null, volume: 1000.5 }]);
    expect(await read(view, 'Y')).toMatchObject([{ vwap: null, trades: 12, volume: 0 }]);
  });
});

describe('an unfinished week or month', () => {
  const days = sessionsBetween('2024-02-26', '2024-03-28').map((session) => dayBar('X', session));
  const finals = async (view: 'ohlcv_weekly' | 'ohlcv_monthly', asOf: string): Promise<[string, boolean][]> =>
    (await read(view, 'X', asOf)).slice(-2).map(({ date, final }) => [date, final]);

  it('is not final while it runs', async () => {
    await store('X', days);
    expect(await finals('ohlcv_weekly', '2024-03-30')).toEqual([
      ['2024-03-17', true],
      ['2024-03-24', false],
    ]);
    expect(await finals('ohlcv_monthly', '2024-03-31')).toEqual([
      ['2024-02-01', true],
      ['2024-03-01', false],
    ]);
  });

  it('is final when it has ended', async () => {
    await store('X', days);
    expect((await finals('ohlcv_weekly', '2024-03-31')).at(-1)).toEqual(['2024-03-24', true]);
    expect((await finals('ohlcv_monthly', '2024-04-01')).at(-1)).toEqual(['2024-03-01', true]);
  });

  it('is not final while one of its days is provisional', async () => {
    await store('X', days, '2024-03-27');
    expect((await finals('ohlcv_weekly', '2024-05-01')).at(-1)).toEqual(['2024-03-24', false]);
    expect((await finals('ohlcv_monthly', '2024-05-01')).at(-1)).toEqual(['2024-03-01', false]);
  });
});
