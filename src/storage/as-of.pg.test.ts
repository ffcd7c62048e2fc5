import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { plainly } from '../../test/support/write-plainly.ts';
import { dayBar, hourBar } from '../../test/support/made-bars.ts';
import { onDay } from '../../test/support/on-day.ts';
import { openedDatabase } from '../../test/support/opened-database.ts';
import type { Bar, BaseTimeframe } from '../market/bar.ts';
import { sessionsBetween } from '../market/calendar.ts';
import type { IsoDate } from '../market/date.ts';
import type { Split } from '../market/split.ts';
import { readBars } from './read-bars.ts';
import { withdrawUnlistedSplits, writeSplits } from './splits.ts';
import { writeBars } from './write-bars.ts';

const TODAY = '2024-06-28';
const opened = openedDatabase(TODAY);
beforeEach(() =>
  opened().pool.query('TRUNCATE bars_daily, bars_hourly, bar_revisions, splits, split_revisions'),
);

const split = (executionDate: IsoDate, from: number, to: number): Split => ({
  symbol: 'X',
  executionDate,
  from,
  to,
});
const storeOn = (day: IsoDate, bars: readonly Bar[], timeframe: BaseTimeframe = 'daily'): Promise<unknown> =>
  onDay(opened(), day, (client) =>
    writeBars(client, timeframe, [{ symbol: 'X', bars, finalThrough: TODAY }], plainly),
  );
const learnOn = (day: IsoDate, ...splits: Split[]): Promise<unknown> =>
  writeSplits(opened().pool, splits, day);

const closes = async (
  asOf: IsoDate | undefined,
  about: Partial<Parameters<typeof readBars>[1]> = {},
): Promise<number[]> => {
  const query = { symbol: 'X', timeframe: 'daily', raw: false, ...about } as const;
  return (await readBars(opened(), { ...query, asOf })).map(({ close }) => close);
};

describe('splits as of a day', () => {
  beforeEach(() => storeOn('2024-03-11', [dayBar('X', '2024-03-11', { close: 120 })]));

  it('are applied from their day on when announced before, from when they were known when late', async () => {
    await learnOn('2024-03-01', split('2024-03-12', 1, 2));
    expect(await closes('2024-03-11')).toEqual([120]);
    expect(await closes('2024-03-12')).toEqual([60]);
    await opened().pool.query("UPDATE splits SET known_on = '2024-03-20'");
    expect(await closes('2024-03-19')).toEqual([120]);
    expect(await closes('2024-03-20')).toEqual([60]);
  });

  it('have the ratio that was known then', async () => {
    await learnOn('2024-03-01', split('2024-03-12', 1, 2));
    await learnOn('2024-03-20', split('2024-03-12', 1, 3));
    expect(await closes('2024-03-19')).toEqual([60]);
    expect(await closes('2024-03-20')).toEqual([40]);
    expect(await closes(undefined)).toEqual([40]);
  });

  it('count while they stood: until they were cancelled, and again since they are listed again', async () => {
    await learnOn('2024-03-12', split('2024-03-12', 1, 2));
    await withdrawUnlistedSplits(opened().pool, { from: '2024-01-01', today: '2024-03-18' }, [
      { ...split('2024-03-12', 1, 2), symbol: 'Y' },
    ]);
    expect(await closes(undefined)).toEqual([120]);
    expect(await closes('2024-03-17')).toEqual([60]);
    await learnOn('2024-03-25', split('2024-03-12', 1, 2));
    expect(
      await Promise.all(['2024-03-17', '2024-03-18', '2024-03-24', '2024-03-25'].map((day) => closes(day))),
    ).toEqual([[60], [120], [120], [60]]);
  });

  it('that are held are never applied, also once corrected', async () => {
    await learnOn('2024-03-12', split('2024-03-12', 1, 10));
    await opened().pool.query("UPDATE splits SET verdict = 'held'");
    expect(await closes(undefined)).toEqual([120]);
    await learnOn('2024-03-15', split('2024-03-12', 1, 2));
    expect(await closes('2024-03-14')).toEqual([120]);
    expect(await closes(undefined)).toEqual([60]);
  });
});

