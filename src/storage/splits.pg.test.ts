import { beforeEach, describe, expect, it } from 'vitest';
import { openedDatabase } from '../../test/support/opened-database.ts';
import { thrownBy } from '../../test/support/thrown-by.ts';
import { writeCoverage } from './coverage.ts';
import type { Split } from '../market/split.ts';
import {
  earliestStoredSession,
  findSplitLook,
  symbolsOfDueSplits,
  withdrawUnlistedSplits,
  writeSplitLook,
  writeSplits,
} from './splits.ts';

const opened = openedDatabase();
beforeEach(() =>
  opened().pool.query(
    'TRUNCATE splits, split_revisions, coverage; UPDATE split_look SET known_from = NULL, looked_on = NULL',
  ),
);

const TODAY = '2026-11-25';
const write = (splits: readonly Split[], today = TODAY): Promise<string[]> =>
  writeSplits(opened().pool, splits, today);

const apple = { symbol: 'AAPL', executionDate: '2014-06-09', from: 1, to: 7 };

async function stored(columns: string): Promise<unknown[]> {
  return (await opened().pool.query<object>(`SELECT ${columns} FROM splits ORDER BY symbol, execution_date`))
    .rows;
}

describe('splits', () => {
  it('are kept by symbol and date, fractional ratios exactly', async () => {
    const general = { symbol: 'GE', executionDate: '2021-08-02', from: 1, to: 0.1 + 0.2 };
    expect(await write([general, apple])).toEqual(['AAPL', 'GE']);
    expect(await stored('symbol, execution_date::text, split_from, split_to')).toEqual([
      { symbol: 'AAPL', execution_date: '2014-06-09', split_from: 1, split_to: 7 },
      { symbol: 'GE', execution_date: '2021-08-02', split_from: 1, split_to: 0.1 + 0.2 },
    ]);
  });

  it('known already write nothing, and corrected ones keep the day they were first seen', async () => {
    await write([apple]);
    const before = await stored('ctid, first_seen_at');
    expect(await write([apple])).toEqual([]);
    expect(await stored('ctid, first_seen_at')).toEqual(before);
    expect(await write([{ ...apple, to: 8 }])).toEqual(['AAPL']);
    expect(await stored('split_to, updated_at > first_seen_at AS updated')).toEqual([
      { split_to: 8, updated: true },
    ]);
  });

  it('that the vendor repeats are stored once, the last one standing', async () => {
    expect(await write([apple, { ...apple, to: 8 }])).toEqual(['AAPL']);
    expect(await stored('split_to')).toEqual([{ split_to: 8 }]);
  });

  it('with a ratio that would ruin every price are refused', async () => {
    for (const bad of [
      { ...apple, from: 0 },
      { ...apple, to: -1 },
    ]) {
      expect(await thrownBy(() => write([bad]))).toMatchObject({ code: '23514' });
    }
  });

  it('that a whole listing no longer has are withdrawn, of just the dates asked for, and said to have bars or not', async () => {
    const early = { ...apple, executionDate: '2000-06-21' };
    const other = { ...apple, symbol: 'GE' };
    await opened().pool.query(
      "INSERT INTO bars_daily VALUES ('AAPL', '2014-06-06', 1, 1, 1, 1, 1, 1, 1, true) ON CONFLICT DO NOTHING",
    );
    await write([early, apple, other]);
    const withdraw = (from: string, listed: Split[]) =>
      withdrawUnlistedSplits(opened().pool, { from, today: TODAY }, listed);
    const moved = { ...apple, executionDate: '2014-06-10' };
    expect(
      (await withdraw('2010-01-04', [moved])).toSorted((a, b) => (a.symbol < b.symbol ? -1 : 1)),
    ).toEqual([
      { symbol: 'AAPL', executionDate: '2014-06-09', hasBars: true },
      { symbol: 'GE', executionDate: '2014-06-09', hasBars: false },
    ]);
    expect(await stored('symbol, execution_date::text AS day, withdrawn_on::text AS withdrawn')).toEqual([
      { symbol: 'AAPL', day: '2000-06-21', withdrawn: null },
      { symbol: 'AAPL', day: '2014-06-09', withdrawn: TODAY },
      { symbol: 'GE', day: '2014-06-09', withdrawn: TODAY },
    ]);
    expect(await withdraw('2010-01-04', [moved])).toEqual([]);
    expect(await withdraw('1999-01-04', [])).toEqual([]);
  });

  it('are known since they executed or since today, but late when an earlier look should have listed them', async () => {
    const future = { ...apple, executionDate: '2026-12-01' };
    const known = () => stored('execution_date::text AS day, known_on::text AS known, verdict');
    await write([apple, future]);
    expect(await known()).toEqual([
      { day: '2014-06-09', known: '2014-06-09', verdict: 'pending' },
      { day: '2026-12-01', known: TODAY, verdict: 'announced' },
    ]);
    await writeSplitLook(opened().pool, { from: '2020-01-01', today: '2026-11-24' });
    await opened().pool.query('TRUNCATE splits');
    await write([
      apple,
      { ...apple, executionDate: '2026-11-20' },
      { ...apple, executionDate: '2026-11-25' },
      future,
    ]);
    expect(await known()).toMatchObject([
      { day: '2014-06-09', known: '2014-06-09' },
      { day: '2026-11-20', known: TODAY },
      { day: '2026-11-25', known: TODAY },
      { day: '2026-12-01', known: TODAY },
    ]);
  });

  it('that are corrected or stand again leave what was known before', async () => {
    await write([apple], '2026-11-20');
    await write([{ ...apple, to: 8 }], '2026-11-23');
    await withdrawUnlistedSplits(opened().pool, { from: '2014-01-01', today: '2026-11-24' }, [
      { ...apple, symbol: 'GE' },
    ]);
    await write([{ ...apple, to: 8 }], '2026-11-25');
    const { rows } = await opened().pool.query(
      'SELECT split_to, known_on::text AS known, replaced_on::text AS replaced FROM split_revisions ORDER BY known_on',
    );
    expect(rows).toEqual([
      { split_to: 7, known: '2014-06-09', replaced: '2026-11-23' },
      { split_to: 8, known: '2026-11-23', replaced: '2026-11-24' },
    ]);
    expect(await stored('split_to, known_on::text AS known, withdrawn_on')).toEqual([
      { split_to: 8, known: '2026-11-25', withdrawn_on: null },
    ]);
  });

  it('whose day has come are found', async () => {
    await write([{ ...apple, executionDate: '2026-12-01' }]);
    expect(await symbolsOfDueSplits(opened().pool, '2026-11-30')).toEqual([]);
    expect(await symbolsOfDueSplits(opened().pool, '2026-12-01')).toEqual(['AAPL']);
  });

  it('of none are no work', async () => {
    expect(await write([])).toEqual([]);
  });
});

