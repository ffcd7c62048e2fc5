import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { dayBar, hourBar } from '../../test/support/made-bars.ts';
import { openedDatabase } from '../../test/support/opened-database.ts';
import type { Bar, BaseTimeframe } from '../market/bar.ts';
import { addDays } from '../market/date.ts';
import { type WriteCounts, writeBars } from './write-bars.ts';

const opened = openedDatabase();
beforeEach(() => opened().pool.query('TRUNCATE bars_daily, bars_hourly, bar_revisions'));

interface HowToWrite {
  readonly timeframe?: BaseTimeframe;
  readonly finalThrough?: string;
  readonly useCopy?: boolean;
  readonly mayBeStored?: boolean;
}

function write(bars: readonly Bar[], how: HowToWrite = {}): Promise<WriteCounts[]> {
  const { timeframe = 'daily', finalThrough = '2030-12-31', useCopy = true, mayBeStored = true } = how;
  const groups = [...new Set(bars.map((bar) => bar.symbol))].map((symbol) => ({
    symbol,
    bars: bars.filter((bar) => bar.symbol === symbol),
    finalThrough,
  }));
  return opened().transaction('write bars', (client) =>
    writeBars(client, timeframe, groups, { useCopy, mayBeStored: () => mayBeStored }),
  );
}

async function stored(select: string): Promise<unknown[]> {
  return (await opened().pool.query<object>(select)).rows;
}

// What may be stored takes the way through the stage, first bars go straight in.
const ways = [
  { way: 'first bars by COPY', mayBeStored: false, useCopy: true },
  { way: 'later bars by COPY', mayBeStored: true, useCopy: true },
  { way: 'first bars by INSERT', mayBeStored: false, useCopy: false },
  { way: 'later bars by INSERT', mayBeStored: true, useCopy: false },
];

describe.each(ways)('$way', ({ mayBeStored, useCopy }) => {
  it('keep every double as it came, -0 as 0', async () => {
    const double = fc.double({ noNaN: true, noDefaultInfinity: true });
    const values = fc.record({
      open: double,
      high: double,
      low: double,
      close: double,
      volume: double,
      vwap: fc.option(double),
      trades: fc.option(fc.integer({ min: 0, max: 2 ** 31 - 1 })),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(values, { minLength: 1, maxLength: 300 }), async (rows) => {
        await opened().pool.query('TRUNCATE bars_daily');
        const bars = rows.map((row, day) => dayBar('X', addDays('1990-01-01', day), row));
        await write([...bars, dayBar('X', '2000-01-01', { volume: -0, vwap: -0 })], { useCopy, mayBeStored });
        const back = await opened().pool.query<object>(
          `SELECT open, high, low, close, volume, vwap, trades FROM bars_daily ORDER BY session`,
        );
        const zero = (value: number | null): number | null => (value === 0 ? 0 : value);
        const expected = [...rows, { ...rows[0], ...dayBar('X', '2000-01-01'), volume: 0, vwap: 0 }].map(
          ({ open, high, low, close, volume, vwap, trades }) => ({
            open: zero(open),
            high: zero(high),
            low: zero(low),
            close: zero(close),
            volume: zero(volume),
            vwap: zero(vwap),
            trades,
          }),
        );
        expect(back.rows).toStrictEqual(expected);
      }),
      { numRuns: 8 },
    );
  });

  it('keep instants and sessions of hours on the days the clocks change', async () => {
    const bars = [
      hourBar('X', '2024-03-08', 19),
      hourBar('X', '2024-03-11', 4),
      hourBar('X', '2024-11-01', 19),
      hourBar('X', '2024-11-04', 4),
      hourBar('X', '2024-12-31', 19),
      { ...hourBar('X', '1999-12-31', 19), startsAt: Date.UTC(2000, 0, 1) },
    ];
    await write(bars, { timeframe: 'hourly', useCopy, mayBeStored });
    expect(
      await stored(`SELECT session::text, to_char(starts_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') AS utc
                      FROM bars_hourly ORDER BY starts_at`),
    ).toEqual([
      { session: '1999-12-31', utc: '2000-01-01 00:00' },
      { session: '2024-03-08', utc: '2024-03-09 00:00' },
      { session: '2024-03-11', utc: '2024-03-11 08:00' },
      { session: '2024-11-01', utc: '2024-11-01 23:00' },
      { session: '2024-11-04', utc: '2024-11-04 09:00' },
      { session: '2024-12-31', utc: '2025-01-01 00:00' },
    ]);
  });

  it('keep symbols apart that differ in case only', async () => {
    const counts = await write(
      [dayBar('BCpC', '2024-03-08', { close: 9.8 }), dayBar('BCPC', '2024-03-08', { close: 11 })],
      { useCopy, mayBeStored },
    );
    expect(counts.map(({ symbol, new: added }) => [symbol, added]).toSorted()).toEqual([
      ['BCPC', 1],
      ['BCpC', 1],
    ]);
    expect(
      await stored(`SELECT symbol, close FROM bars_daily WHERE session = '2024-03-08' ORDER BY symbol`),
    ).toEqual([
      { symbol: 'BCPC', close: 11 },
      { symbol: 'BCpC', close: 9.8 },
    ]);
  });

  it('are final up to the session that is', async () => {
    await write([dayBar('X', '2024-03-07'), dayBar('X', '2024-03-08')], {
      finalThrough: '2024-03-07',
      useCopy,
      mayBeStored,
    });
    expect(await stored(`SELECT session::text, final FROM bars_daily ORDER BY 1`)).toEqual([
      { session: '2024-03-07', final: true },
      { session: '2024-03-08', final: false },
    ]);
  });
});

