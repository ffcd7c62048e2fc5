import { describe, expect, it } from 'vitest';
import { plainly } from '../../test/support/write-plainly.ts';
import { dayBar, hourBar } from '../../test/support/made-bars.ts';
import { openedDatabase } from '../../test/support/opened-database.ts';
import { summarizeViews } from './view-summary.ts';
import { writeBars } from './write-bars.ts';

const opened = openedDatabase();

describe('the summary of the views', () => {
  it('says that nothing is stored, then how much of what and from when to when', async () => {
    const nothing = { symbols: 0, rows: 0, first: null, last: null };
    expect(await summarizeViews(opened().pool)).toEqual(
      ['ohlcv_hourly', 'ohlcv_daily', 'ohlcv_weekly', 'ohlcv_monthly'].map((view) => ({ view, ...nothing })),
    );

    await opened().transaction('store', async (client) => {
      const daily = ['AAPL', 'MSFT'].map((symbol) => ({
        symbol,
        bars: ['2024-01-31', '2024-02-01', '2024-02-05'].map((session) => dayBar(symbol, session)),
        finalThrough: '2024-02-05',
      }));
      await writeBars(client, 'daily', daily, plainly);
      const bars = [hourBar('AAPL', '2024-02-01', 4), hourBar('AAPL', '2024-02-01', 19)];
      await writeBars(client, 'hourly', [{ symbol: 'AAPL', bars, finalThrough: '2024-02-05' }], plainly);
    });
    expect(await summarizeViews(opened().pool)).toEqual([
      // 19:00 New York is the next day in UTC.
      { view: 'ohlcv_hourly', symbols: 1, rows: 2, first: '2024-02-01', last: '2024-02-01' },
      { view: 'ohlcv_daily', symbols: 2, rows: 6, first: '2024-01-31', last: '2024-02-05' },
      { view: 'ohlcv_weekly', symbols: 2, rows: 4, first: '2024-01-28', last: '2024-02-04' },
      { view: 'ohlcv_monthly', symbols: 2, rows: 4, first: '2024-01-01', last: '2024-02-01' },
    ]);
  });
});
