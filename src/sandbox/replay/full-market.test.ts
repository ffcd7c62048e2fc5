import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { dataRows } from '../../../test/support/data-rows.ts';
import { grouped, raw, replayFolders, replaying } from '../../../test/support/replay-folder.ts';
import { ask, listed, startSandbox } from '../../../test/support/sandbox.ts';
import { describeWithSharedData } from '../../../test/support/shared-data.ts';
import { newYorkDate } from '../../market/new-york.ts';
import { createBars } from '../bar-columns.ts';
import type { Market } from '../market.ts';
import type { Sandbox } from '../sandbox.ts';
import { sessionFrom } from '../sessions.ts';
import { createReplayMarket } from './replay-market.ts';

const made = replayFolders();

const header = 'symbol,date,open,high,low,close,volume\n';
const monthOf = (...rows: string[]): string => `${header}${rows.join('\n')}\n`;
const later = '2016-04-01T12:00:00Z';

interface Row {
  readonly T: string;
  readonly t: number;
  readonly [field: string]: number | string;
}
const valuesOf = ({ o, h, l, c, v }: Row): unknown[] => [o, h, l, c, v];

/** The rows of a grouped day by symbol; of a ticker sent twice the larger volume. */
async function dayOf(sandbox: Sandbox, date: string): Promise<Map<string, Row>> {
  const rows = new Map<string, Row>();
  for (const row of ((await ask(sandbox, grouped(date))).body.results ?? []) as Row[]) {
    const known = rows.get(row.T);
    if (known === undefined || known['v']! < row['v']!) rows.set(row.T, row);
  }
  return rows;
}

const market = {
  'daily_2016-01.csv.gz': monthOf(
    'A,2016-01-28,1,2,0.5,1.5,1.12117471e+08',
    'A,2016-01-29,1.5,1.5,1.5,1.5,0',
    'BCPC,2016-01-29,5,5,5,5,55',
    'BCpC,2016-01-29,6,6,6,6,66.5',
  ),
  'daily_2016-02.csv.gz': monthOf(
    'A,2016-02-01,2,3,1,2.5,200',
    'A,2016-02-06,9,9,9,9,9',
    'FAULTY,2016-02-01,0,-1.25,9e11,12345.678901234567,3',
    'FILLER,2016-02-01,1,1,1,1,0',
  ),
};

describe.each(['full_market/', ''])('a whole market in %j', (place) => {
  const folder = made(Object.fromEntries(Object.entries(market).map(([name, text]) => [place + name, text])));

  it('is served by day, faulty rows as they are, filler of no volume never', () =>
    replaying(folder, later, async (sandbox) => {
      const day = await dayOf(sandbox, '2016-02-01');
      expect([...day.keys()].toSorted()).toEqual(['A', 'FAULTY']);
      expect(valuesOf(day.get('A')!)).toEqual([2, 3, 1, 2.5, 200]);
      expect(day.get('A')!.t).toBe(Date.parse('2016-02-01T21:00:00Z'));
      expect(valuesOf(day.get('FAULTY')!)).toEqual([0, -1.25, 9e11, 12345.678901234567, 3]);
      expect([...(await dayOf(sandbox, '2016-01-29')).keys()].toSorted()).toEqual(['BCPC', 'BCpC']);
    }));

  it('is served by symbol over months, in days, weeks and months', () =>
    replaying(folder, later, async (sandbox) => {
      const seen = async (timespan: string): Promise<unknown[]> =>
        (await ask(sandbox, raw('A', timespan, '2016-01-01', '2016-03-31'))).body.results.map((row: Row) => [
          newYorkDate(row.t),
          ...valuesOf(row),
        ]);
      const days = [
        ['2016-01-28', 1, 2, 0.5, 1.5, 112117471],
        ['2016-02-01', 2, 3, 1, 2.5, 200],
      ];
      expect(await seen('day')).toEqual(days);
      expect(await seen('week')).toEqual([
        ['2016-01-24', ...days[0]!.slice(1)],
        ['2016-01-31', ...days[1]!.slice(1)],
      ]);
      expect(await seen('month')).toEqual([
        ['2016-01-01', ...days[0]!.slice(1)],
        ['2016-02-01', ...days[1]!.slice(1)],
      ]);
    }));

  it('has no bar on a day without a session, whatever its files say', () =>
    replaying(folder, later, async (sandbox) => {
      expect((await dayOf(sandbox, '2016-02-06')).size).toBe(0);
      expect((await ask(sandbox, raw('A', 'day', '2016-02-06', '2016-02-06'))).body.resultsCount).toBe(0);
    }));

  it('lists who has a bar, from the first to the last', () =>
    replaying(folder, '2016-02-01T23:00:00Z', async (sandbox) => {
      const { rows } = await listed(sandbox, '/v3/reference/tickers');
      expect(rows.map((row) => row['ticker'])).toEqual(['A', 'BCPC', 'BCpC', 'FAULTY']);
      const { body } = await ask(sandbox, '/v3/reference/tickers/BCpC');
      expect(body.results).toMatchObject({ ticker: 'BCpC', list_date: '2016-01-29' });
      expect((await ask(sandbox, '/v3/reference/tickers/FILLER')).status).toBe(404);
    }));
});

