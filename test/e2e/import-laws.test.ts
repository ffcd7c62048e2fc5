import { describe, expect, it } from 'vitest';
import { verifyStored } from '../../src/storage/verify/verify.ts';
import { newYorkDate } from '../../src/market/new-york.ts';
import { sessionsBetween } from '../../src/market/calendar.ts';
import { ask, range } from '../support/sandbox.ts';
import { type Nights, startNights } from '../support/night-by-night.ts';

const SYMBOLS = ['AAPL', 'AMGN', 'BCPC', 'BCpC', 'BRK.B', 'NVDA'];
const FROM = '2025-10-01';
/** Over the end of daylight saving time, Thanksgiving and its early close. */
const sessions = sessionsBetween(FROM, '2025-12-12');
const LAST = sessions.at(-1)!;
const HOLES = [
  'hole=symbols:AMGN,from:2025-11-03,to:2025-11-03',
  'hole=symbols:BCPC,to:2025-10-10',
  'hole=symbols:BCpC,from:2025-11-28,to:2025-12-02,in:daily',
];

/** Runs that together bring the whole window: the sessions on whose evening somebody imports, and from where. */
const partitions: Record<string, readonly { evening: string; from: string; symbols?: readonly string[] }[]> =
  {
    'night by night': sessions.map((evening) => ({ evening, from: FROM })),
    'now and then, with a long pause': [3, 4, 20, 41, sessions.length - 1].map((at) => ({
      evening: sessions[at]!,
      from: FROM,
    })),
    'the newest part first': [
      { evening: LAST, from: '2025-12-01' },
      { evening: LAST, from: '2025-11-03' },
      { evening: LAST, from: FROM },
    ],
    'symbol by symbol': SYMBOLS.map((symbol) => ({ evening: LAST, from: FROM, symbols: [symbol] })),
  };

async function imported(nights: Nights, runs: (typeof partitions)[string]): Promise<void> {
  for (const { evening, from, symbols = SYMBOLS } of runs)
    await nights.importOn(evening, { symbols, timeframes: ['hourly', 'daily'], span: { from, to: evening } });
}

const contents = async (nights: Nights): Promise<Record<string, string>> => {
  const { bars_daily, bars_hourly, coverage, absences } = await nights.digest();
  return { bars_daily: bars_daily!, bars_hourly: bars_hourly!, coverage: coverage!, absences: absences! };
};

describe('an import of a window', () => {
  it.each(Object.entries(partitions))('ends in the same database when done %s', async (_name, runs) => {
    await using once = await started();
    await using parts = await started();
    await imported(once.nights, [{ evening: LAST, from: FROM }]);
    await imported(parts.nights, runs);
    expect(await contents(parts.nights)).toEqual(await contents(once.nights));
    // And again: nothing changes.
    await imported(parts.nights, [{ evening: LAST, from: FROM }]);
    expect(await contents(parts.nights)).toEqual(await contents(once.nights));
    const { laws } = await parts.nights.app.database.transaction('verify', (client) =>
      verifyStored(client, null),
    );
    expect(laws.filter(({ found }) => found > 0)).toEqual([]);
  });

  it('gives the weeks and months that the vendor itself answers, raw and adjusted', async (context) => {
    const nights = await startNights(context);
    const { sandbox, database } = nights;
    const split = (
      await ask(sandbox, '/stocks/v1/splits?execution_date.gte=2020-06-01&limit=5000')
    ).body.results.find(
      ({ execution_date: on }: { execution_date: string }) => on > '2021-06-01' && on < '2025-06-01',
    );
    const symbols = [split.ticker as string, 'AAPL'];
    await nights.importOn('2026-01-06', { symbols, timeframes: ['daily', 'weekly', 'monthly'] });
    for (const symbol of symbols) {
      for (const timeframe of ['weekly', 'monthly'] as const) {
        const timespan = timeframe === 'weekly' ? 'week' : 'month';
        const { body } = await ask(
          sandbox,
          `${range(symbol, timespan, '2021-02-01', '2025-12-31')}?adjusted=true&limit=50000`,
        );
        const { rows } = await database.pool.query<Record<string, number> & { date: string }>(
          `SELECT date::text AS date, open, high, low, close, volume FROM ohlcv_${timeframe}
            WHERE symbol = $1 AND date BETWEEN $2 AND $3 ORDER BY date`,
          [symbol, newYorkDate(body.results[0].t), newYorkDate(body.results.at(-1).t)],
        );
        expect(rows.map(({ date }) => date)).toEqual(
          body.results.map(({ t }: { t: number }) => newYorkDate(t)),
        );
        for (const [place, row] of rows.entries()) {
          const { o, h, l, c, v } = body.results[place];
          // The vendor rounds adjusted prices to four decimals.
          for (const [ours, theirs] of [
            [row['open'], o],
            [row['high'], h],
            [row['low'], l],
            [row['close'], c],
          ])
            expect(Math.abs(ours! - theirs)).toBeLessThan(0.000_051);
          expect(Math.abs(row['volume']! / v - 1)).toBeLessThan(1e-6);
        }
      }
    }
  });
});

/** A program beside a market with holes, closed at the end of its block. */
async function started(): Promise<{ nights: Nights; [Symbol.asyncDispose](): Promise<void> }> {
  const endings: (() => unknown)[] = [];
  const nights = await startNights(
    { onTestFinished: (end: () => unknown) => void endings.push(end) } as never,
    { symbols: SYMBOLS, faults: HOLES },
  );
  return {
    nights,
    async [Symbol.asyncDispose]() {
      for (const end of endings.toReversed()) await end();
    },
  };
}
