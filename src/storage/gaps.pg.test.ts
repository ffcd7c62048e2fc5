import { beforeAll, describe, expect, it } from 'vitest';
import { openedDatabase } from '../../test/support/opened-database.ts';
import { sessionsBetween } from '../market/calendar.ts';
import { absenceReasons } from './absence-reasons.ts';
import { type GapQuery, countGaps, listGaps } from './gaps.ts';

const opened = openedDatabase();
beforeAll(() =>
  opened().pool.query(`
    INSERT INTO absences (symbol, timeframe, session, reason, grouped_rows) VALUES
      ('AAPL', 'daily', '2024-03-07', 'no_trade', 9000), ('AAPL', 'daily', '2024-03-08', 'no_trade', 9100),
      ('AAPL', 'daily', '2024-03-11', 'no_trade', 9050), ('AAPL', 'daily', '2024-03-13', 'no_trade', 9000),
      ('AAPL', 'daily', '2024-03-12', 'unexplained', NULL), ('AAPL', 'hourly', '2024-03-08', 'no_trade', NULL),
      ('MSFT', 'daily', '2024-03-07', 'not_listed', NULL), ('MSFT', 'daily', '2024-03-08', 'rejected', NULL),
      ('MSFT', 'hourly', '2024-03-07', 'clipped', NULL), ('MSFT', 'hourly', '2024-03-14', 'vendor_outage', NULL);
    INSERT INTO symbol_lives VALUES ('MSFT', '2024-03-08', NULL, '2024-03-16');
    INSERT INTO refused_history VALUES ('hourly', '2024-03-07');
    INSERT INTO market_days (session, stocks) VALUES ('2024-03-14', 12);
    INSERT INTO rejected_bars (symbol, timeframe, starts_at, session, reason, run_id)
      VALUES ('MSFT', 'daily', '2024-03-08 00:00 America/New_York', '2024-03-08', 'open is not above 0', 'r1')`),
);

const all: GapQuery = {
  symbols: null,
  timeframe: null,
  sessions: sessionsBetween('2024-03-01', '2024-03-31'),
};
const list = async (query: Partial<GapQuery>, most: number | null = null): Promise<string[]> =>
  (await listGaps(opened().pool, { ...all, ...query }, absenceReasons, most)).map(
    (gap) => `${gap.symbol} ${gap.timeframe} ${gap.reason} ${gap.from}..${gap.to} ${gap.sessions}`,
  );

describe('gaps', () => {
  it('are runs of sessions over weekends, each of one reason, newest first', async () => {
    expect(await list({ symbols: ['AAPL'] })).toEqual([
      'AAPL daily no_trade 2024-03-13..2024-03-13 1',
      'AAPL daily unexplained 2024-03-12..2024-03-12 1',
      'AAPL daily no_trade 2024-03-07..2024-03-11 3',
      'AAPL hourly no_trade 2024-03-08..2024-03-08 1',
    ]);
  });

  it('are cut at the dates asked for, and to one timeframe and so many', async () => {
    expect(await list({ timeframe: 'daily', sessions: sessionsBetween('2024-03-08', '2024-03-11') })).toEqual(
      ['AAPL daily no_trade 2024-03-08..2024-03-11 2', 'MSFT daily rejected 2024-03-08..2024-03-08 1'],
    );
    expect(await list({}, 1)).toEqual(['MSFT hourly vendor_outage 2024-03-14..2024-03-14 1']);
  });

  it('come with what speaks for their reason', async () => {
    const gaps = await listGaps(opened().pool, all, absenceReasons, null);
    const of = (reason: string, timeframe = 'daily') =>
      gaps.findLast((gap) => gap.reason === reason && gap.timeframe === timeframe);
    expect(of('no_trade')).toMatchObject({ groupedLeast: 9000, groupedMost: 9100 });
    // The hours did not trade because the day did not.
    expect(of('no_trade', 'hourly')).toMatchObject({ groupedLeast: 9100, groupedMost: 9100 });
    expect(of('unexplained')).toMatchObject({ groupedLeast: null, fewestStocks: null });
    expect(of('not_listed')).toMatchObject({ listedOn: '2024-03-08' });
    expect(of('rejected')).toMatchObject({ brokenRule: 'open is not above 0' });
    expect(of('clipped', 'hourly')).toMatchObject({ refusedThrough: '2024-03-07' });
    expect(of('vendor_outage', 'hourly')).toMatchObject({ fewestStocks: 12 });
  });

  it('are counted by reason, also those not listed', async () => {
    const counts = await countGaps(opened().pool, { ...all, symbols: ['AAPL'] });
    expect(counts.toSorted((a, b) => (a.reason < b.reason ? -1 : 1))).toEqual([
      { reason: 'no_trade', gaps: 3, sessions: 5, symbols: 1 },
      { reason: 'unexplained', gaps: 1, sessions: 1, symbols: 1 },
    ]);
  });
});
