import { beforeAll, describe, expect, it } from 'vitest';
import { plainly } from '../../test/support/write-plainly.ts';
import { dayBar, hourBar } from '../../test/support/made-bars.ts';
import { openedDatabase } from '../../test/support/opened-database.ts';
import { readBars } from './read-bars.ts';
import { writeSplits } from './splits.ts';
import { writeBars } from './write-bars.ts';

const opened = openedDatabase('2024-03-13');

const days = ['2024-03-07', '2024-03-08', '2024-03-11', '2024-03-12'];

beforeAll(() =>
  opened().transaction('store', async (client) => {
    const daily = ['AAPL', 'AApL'].map((symbol) => ({
      symbol,
      bars: days.map((session) => dayBar(symbol, session)),
      finalThrough: '2024-03-11',
    }));
    await writeBars(client, 'daily', daily, plainly);
    const hours = days.flatMap((session) => [4, 9, 19].map((hour) => hourBar('AAPL', session, hour)));
    await writeBars(client, 'hourly', [{ symbol: 'AAPL', bars: hours, finalThrough: '2024-03-11' }], plainly);
    await writeSplits(
      client,
      [{ symbol: 'AAPL', executionDate: '2024-03-08', from: 1, to: 2 }],
      '2024-03-08',
    );
  }),
);

const read = (query: Partial<Parameters<typeof readBars>[1]> = {}): ReturnType<typeof readBars> =>
  readBars(opened(), { symbol: 'AAPL', timeframe: 'daily', raw: false, ...query });
const dates = async (query: Parameters<typeof read>[0]): Promise<string[]> =>
  (await read(query)).map(({ date }) => date);

describe('reading bars', () => {
  it('gives one symbol, adjusted and in order', async () => {
    const bars = await read();
    expect(bars.map(({ date, close, final }) => [date, close, final])).toEqual([
      ['2024-03-07', 5.25, true],
      ['2024-03-08', 10.5, true],
      ['2024-03-11', 10.5, true],
      ['2024-03-12', 10.5, false],
    ]);
    expect(bars[0]).toEqual({
      symbol: 'AAPL',
      date: '2024-03-07',
      open: 5.125,
      high: 5.75,
      low: 4.875,
      close: 5.25,
      volume: 2001,
      vwap: 5.21875,
      trades: 12,
      final: true,
    });
    expect(await read({ symbol: 'ZZZ' })).toEqual([]);
  });

  it('gives them as traded when asked', async () => {
    expect((await read({ raw: true }))[0]).toMatchObject({ date: '2024-03-07', close: 10.5, volume: 1000.5 });
    expect((await read({ raw: true, timeframe: 'hourly' }))[0]).toMatchObject({
      date: '2024-03-07T09:00:00Z',
      close: 10.5,
    });
  });

  it('takes both ends of a range in', async () => {
    expect(await dates({ from: '2024-03-08', to: '2024-03-11' })).toEqual(['2024-03-08', '2024-03-11']);
    expect(await dates({ from: '2024-03-11' })).toEqual(['2024-03-11', '2024-03-12']);
    expect(await dates({ to: '2024-03-07' })).toEqual(['2024-03-07']);
  });

  it("takes hours by New York's days, across the change of clocks", async () => {
    expect(await dates({ timeframe: 'hourly', from: '2024-03-08', to: '2024-03-11' })).toEqual([
      '2024-03-08T09:00:00Z',
      '2024-03-08T14:00:00Z',
      '2024-03-09T00:00:00Z',
      '2024-03-11T08:00:00Z',
      '2024-03-11T13:00:00Z',
      '2024-03-11T23:00:00Z',
    ]);
  });

  it('gives the newest few of a range, still in order', async () => {
    expect(await dates({ newest: 2 })).toEqual(['2024-03-11', '2024-03-12']);
    expect(await dates({ newest: 1, to: '2024-03-10' })).toEqual(['2024-03-08']);
  });

  it('gives weeks and months by their stamp', async () => {
    const weeks = await read({ timeframe: 'weekly' });
    expect(weeks.map(({ date, trades, final }) => [date, trades, final])).toEqual([
      ['2024-03-03', 24, true],
      ['2024-03-10', 24, false],
    ]);
    expect(await dates({ timeframe: 'monthly' })).toEqual(['2024-03-01']);
  });
});