it('a day of the market is known once the session is over', () =>
  replaying(made(market), '2016-02-01T20:59:59Z', async (sandbox) => {
    expect((await dayOf(sandbox, '2016-02-01')).size).toBe(0);
    sandbox.setNow(Date.parse('2016-02-01T21:00:00Z'));
    expect((await dayOf(sandbox, '2016-02-01')).size).toBe(2);
  }));

it('between its first and last day the file of a symbol wins over the market, and that over its long file', () => {
  const [jan28, feb1] = ['2016-01-28', '2016-02-01'];
  const folder = made({
    ...market,
    'bars/daily/A.csv.gz': `date,open,high,low,close,volume\n${feb1},7,7,7,7,7\n`,
    'bars/daily_long/A.csv.gz': `date,open,high,low,close,volume\n2016-01-27,8,8,8,8,8\n${jan28},8,8,8,8,8\n2016-01-29,8,8,8,8,8\n`,
  });
  return replaying(folder, later, async (sandbox) => {
    const { body } = await ask(sandbox, raw('A', 'day', '2016-01-01', '2016-03-31'));
    expect(body.results.map((row: Row) => [newYorkDate(row.t), row['o']])).toEqual([
      ['2016-01-27', 8],
      [jan28, 1],
      [feb1, 7],
    ]);
    expect((await dayOf(sandbox, feb1)).get('A')!['o']).toBe(7);
  });
});

it.each([
  ['A,2016-01-29,1,1,1,1,1', 'A,2016-01-28,1,1,1,1,1', 3],
  ['B,2016-01-29,1,1,1,1,1', 'A,2016-01-29,1,1,1,1,1', 3],
  ['A,2016-01-28,1,1,1,1,1', 'A,2016-01-28,1,1,1,1,1', 3],
  ['A,2016-02-01,1,1,1,1,1', '', 2],
  ['A,2016-01-28,1,1,x,1,1', '', 2],
  ['A,2016-01-28,1,1,,1,1', '', 2],
  ['A,2016-01-28,1,1,1,1', '', 2],
  ['A,2016-01-28,1,1,1,1,1,1', '', 2],
  ['A', '', 2],
])('refuses a month with %s before %j at once, with file and line', async (first, second, line) => {
  const folder = made({ 'daily_2016-01.csv.gz': monthOf(first, second).trimEnd() });
  await expect(startSandbox({ replay: folder })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringMatching(
      new RegExp(
        `daily_2016-01\\.csv\\.gz: line ${line} is not a bar of 2016-01 later, by symbol and date, than`,
      ),
    ),
  });
});

it.each([
  ['columns', 'symbol,date,price\nA,2016-01-28,1\n'],
  ['content', ''],
])('refuses a month without its %s', async (_what, text) => {
  const folder = made({ 'daily_2016-01.csv.gz': text });
  await expect(startSandbox({ replay: folder })).rejects.toThrow(/its first line is not symbol,date,open/);
});

// 2,976,922 rows of 6,809 symbols.
describeWithSharedData('the real market', (data) => {
  const folder = join(data, 'full_market');
  const now = Date.parse('2017-04-05T12:00:00Z');
  const bars = createBars();
  let real: Market;
  beforeAll(() => {
    real = createReplayMarket(folder);
  }, 60_000);

  /** Reads the bars that these symbols have of a session, and counts them. */
  function barsOf(session: number, symbols: readonly string[]): number {
    bars.length = 0;
    for (const symbol of symbols) real.findSeries(symbol)?.append('day', session, now, bars);
    return bars.length;
  }

  it.each([
    ['2015-11-27', 5564],
    // An outage of the source.
    ['2016-09-01', 4649],
  ])('of %s has %i symbols', (date, symbols) => {
    expect(barsOf(sessionFrom(date), real.daySymbols())).toBe(symbols);
  });

  it('has every row with volume on 513 sessions', () => {
    let rows = 0;
    const first = sessionFrom('2015-03-20');
    const last = sessionFrom('2017-03-31');
    for (let session = first; session <= last; session++) rows += barsOf(session, real.daySymbols());
    expect(last - first + 1).toBe(513);
    expect(rows).toBe(2_896_396);
  }, 60_000);

  it.each(['2015-03', '2016-09'])(
    'of %s has each row value for value',
    (month) => {
      const wrong: string[] = [];
      for (const row of dataRows(join(folder, `daily_${month}.csv.gz`))) {
        const [symbol = '', date = '', ...values] = row.split(',');
        const count = barsOf(sessionFrom(date), [symbol]);
        const { open, high, low, close, volume } = bars;
        const served = [open, high, low, close, volume].map((column) => column[0]);
        const isRight = values.every((value, field) => Number(value) === served[field]);
        if (values[4] === '0' ? count > 0 : count !== 1 || !isRight) wrong.push(row);
      }
      expect(wrong).toEqual([]);
    },
    60_000,
  );
});
