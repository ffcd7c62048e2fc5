import { beforeEach, describe, expect, it } from 'vitest';
import { openedDatabase } from '../../test/support/opened-database.ts';
import { thrownBy } from '../../test/support/thrown-by.ts';
import { writeCoverage } from './coverage.ts';
import { earliestStoredSession, removeUnlistedSplits, writeSplits } from './splits.ts';

const opened = openedDatabase();
beforeEach(() => opened().pool.query('TRUNCATE splits, coverage'));

const apple = { symbol: 'AAPL', executionDate: '2014-06-09', from: 1, to: 7 };

async function stored(columns: string): Promise<unknown[]> {
  return (await opened().pool.query<object>(`SELECT ${columns} FROM splits ORDER BY symbol, execution_date`))
    .rows;
}

describe('splits', () => {
  it('are kept by symbol and date, fractional ratios exactly', async () => {
    const general = { symbol: 'GE', executionDate: '2021-08-02', from: 1, to: 0.1 + 0.2 };
    expect(await writeSplits(opened().pool, [general, apple])).toBe(2);
    expect(await stored('symbol, execution_date::text, split_from, split_to')).toEqual([
      { symbol: 'AAPL', execution_date: '2014-06-09', split_from: 1, split_to: 7 },
      { symbol: 'GE', execution_date: '2021-08-02', split_from: 1, split_to: 0.1 + 0.2 },
    ]);
  });

  it('known already write nothing, and corrected ones keep the day they were first seen', async () => {
    await writeSplits(opened().pool, [apple]);
    const before = await stored('ctid, first_seen_at');
    expect(await writeSplits(opened().pool, [apple])).toBe(0);
    expect(await stored('ctid, first_seen_at')).toEqual(before);
    expect(await writeSplits(opened().pool, [{ ...apple, to: 8 }])).toBe(1);
    expect(await stored('split_to, updated_at > first_seen_at AS updated')).toEqual([
      { split_to: 8, updated: true },
    ]);
  });

  it('that the vendor repeats are stored once, the last one standing', async () => {
    expect(await writeSplits(opened().pool, [apple, { ...apple, to: 8 }])).toBe(1);
    expect(await stored('split_to')).toEqual([{ split_to: 8 }]);
  });

  it('with a ratio that would ruin every price are refused', async () => {
    for (const bad of [
      { ...apple, from: 0 },
      { ...apple, to: -1 },
    ]) {
      expect(await thrownBy(() => writeSplits(opened().pool, [bad]))).toMatchObject({ code: '23514' });
    }
  });

  it('that a whole listing no longer has are removed, of just the symbols and dates asked for', async () => {
    const [early, other] = [
      { ...apple, executionDate: '2000-06-21' },
      { ...apple, symbol: 'GE' },
    ];
    const moved = { ...apple, executionDate: '2014-06-10' };
    await writeSplits(opened().pool, [early, apple, other]);
    const asked = { from: '2010-01-04', symbols: ['AAPL', 'MSFT'] };
    expect(await removeUnlistedSplits(opened().pool, asked, [moved])).toEqual([
      { symbol: 'AAPL', executionDate: '2014-06-09' },
    ]);
    expect(await stored('symbol, execution_date::text AS day')).toEqual([
      { symbol: 'AAPL', day: '2000-06-21' },
      { symbol: 'GE', day: '2014-06-09' },
    ]);
    expect(await removeUnlistedSplits(opened().pool, { ...asked, from: '1999-01-04' }, [])).toEqual([]);
  });

  it('of none are no work', async () => {
    expect(await writeSplits(opened().pool, [])).toBe(0);
  });
});

describe('the earliest stored session', () => {
  it('is that of any timeframe of the symbols asked for, null where nothing is stored', async () => {
    const answer = { before: '2024-03-12', absent: [], rejected: [], finalThrough: '2030-01-01' };
    await opened().transaction('cover', (client) =>
      writeCoverage(client, [
        { ...answer, symbol: 'AAPL', timeframe: 'daily', from: '2024-03-07' },
        { ...answer, symbol: 'AAPL', timeframe: 'hourly', from: '2024-03-06' },
        { ...answer, symbol: 'MSFT', timeframe: 'daily', from: '2024-03-01' },
        { ...answer, symbol: 'IBM', timeframe: 'daily', from: '2024-03-12' },
      ]),
    );
    expect(await earliestStoredSession(opened().pool, ['AAPL', 'IBM'])).toBe('2024-03-06');
    expect(await earliestStoredSession(opened().pool, ['AAPL', 'MSFT'])).toBe('2024-03-01');
    expect(await earliestStoredSession(opened().pool, ['IBM'])).toBeNull();
  });
});
