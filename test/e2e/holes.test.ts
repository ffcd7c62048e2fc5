import { describe, expect, it } from 'vitest';
import { sessionsBetween } from '../../src/market/calendar.ts';
import { startNights } from '../support/night-by-night.ts';

const WINDOW = { from: '2021-01-04', to: '2026-01-06' };
const EVENING = '2026-01-06';

/** Absences as `symbol timeframe session: reason`. */
type Holes = Record<string, string>;

const holesOf = (symbol: string, from: string, to: string, reason: string, timeframe = 'daily'): Holes =>
  Object.fromEntries(
    sessionsBetween(from, to).map((session) => [`${symbol} ${timeframe} ${session}`, reason]),
  );

describe('holes in a market of 500 symbols over five years', () => {
  it('are found and classified, every one, and none is invented', async (context) => {
    const nights = await startNights(context, {
      symbols: 500,
      faults: [
        // 1. No trade on one session.
        'hole=symbols:AAPL,from:2024-03-11,to:2024-03-11',
        // 2. A halt of six sessions.
        'hole=symbols:AMGN,from:2023-05-01,to:2023-05-08',
        // 3. Lost by the symbol's own route only: made good from the day of all stocks.
        'hole=symbols:AMZN,from:2022-07-05,to:2022-07-06,in:range',
        // 4. Hours lost, their days there.
        'hole=symbols:AXP,from:2025-11-10,to:2025-11-11,in:hourly',
        // 5. Days lost, their hours there.
        'hole=symbols:BA,from:2025-11-12,to:2025-11-12,in:daily',
        // 6. A bar that cannot be, whoever asks.
        'garbage-price=route:aggregates/day,symbol:CAT,value:0',
        'hole=symbols:CAT,in:grouped',
        // 7. Nothing before the middle of 2021, though it was listed.
        'hole=symbols:CRM,to:2021-06-30',
        // 8. A session the vendor has lost altogether.
        'hole=from:2022-09-01,to:2022-09-01',
        // 9. A session of which it has lost a sixth of the stocks.
        'hole=percent:17,from:2023-09-07,to:2023-09-07,in:daily',
        // 10. The newest session, of one stock.
        'hole=symbols:CSCO,from:2026-01-06,to:2026-01-06',
      ],
    });
    const { app, database } = nights;
    const symbols = await app.universes
      .refresh('all-active', { types: [], exchanges: [] }, { signal: new AbortController().signal })
      .then(() => app.universes.resolve('all-active'))
      .then(({ members }) => members.map(({ symbol }) => symbol));
    const summary = await nights.importOn(EVENING, { symbols, span: WINDOW });
    expect([summary.failed_symbols, summary.failures]).toEqual([0, []]);
    await nights.importOn(EVENING, {
      symbols: ['AXP', 'BA'],
      timeframes: ['hourly'],
      span: { from: '2025-11-03', to: '2026-01-06' },
    });

    const { rows } = await database.pool.query<{ hole: string; reason: string }>(
      "SELECT symbol || ' ' || timeframe || ' ' || session AS hole, reason FROM absences ORDER BY 1",
    );
    const found: Holes = Object.fromEntries(rows.map(({ hole, reason }) => [hole, reason]));
    const rejected = await database.pool.query<{ session: string }>(
      'SELECT session::text AS session FROM rejected_bars',
    );
    const lost = await nights.database.pool.query<{ symbol: string }>(
      "SELECT symbol FROM absences WHERE session = '2023-09-07' ORDER BY 1",
    );
    const expected: Holes = {
      ...holesOf('AAPL', '2024-03-11', '2024-03-11', 'no_trade'),
      ...holesOf('AMGN', '2023-05-01', '2023-05-08', 'no_trade'),
      ...holesOf('AXP', '2025-11-10', '2025-11-11', 'vendor_gap', 'hourly'),
      ...holesOf('BA', '2025-11-12', '2025-11-12', 'vendor_gap'),
      ...Object.fromEntries(rejected.rows.map(({ session }) => [`CAT daily ${session}`, 'rejected'])),
      ...holesOf('CRM', '2021-01-04', '2021-06-30', 'no_trade'),
      ...holesOf('CSCO', '2026-01-06', '2026-01-06', 'no_trade'),
    };
    for (const symbol of symbols)
      Object.assign(expected, holesOf(symbol, '2022-09-01', '2022-09-01', 'vendor_outage'));
    for (const { symbol } of lost.rows)
      Object.assign(expected, holesOf(symbol, '2023-09-07', '2023-09-07', 'vendor_outage'));
    expect(rejected.rows).toHaveLength(1);
    expect(lost.rows.length).toBeGreaterThan(60);
    expect(lost.rows.length).toBeLessThan(110);
    expect(found).toEqual(expected);
    // What the symbol's own route had lost is there.
    const healed = await database.pool.query(
      "SELECT count(*)::int FROM bars_daily WHERE symbol = 'AMZN' AND session BETWEEN '2022-07-05' AND '2022-07-06'",
    );
    expect(healed.rows).toEqual([{ count: 2 }]);
  });

  it('of the newest session alone park the run, until the vendor has it', async (context) => {
    const nights = await startNights(context, {
      symbols: 12,
      faults: ['hole=from:2026-01-06,to:2026-01-06'],
    });
    const symbols = ['AAPL', 'AMGN', 'AMZN', 'AXP'];
    await nights.importOn('2026-01-05', { symbols, span: { from: '2025-12-01', to: '2026-01-05' } });
    const request = { symbols, span: { from: '2025-12-01', to: '2026-01-06' } };
    const parked = await nights.importOn('2026-01-06', request);
    expect(parked).toMatchObject({
      status: 'parked',
      failed_symbols: 0,
      left: { symbols: 4 },
      stopped_by: {
        error_code: 'VENDOR_NOT_READY',
        error_message: expect.stringContaining('Massive has nothing to speak of for 2026-01-06'),
      },
    });
    expect((await nights.database.pool.query('SELECT FROM absences')).rowCount).toBe(0);
    // Before its 20:00 nothing is due yet.
    nights.sandbox.setFaults([]);
    expect(await nights.importOn('2026-01-06', request)).toMatchObject({
      status: 'completed',
      records: { new: 4 },
    });
  });

  it('at the beginning of history are the plan’s, and are asked for once', async (context) => {
    const nights = await startNights(context, { symbols: 12, plan: 'basic' });
    const request = { symbols: ['AAPL', 'AMGN'], span: { from: '2023-06-01', to: '2026-01-05' } };
    const first = await nights.importOn('2026-01-06', request, 7);
    expect(first.failures).toEqual([]);
    const { rows } = await nights.database.pool.query(
      'SELECT symbol, reason, min(session)::text AS first, max(session)::text AS last FROM absences GROUP BY 1, 2 ORDER BY 1',
    );
    const clipped = { reason: 'clipped', first: '2023-06-01', last: '2024-01-05' };
    expect(rows).toEqual([
      { symbol: 'AAPL', ...clipped },
      { symbol: 'AMGN', ...clipped },
    ]);
    expect(await nights.counting(() => nights.importOn('2026-01-06', request, 7))).toEqual({ splits: 1 });
    // Another symbol does not ask for it at all.
    await nights.importOn('2026-01-06', { ...request, symbols: ['AMZN'] }, 7);
    const { rows: asked } = await nights.database.pool.query(
      "SELECT lower(sessions)::text AS from FROM requests WHERE symbol = 'AMZN' AND purpose = 'planned'",
    );
    expect(asked).toEqual([{ from: '2024-01-08' }]);
  });
});
