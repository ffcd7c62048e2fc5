import { beforeEach, describe, expect, it } from 'vitest';
import { plainly } from '../../test/support/write-plainly.ts';
import { dayBar, hourBar } from '../../test/support/made-bars.ts';
import { openedDatabase } from '../../test/support/opened-database.ts';
import type { Bar, BaseTimeframe } from '../market/bar.ts';
import { writeAbsences } from './absences.ts';
import { type Answered, writeCoverage } from './coverage.ts';
import { writeBars } from './write-bars.ts';

const opened = openedDatabase();
beforeEach(() => opened().pool.query('TRUNCATE bars_daily, bars_hourly, coverage, absences'));

const answered = (about: Partial<Answered>): Answered => ({
  symbol: 'AAPL',
  timeframe: 'daily',
  from: '2024-03-07',
  before: '2024-03-08',
  absent: [],
  rejected: [],
  finalThrough: '2030-01-01',
  ...about,
});

const cover = (...answers: Answered[]): Promise<void> =>
  opened().transaction('cover', async (client) => {
    await writeCoverage(client, answers);
  });
const noteAbsences = (...answers: Answered[]): Promise<void> =>
  opened().transaction('note absences', async (client) => {
    const earlier = await writeCoverage(client, answers);
    await writeAbsences(client, answers, earlier);
  });

async function rows(select: string): Promise<unknown[]> {
  return (await opened().pool.query<object>(select)).rows;
}

const coverage = (): Promise<unknown[]> =>
  rows('SELECT symbol, timeframe, sessions::text FROM coverage ORDER BY symbol, timeframe');
const absences = (): Promise<unknown[]> =>
  rows('SELECT session::text, reason FROM absences ORDER BY symbol, timeframe, session');

async function storeBar(bar: Bar, timeframe: BaseTimeframe = 'daily'): Promise<void> {
  const group = { symbol: bar.symbol, bars: [bar], finalThrough: bar.session };
  await opened().transaction('write a bar', (client) => writeBars(client, timeframe, [group], plainly));
}

describe('coverage', () => {
  it('bridges sessions over weekends, so that adjoining answers become one range', async () => {
    await cover(answered({ from: '2024-03-07', before: '2024-03-08' }));
    await cover(answered({ from: '2024-03-08', before: '2024-03-11' }));
    await cover(answered({ from: '2024-03-11', before: '2024-03-12' }));
    expect(await coverage()).toEqual([
      { symbol: 'AAPL', timeframe: 'daily', sessions: '{[2024-03-07,2024-03-12)}' },
    ]);
  });

  it('keeps what was not asked apart until it is', async () => {
    await cover(
      answered({ from: '2024-03-01', before: '2024-03-04' }),
      answered({ from: '2024-03-07', before: '2024-03-08' }),
    );
    expect(await coverage()).toMatchObject([
      { sessions: '{[2024-03-01,2024-03-04),[2024-03-07,2024-03-08)}' },
    ]);
    await cover(answered({ from: '2024-03-04', before: '2024-03-07' }));
    expect(await coverage()).toMatchObject([{ sessions: '{[2024-03-01,2024-03-08)}' }]);
  });

  it('keeps symbols and timeframes apart', async () => {
    await cover(
      answered({}),
      answered({ timeframe: 'hourly', before: '2024-03-11' }),
      answered({ symbol: 'BCpC' }),
    );
    expect(await coverage()).toEqual([
      { symbol: 'AAPL', timeframe: 'daily', sessions: '{[2024-03-07,2024-03-08)}' },
      { symbol: 'AAPL', timeframe: 'hourly', sessions: '{[2024-03-07,2024-03-11)}' },
      { symbol: 'BCpC', timeframe: 'daily', sessions: '{[2024-03-07,2024-03-08)}' },
    ]);
  });

  it('has a row, and nothing covered, while the first session is not answered whole', async () => {
    await cover(answered({ before: '2024-03-07' }));
    expect(await coverage()).toMatchObject([{ sessions: '{}' }]);
    await cover(answered({}));
    await cover(answered({ before: '2024-03-07' }));
    expect(await coverage()).toMatchObject([{ sessions: '{[2024-03-07,2024-03-08)}' }]);
  });

  it('that is there already is locked for its writer, not rewritten', async () => {
    await cover(answered({}));
    const before = await rows('SELECT ctid, updated_at FROM coverage');
    await opened().transaction('cover', async (client) => {
      await writeCoverage(client, [answered({})]);
      const free = await opened().pool.query('SELECT FROM coverage FOR UPDATE SKIP LOCKED');
      expect(free.rowCount).toBe(0);
    });
    expect(await rows('SELECT ctid, updated_at FROM coverage')).toEqual(before);
  });
});

