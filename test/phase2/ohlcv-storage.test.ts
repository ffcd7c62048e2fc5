import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Bar } from '../../src/market/bar.ts';
import { sessionsBetween } from '../../src/market/calendar.ts';
import { writeBatch } from '../../src/storage/batch.ts';
import { writeSplits } from '../../src/storage/splits.ts';
import type { Records } from '../../src/storage/read-runs.ts';
import { summarizeViews } from '../../src/storage/view-summary.ts';
import { dataRows } from '../support/data-rows.ts';
import { dayBar, hourBar, pageOf } from '../support/made-bars.ts';
import { openedDatabase } from '../support/opened-database.ts';
import { batchOf, recordedRun } from '../support/recorded-run.ts';
import { describeWithSharedData } from '../support/shared-data.ts';
import { guideQueries } from './guide-queries.ts';

type Bars = [Bar, ...Bar[]];

describe.each([{ useCopy: true }, { useCopy: false }])('OHLCV storage, use_copy: $useCopy', ({ useCopy }) => {
  const opened = openedDatabase();
  const sessions = sessionsBetween('2024-01-02', '2024-03-28');
  const symbols = ['AAPL', 'BRK.B', 'BCPC', 'BCpC'];

  async function store(): Promise<Records> {
    const runId = await recordedRun(opened(), symbols);
    const pages = symbols.flatMap((symbol) => [
      pageOf(sessions.map((session) => dayBar(symbol, session)) as Bars),
      pageOf(
        sessions
          .slice(-5)
          .flatMap((session) => [4, 10, 19].map((hour) => hourBar(symbol, session, hour))) as Bars,
        {
          timeframe: 'hourly',
        },
      ),
    ]);
    return opened().transaction(
      'store',
      async (client) => (await writeBatch(client, batchOf(runId, pages), { useCopy })).records,
    );
  }

  it('stores hours and days, and shows them as hours, days, weeks and months', async () => {
    expect(await store()).toMatchObject({ new: 4 * (61 + 15), changed: 0, unchanged: 0 });
    expect(await summarizeViews(opened().pool)).toEqual([
      { view: 'ohlcv_hourly', symbols: 4, rows: 60, first: '2024-03-22', last: '2024-03-28' },
      { view: 'ohlcv_daily', symbols: 4, rows: 244, first: '2024-01-02', last: '2024-03-28' },
      { view: 'ohlcv_weekly', symbols: 4, rows: 52, first: '2023-12-31', last: '2024-03-24' },
      { view: 'ohlcv_monthly', symbols: 4, rows: 12, first: '2024-01-01', last: '2024-03-01' },
    ]);
  });

  it('stores the same once more without writing a row', async () => {
    expect(await store()).toMatchObject({ imported: 0, new: 0, changed: 0, unchanged: 4 * (61 + 15) });
  });

  it("answers the guide's data coverage check", async () => {
    const { rows } = await opened().pool.query<Record<string, unknown>>(guideQueries.dataCoverage);
    expect(rows).toMatchObject([{ unique_symbols: '4', total_records: '244' }]);
    const dates = [rows[0]?.['earliest_date'], rows[0]?.['latest_date']].map((date) =>
      (date as Date).toDateString(),
    );
    expect(dates).toEqual(['Tue Jan 02 2024', 'Thu Mar 28 2024']);
  });
});

describeWithSharedData('OHLCV storage of real bars', (folder) => {
  const opened = openedDatabase('2018-03-27');

  interface Quote {
    readonly symbol: string;
    readonly date: string;
    readonly raw: readonly number[];
    readonly dividend: number;
    readonly splitRatio: number;
    readonly adjusted: readonly number[];
  }

  const quotes = dataRows(path.join(folder, 'reference', 'wiki_2014.csv.gz')).map((line): Quote => {
    const [symbol = '', date = '', ...numbers] = line.split(',');
    const values = numbers.map(Number);
    const [dividend = 0, splitRatio = 1] = values.slice(5, 7);
    return { symbol, date, raw: values.slice(0, 5), dividend, splitRatio, adjusted: values.slice(7) };
  });
  const symbols = [...new Set(quotes.map(({ symbol }) => symbol))];

  async function viewed(): Promise<Map<string, number[]>> {
    const { rows } = await opened().pool.query<{ key: string; values: number[] }>(
      `SELECT symbol || ' ' || date AS key, ARRAY[open, high, low, close, volume] AS values FROM ohlcv_daily`,
    );
    return new Map(rows.map(({ key, values }) => [key, values]));
  }

  it('adjusts them by the product of the later split ratios', async () => {
    const runId = await recordedRun(opened(), symbols);
    const pages = symbols.map((symbol) =>
      pageOf(
        quotes
          .filter((quote) => quote.symbol === symbol)
          .map(({ date, raw: [open = 0, high = 0, low = 0, close = 0, volume = 0] }) =>
            dayBar(symbol, date, { open, high, low, close, volume, vwap: null, trades: null }),
          ) as Bars,
      ),
    );
    await opened().transaction('store', (client) =>
      writeBatch(client, batchOf(runId, pages), { useCopy: true }),
    );
    const splits = quotes.filter(({ splitRatio }) => splitRatio !== 1);
    expect(splits.map(({ symbol, date, splitRatio }) => [symbol, date, splitRatio])).toEqual([
      ['AAPL', '2014-06-09', 7],
    ]);
    await writeSplits(
      opened().pool,
      splits.map(({ symbol, date, splitRatio }) => ({
        symbol,
        executionDate: date,
        from: 1,
        to: splitRatio,
      })),
      '2014-06-09',
    );

    const view = await viewed();
    expect(view.size).toBe(quotes.length);
    for (const { symbol, date, raw } of quotes) {
      const ratio = splits.reduce(
        (product, split) =>
          split.symbol === symbol && split.date > date ? product * split.splitRatio : product,
        1,
      );
      const [open = 0, high = 0, low = 0, close = 0, volume = 0] = raw;
      expect(view.get(`${symbol} ${date}`)).toEqual([
        open / ratio,
        high / ratio,
        low / ratio,
        close / ratio,
        volume * ratio,
      ]);
    }
  });

  it("agrees with the source's own adjustment: volumes wholly, prices but for dividends", async () => {
    const view = await viewed();
    for (const symbol of symbols) {
      // Between two dividends the source's prices differ from split-adjusted ones by one factor, also across the split.
      let factor: number | undefined;
      for (const { date, dividend, adjusted } of quotes.filter((quote) => quote.symbol === symbol)) {
        const ours = view.get(`${symbol} ${date}`) ?? [];
        expect(ours[4]).toBe(adjusted[4]);
        const ratios = adjusted.slice(0, 4).map((price, index) => price / (ours[index] ?? Number.NaN));
        if (factor === undefined || dividend > 0) factor = ratios[0];
        for (const ratio of ratios) expect(ratio / (factor ?? Number.NaN)).toBeCloseTo(1, 9);
      }
    }
  });
});
