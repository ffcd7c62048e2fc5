import { describe, expect, it } from 'vitest';
import type { Timeframe } from '../../src/market/timeframe.ts';
import { startNights } from '../support/night-by-night.ts';

const timeframes: readonly Timeframe[] = ['daily', 'weekly', 'monthly'];

describe('how many requests the sandbox sees', () => {
  it('is what the plan says: at first one a symbol, then two days of all stocks a night', async (context) => {
    const nights = await startNights(context);
    const { app, importOn, counting } = nights;
    const members = async (expression: string): Promise<string[]> =>
      (await app.universes.resolve(expression)).members.map(({ symbol }) => symbol);
    const all = await members('sp500,nasdaq100,dow30');
    const sp500 = await members('sp500');
    const plan = (symbols: readonly string[]) =>
      app.planImport({
        universes: [],
        symbols,
        timeframes,
        span: { lookbackDays: { hourly: 1, daily: 365, weekly: 730, monthly: 1825 } },
      });

    // Monday 5 January 2026: 503 symbols over 1,825 days.
    expect(await plan(sp500)).toMatchObject({ requests: 504, naive_requests: 1509 });
    expect(await counting(() => importOn('2026-01-05', { symbols: sp500, timeframes }))).toEqual({
      'aggregates/day': 503,
      splits: 1,
    });
    await importOn('2026-01-05', { symbols: all, timeframes });

    // The next night, the whole of three universes.
    const nightly = await counting(() => importOn('2026-01-06', { symbols: all, timeframes }));
    expect(nightly).toEqual({ 'grouped-daily': 2, splits: 1 });
    expect(await plan(all)).toMatchObject({ requests: 1 });
    // Once more: nothing is new.
    const [before, again] = [
      await nights.digest(),
      await counting(() => importOn('2026-01-06', { symbols: all, timeframes })),
    ];
    expect(again).toEqual({ splits: 1 });
    expect(await nights.digest()).toEqual(before);
    const { rows: requests } = await nights.database.pool.query(
      'SELECT purpose, count(*)::int, sum(tries)::int AS tries FROM requests GROUP BY 1',
    );
    expect(requests).toEqual([{ purpose: 'planned', count: 517 + 4 + 2, tries: 517 + 4 + 2 }]);
  });

  it('is one for each session missed, one for the session before them, and one for each new symbol', async (context) => {
    const { app, importOn, counting } = await startNights(context);
    const symbols = (await app.universes.resolve('sp500')).members.map(({ symbol }) => symbol);
    const old = symbols.slice(0, -20);
    await importOn('2026-01-05', { symbols: old });
    // Tuesday to Thursday.
    expect(await counting(() => importOn('2026-01-08', { symbols }))).toEqual({
      'grouped-daily': 4,
      'aggregates/day': 20,
      splits: 1,
    });
  });

  it('is none for bars when a split is new: charts are right at once', async (context) => {
    const { app, importOn, counting, database } = await startNights(context);
    const symbols = (await app.universes.resolve('dow30')).members.map(({ symbol }) => symbol);
    const days = { symbols, span: { from: '2021-01-04', to: '2026-01-06' } };
    await importOn('2026-01-06', days);
    const { rows: splits } = await database.pool.query<{ symbol: string; on: string }>(
      `SELECT symbol, execution_date::text AS on FROM splits
        WHERE symbol = ANY($1) AND execution_date BETWEEN '2021-06-01' AND '2025-12-31' ORDER BY 2 LIMIT 1`,
      [symbols],
    );
    const [split] = splits;
    const chart = async (): Promise<unknown[]> =>
      (
        await database.pool.query('SELECT * FROM ohlcv_weekly WHERE symbol = $1 ORDER BY date', [
          split!.symbol,
        ])
      ).rows;
    const right = await chart();
    // As if the vendor had not listed it yet.
    await database.pool.query('DELETE FROM splits WHERE symbol = $1 AND execution_date = $2', [
      split!.symbol,
      split!.on,
    ]);
    await database.pool.query('DELETE FROM split_look');
    expect(await chart()).not.toEqual(right);
    const summary = await importOn('2026-01-06', days);
    expect(summary.records).toEqual({ new: 0, changed: 0, unchanged: 0, rejected: 0 });
    expect(await chart()).toEqual(right);
    expect(await counting(() => importOn('2026-01-06', days))).toEqual({ splits: 1 });
  });

  it('is none for a symbol that was delisted, once that is known', async (context) => {
    const { importOn, counting, database } = await startNights(context);
    await importOn('2026-01-05', {
      symbols: ['AAPL', 'BCPC'],
      span: { from: '2025-12-01', to: '2026-01-05' },
    });
    await database.pool.query(
      "INSERT INTO symbol_lives VALUES ('BCPC', '1990-01-02', '2026-01-06', '2026-01-05')",
    );
    const asked = await counting(() =>
      importOn('2026-01-07', { symbols: ['AAPL', 'BCPC'], span: { from: '2025-12-01', to: '2026-01-07' } }),
    );
    // Both their last sessions were asked before they were final.
    expect(asked).toEqual({ 'aggregates/day': 2, splits: 1 });
    const { rows } = await database.pool.query(
      "SELECT session::text, reason FROM absences WHERE symbol = 'BCPC' ORDER BY 1",
    );
    expect(rows).toEqual([
      { session: '2026-01-06', reason: 'delisted' },
      { session: '2026-01-07', reason: 'delisted' },
    ]);
    expect(
      await counting(() =>
        importOn('2026-01-08', { symbols: ['BCPC'], span: { from: '2025-12-01', to: '2026-01-08' } }),
      ),
    ).toEqual({ splits: 1 });
  });
});