describe('bars as of a day', () => {
  it('have the values of that day, adjusted, raw and rolled up', async () => {
    await storeOn('2024-03-11', [dayBar('X', '2024-03-11', { close: 10.1 })]);
    await storeOn('2024-03-12', [dayBar('X', '2024-03-11', { close: 10.2 })]);
    await storeOn('2024-03-14', [dayBar('X', '2024-03-11', { close: 10.3 })]);
    await learnOn('2024-03-01', split('2024-03-13', 1, 2));
    const days = ['2024-03-11', '2024-03-12', '2024-03-13', '2024-03-14'];
    expect(await Promise.all(days.map((day) => closes(day, { raw: true })))).toEqual([
      [10.1],
      [10.2],
      [10.2],
      [10.3],
    ]);
    for (const timeframe of ['daily', 'weekly', 'monthly'] as const) {
      expect(await Promise.all(days.map((day) => closes(day, { timeframe })))).toEqual([
        [10.1],
        [10.2],
        [5.1],
        [5.15],
      ]);
    }
    expect(await closes(undefined)).toEqual([5.15]);
  });

  it('of hours too', async () => {
    await storeOn('2024-03-11', [hourBar('X', '2024-03-11', 10, { close: 10.1 })], 'hourly');
    await storeOn('2024-03-12', [hourBar('X', '2024-03-11', 10, { close: 10.2 })], 'hourly');
    const days = ['2024-03-10', '2024-03-11', '2024-03-12'];
    for (const raw of [true, false]) {
      expect(await Promise.all(days.map((day) => closes(day, { raw, timeframe: 'hourly' })))).toEqual([
        [],
        [10.1],
        [10.2],
      ]);
    }
  });

  it('that were revised later were not final then', async () => {
    await storeOn('2024-03-11', [dayBar('X', '2024-03-08'), dayBar('X', '2024-03-11', { close: 10.1 })]);
    await storeOn('2024-03-12', [dayBar('X', '2024-03-11', { close: 10.2 })]);
    const bars = await readBars(opened(), {
      symbol: 'X',
      timeframe: 'daily',
      raw: false,
      asOf: '2024-03-11',
    });
    expect(bars.map(({ final }) => final)).toEqual([true, false]);
  });

  it('end with that day', async () => {
    await storeOn(
      '2024-03-13',
      ['2024-03-11', '2024-03-12', '2024-03-13'].map((day) => dayBar('X', day)),
    );
    for (const raw of [true, false]) {
      expect(await closes('2024-03-10', { raw })).toEqual([]);
      expect(await closes('2024-03-12', { raw })).toHaveLength(2);
    }
  });
});

const sunday = (session: string): string => {
  const day = new Date(`${session}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() - day.getUTCDay());
  return day.toISOString().slice(0, 10);
};

/** Adjusted for the splits executed by a day, independently of the views. */
function adjusted(bars: readonly Bar[], splits: readonly Split[], asOf: IsoDate): Bar[] {
  return bars
    .filter((bar) => bar.session <= asOf)
    .map((bar) => {
      const later = splits
        .filter((one) => one.executionDate > bar.session && one.executionDate <= asOf)
        .toSorted((a, b) => (a.executionDate < b.executionDate ? -1 : 1));
      const old = later.reduce((product, one) => product * one.from, 1);
      const fresh = later.reduce((product, one) => product * one.to, 1);
      const price = (value: number): number => (value * old) / fresh;
      return {
        ...bar,
        open: price(bar.open),
        high: price(bar.high),
        low: price(bar.low),
        close: price(bar.close),
        volume: (bar.volume * fresh) / old,
      };
    });
}

describe('what the views show', () => {
  const sessions = sessionsBetween('2024-02-26', '2024-04-05');
  const session = fc.constantFrom(...sessions);
  const madeSplits = fc
    .uniqueArray(
      fc.record({
        // The first and the last session, two in a row, inside weeks and months, and one still to come.
        executionDate: fc.oneof(
          fc.constantFrom('2024-02-26', '2024-02-28', '2024-02-29', '2024-03-01', '2024-04-05', '2024-05-01'),
          session,
        ),
        ratio: fc.constantFrom([1, 2], [3, 2], [10, 1], [1000, 1017], [1, 60]),
      }),
      { maxLength: 5, selector: ({ executionDate }) => executionDate },
    )
    .map((made) =>
      made.map(({ executionDate, ratio: [from = 1, to = 1] }) => split(executionDate, from, to)),
    );
  const prices = fc.array(fc.integer({ min: 100, max: 9999 }), {
    minLength: sessions.length,
    maxLength: sessions.length,
  });

  it('is the same whatever the order of writes, and rolled up from adjusted days', async () => {
    const order = fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(prices, madeSplits, order, session, async (made, splits, steps, asOf) => {
        await opened().pool.query('TRUNCATE bars_daily, bar_revisions, splits, split_revisions');
        const bars = sessions.map((day, index) => {
          const price = (made[index] ?? 0) / 100;
          return dayBar('X', day, { open: price, high: price + 1, low: price - 0.5, close: price + 0.25 });
        });
        const writes = [
          () => learnOn(TODAY, ...splits),
          () => storeOn(TODAY, bars.slice(0, 9)),
          () => storeOn(TODAY, bars.slice(9, 20)),
          () => storeOn(TODAY, bars.slice(20)),
        ];
        for (const step of steps) await writes[step]?.();
        const days = adjusted(bars, splits, asOf);
        const about = { symbol: 'X', raw: false, asOf } as const;
        const daily = await readBars(opened(), { ...about, timeframe: 'daily' });
        expect(daily.map(({ date, open, close, volume }) => [date, open, close, volume])).toEqual(
          days.map((bar) => [bar.session, bar.open, bar.close, bar.volume]),
        );
        for (const [timeframe, stamp] of [
          ['weekly', sunday],
          ['monthly', (day: string) => `${day.slice(0, 7)}-01`],
        ] as const) {
          const rolled = await readBars(opened(), { ...about, timeframe });
          const stamps = [...new Set(days.map((bar) => stamp(bar.session)))];
          expect(rolled.map(({ date, open, high, low, close }) => [date, open, high, low, close])).toEqual(
            stamps.map((date) => {
              const within = days.filter((bar) => stamp(bar.session) === date);
              return [
                date,
                within[0]?.open,
                Math.max(...within.map((bar) => bar.high)),
                Math.min(...within.map((bar) => bar.low)),
                within.at(-1)?.close,
              ];
            }),
          );
        }
      }),
      { numRuns: 40 },
    );
  });
});