describe('the look', () => {
  it('remembers how far back splits are known and when it was taken', async () => {
    expect(await findSplitLook(opened().pool)).toBeNull();
    await writeSplitLook(opened().pool, { from: '2021-11-01', today: '2026-11-24' });
    await writeSplitLook(opened().pool, { from: '2026-08-24', today: '2026-11-25' });
    expect(await findSplitLook(opened().pool)).toEqual({ knownFrom: '2021-11-01', lookedOn: '2026-11-25' });
  });
});

describe('the earliest stored session', () => {
  it('is that of any timeframe of the symbols asked for, null where nothing is stored', async () => {
    const answer = { before: '2024-03-12', absent: [], rejected: [], finalThrough: '2030-01-01' };
    const answers = [
      { ...answer, symbol: 'AAPL', timeframe: 'daily', from: '2024-03-07' },
      { ...answer, symbol: 'AAPL', timeframe: 'hourly', from: '2024-03-06' },
      { ...answer, symbol: 'MSFT', timeframe: 'daily', from: '2024-03-01' },
      { ...answer, symbol: 'IBM', timeframe: 'daily', from: '2024-03-12' },
    ] as const;
    await opened().transaction('cover', async (client) => {
      await writeCoverage(client, answers);
    });
    expect(await earliestStoredSession(opened().pool, ['AAPL', 'IBM'])).toBe('2024-03-06');
    expect(await earliestStoredSession(opened().pool, ['AAPL', 'MSFT'])).toBe('2024-03-01');
    expect(await earliestStoredSession(opened().pool, ['IBM'])).toBeNull();
  });
});