describe('absences', () => {
  const gap = answered({
    before: '2024-03-12',
    absent: ['2024-03-08', '2024-03-11'],
    rejected: ['2024-03-11'],
  });

  it('are the sessions without a bar, with their reason', async () => {
    await noteAbsences(gap);
    expect(await absences()).toEqual([
      { session: '2024-03-08', reason: 'unexplained' },
      { session: '2024-03-11', reason: 'rejected' },
    ]);
  });

  it('noticed again stay as they are: reasons come from the facts, once all are there', async () => {
    await noteAbsences(gap);
    const before = await rows('SELECT ctid, noticed_at FROM absences ORDER BY session');
    await noteAbsences(gap);
    expect(await rows('SELECT ctid, noticed_at FROM absences ORDER BY session')).toEqual(before);
    await noteAbsences({ ...gap, rejected: [] });
    expect(await rows('SELECT ctid, noticed_at FROM absences ORDER BY session')).toEqual(before);
  });

  it('vanish when the bar arrives, and only those that were asked again', async () => {
    await noteAbsences(gap, answered({ symbol: 'MSFT', absent: ['2024-03-07'] }));
    await storeBar(dayBar('AAPL', '2024-03-08'));
    await noteAbsences(answered({ from: '2024-03-08', before: '2024-03-11' }));
    expect(await rows('SELECT symbol, session::text FROM absences ORDER BY symbol')).toEqual([
      { symbol: 'AAPL', session: '2024-03-11' },
      { symbol: 'MSFT', session: '2024-03-07' },
    ]);
  });

  it('of one timeframe are not those of the other', async () => {
    await noteAbsences(gap, { ...gap, timeframe: 'hourly' });
    await noteAbsences({ ...gap, absent: [] });
    expect(await rows('SELECT timeframe, session::text FROM absences ORDER BY session')).toEqual([
      { timeframe: 'hourly', session: '2024-03-08' },
      { timeframe: 'hourly', session: '2024-03-11' },
    ]);
  });

  it('are not sessions whose bar is stored and only failed to come again', async () => {
    await storeBar(dayBar('AAPL', '2024-03-08'));
    await storeBar(dayBar('BCPC', '2024-03-11'));
    await noteAbsences(gap);
    expect(await absences()).toEqual([{ session: '2024-03-11', reason: 'rejected' }]);
  });

  it.each([4, 19])('are not sessions with a stored hour at %i:00 New York', async (hour) => {
    await storeBar(hourBar('AAPL', '2024-03-08', hour), 'hourly');
    await noteAbsences({ ...gap, timeframe: 'hourly' });
    expect(await absences()).toEqual([{ session: '2024-03-11', reason: 'rejected' }]);
  });

  it('named twice are one, the later reason standing', async () => {
    const day = { before: '2024-03-09', absent: ['2024-03-08'] };
    await noteAbsences(answered(day), answered({ ...day, rejected: ['2024-03-08'] }));
    expect(await absences()).toEqual([{ session: '2024-03-08', reason: 'rejected' }]);
  });
});