describe('a second write', () => {
  const monday = dayBar('X', '2024-03-11');
  const tuesday = dayBar('X', '2024-03-12');

  it.each([true, false])('tells new, changed and unchanged bars apart (COPY: %s)', async (useCopy) => {
    await write([monday, tuesday], { useCopy });
    const counts = await write(
      [monday, { ...tuesday, volume: 1000.25 }, dayBar('X', '2024-03-13'), dayBar('Y', '2024-03-13')],
      { useCopy },
    );
    expect(counts.toSorted((a, b) => (a.symbol < b.symbol ? -1 : 1))).toEqual([
      { symbol: 'X', new: 1, changed: 1, sessions: expect.arrayContaining(['2024-03-12', '2024-03-13']) },
      { symbol: 'Y', new: 1, changed: 0, sessions: ['2024-03-13'] },
    ]);
  });

  it.each([true, false])('finds what is stored where nothing should be (COPY: %s)', async (useCopy) => {
    await write([monday]);
    const bars = [monday, { ...tuesday, volume: 1000.25 }, dayBar('Y', '2024-03-13')];
    const counts = await write(bars, { useCopy, mayBeStored: false });
    expect(counts.toSorted((a, b) => (a.symbol < b.symbol ? -1 : 1))).toEqual([
      { symbol: 'X', new: 1, changed: 0, sessions: ['2024-03-12'] },
      { symbol: 'Y', new: 1, changed: 0, sessions: ['2024-03-13'] },
    ]);
    expect(await stored('SELECT symbol, session::text FROM bars_daily ORDER BY 1, 2')).toEqual([
      { symbol: 'X', session: '2024-03-11' },
      { symbol: 'X', session: '2024-03-12' },
      { symbol: 'Y', session: '2024-03-13' },
    ]);
  });

  it.each(['open', 'high', 'low', 'close', 'volume', 'vwap', 'trades'] as const)(
    'of another %s replaces the bar and keeps its old values',
    async (field) => {
      await write([monday, tuesday]);
      const revised = { ...tuesday, [field]: 13 };
      expect(await write([revised])).toEqual([{ symbol: 'X', new: 0, changed: 1, sessions: ['2024-03-12'] }]);
      expect(await stored(`SELECT ${field} AS value FROM bars_daily WHERE session = '2024-03-12'`)).toEqual([
        { value: 13 },
      ]);
      expect(
        await stored(
          `SELECT r.symbol, r.timeframe, r.starts_at, r.${field} AS value, r.stored_at = b.created_at AS "sinceFirst"
             FROM bar_revisions r JOIN bars_daily b ON b.symbol = r.symbol AND b.session = '2024-03-12'`,
        ),
      ).toEqual([
        {
          symbol: 'X',
          timeframe: 'daily',
          starts_at: new Date(tuesday.startsAt),
          value: tuesday[field],
          sinceFirst: true,
        },
      ]);
    },
  );

  it('keeps every revision of an hour', async () => {
    const hour = hourBar('X', '2024-03-11', 9);
    for (const close of [10, 10.5, 11]) await write([{ ...hour, close }], { timeframe: 'hourly' });
    expect(
      await stored('SELECT timeframe, starts_at, close FROM bar_revisions ORDER BY replaced_at'),
    ).toEqual([
      { timeframe: 'hourly', starts_at: new Date(hour.startsAt), close: 10 },
      { timeframe: 'hourly', starts_at: new Date(hour.startsAt), close: 10.5 },
    ]);
    expect(await stored('SELECT close FROM bars_hourly')).toEqual([{ close: 11 }]);
  });

  it('that takes vwap and trades away, or brings them, is a change', async () => {
    await write([monday]);
    const without = { ...monday, vwap: null, trades: null };
    expect(await write([without])).toMatchObject([{ changed: 1 }]);
    expect(await write([without])).toEqual([]);
    expect(await write([monday])).toMatchObject([{ changed: 1 }]);
  });

  it('makes a bar final without counting it as changed, and never takes that back', async () => {
    await write([monday], { finalThrough: '2024-03-08' });
    expect(await write([monday], { finalThrough: '2024-03-11' })).toEqual([]);
    expect(await stored('SELECT final FROM bars_daily')).toEqual([{ final: true }]);
    await write([{ ...monday, close: 11 }], { finalThrough: '2024-03-08' });
    expect(await stored('SELECT final, close FROM bars_daily')).toEqual([{ final: true, close: 11 }]);
    expect(await stored('SELECT close FROM bar_revisions')).toEqual([{ close: 10.5 }]);
  });

  it('keeps created_at and moves updated_at of what changed only', async () => {
    await write([monday, tuesday]);
    await write([monday, { ...tuesday, close: 11 }]);
    expect(
      await stored(
        'SELECT session::text, updated_at > created_at AS updated FROM bars_daily ORDER BY session',
      ),
    ).toEqual([
      { session: '2024-03-11', updated: false },
      { session: '2024-03-12', updated: true },
    ]);
  });

  it('of -0 where 0 is stored changes nothing', async () => {
    await write([{ ...monday, volume: 0 }]);
    expect(await write([{ ...monday, volume: -0 }])).toEqual([]);
  });
});

describe('use_copy: false', () => {
  it('leaves the very same rows as COPY does', async () => {
    const days = [...Array(40).keys()].map((day) =>
      dayBar(day % 2 === 0 ? 'X' : 'Y', addDays('2024-01-01', day), {
        close: 10 + day / 7,
        vwap: day % 3 ? null : day / 3,
      }),
    );
    const hours = [...Array(16).keys()].map((hour) =>
      hourBar('X', '2024-03-11', hour + 4, { volume: hour / 9, trades: null }),
    );
    const contents: unknown[] = [];
    for (const useCopy of [true, false]) {
      await opened().pool.query('TRUNCATE bars_daily, bars_hourly, bar_revisions');
      await write(days.slice(0, 20), { useCopy, finalThrough: '2024-01-10' });
      await write(
        days.map((bar) => ({ ...bar, volume: bar.volume + (bar.session < '2024-01-05' ? 0.125 : 0) })),
        { useCopy },
      );
      await write(hours.slice(0, 8), { useCopy, timeframe: 'hourly' });
      await write(hours, { useCopy, timeframe: 'hourly' });
      contents.push([
        await stored(
          `SELECT to_jsonb(b) - 'created_at' - 'updated_at' AS row FROM bars_daily b ORDER BY symbol, session`,
        ),
        await stored(
          `SELECT to_jsonb(b) - 'created_at' - 'updated_at' AS row FROM bars_hourly b ORDER BY starts_at`,
        ),
        await stored(
          `SELECT to_jsonb(b) - 'stored_at' - 'replaced_at' AS row FROM bar_revisions b ORDER BY symbol, starts_at`,
        ),
      ]);
    }
    expect(contents[1]).toEqual(contents[0]);
    expect(contents[0]).toMatchObject([{ length: 40 }, { length: 16 }, { length: 4 }]);
  });
});
