import { join } from 'node:path';
import { expect, it } from 'vitest';
import { dataRows } from '../../../test/support/data-rows.ts';
import { grouped, raw, replayFolders, replaying } from '../../../test/support/replay-folder.ts';
import { ask, startSandbox } from '../../../test/support/sandbox.ts';
import { describeWithSharedData } from '../../../test/support/shared-data.ts';
import type { Sandbox } from '../sandbox.ts';

const made = replayFolders();

const columns =
  'symbol,date,first_published,open_1,high_1,low_1,close_1,volume_1,last_published,open_2,high_2,low_2,close_2,volume_2\n';

/** Close and volume of a symbol's day from a range and from the grouped day, null where there is no bar. */
async function seen(sandbox: Sandbox, symbol: string, date: string): Promise<unknown[]> {
  const { body } = await ask(sandbox, raw(symbol, 'day', date, date));
  const all = (await ask(sandbox, grouped(date))).body.results ?? [];
  // Of a ticker sent twice, the larger volume.
  const own = all
    .filter(({ T }: { T: string }) => T === symbol)
    .toSorted((a: { v: number }, b: { v: number }) => b.v - a.v)[0];
  return [body.results?.[0], own].map((row) => (row === undefined ? null : [row.c, row.v]));
}

const both = (...values: number[]): unknown[] => [values, values];

/** Friday 8 January 2016, corrected on Monday. */
const files = {
  'full_market/daily_2016-01.csv.gz':
    'symbol,date,open,high,low,close,volume\n' +
    ['LATE', 'MARKET', 'OTHER'].map((symbol) => `${symbol},2016-01-08,2,3,1,2,200\n`).join(''),
  'bars/daily/FILE.csv.gz': 'date,open,high,low,close,volume\n2016-01-08,2,3,1,2,200\n',
  'bars/revisions.csv.gz':
    columns +
    ['FILE', 'MARKET']
      .map((symbol) => `${symbol},2016-01-08,2016-01-08,2,3,1,1.5,150,2016-01-11,2,3,1,2,200\n`)
      .join('') +
    'LATE,2016-01-08,2016-01-08,2,3,1,2,0,2016-01-11,2,3,1,2,200\n' +
    'OTHER,2016-01-08,2016-01-08,2,3,1,1.5,150,2016-01-11,2,3,1,2,199\n',
};

it.each(['FILE', 'MARKET'])(
  '%s is served as first published until the close of the day it was corrected',
  (symbol) =>
    replaying(made(files), '2016-01-08T21:00:00Z', async (sandbox) => {
      expect(await seen(sandbox, symbol, '2016-01-08')).toEqual(both(1.5, 150));
      sandbox.setNow(Date.parse('2016-01-11T20:59:00Z'));
      expect(await seen(sandbox, symbol, '2016-01-08')).toEqual(both(1.5, 150));
      const week = await ask(sandbox, raw(symbol, 'week', '2016-01-04', '2016-01-08'));
      expect(week.body.results).toMatchObject([{ c: 1.5, v: 150 }]);
      sandbox.setNow(Date.parse('2016-01-11T21:00:00Z'));
      expect(await seen(sandbox, symbol, '2016-01-08')).toEqual(both(2, 200));
    }),
);

it('a bar that was filler of no volume at first comes with its correction', () =>
  replaying(made(files), '2016-01-08T22:00:00Z', async (sandbox) => {
    expect(await seen(sandbox, 'LATE', '2016-01-08')).toEqual([null, null]);
    sandbox.setNow(Date.parse('2016-01-11T21:00:00Z'));
    expect(await seen(sandbox, 'LATE', '2016-01-08')).toEqual(both(2, 200));
  }));

it('a bar that differs from its correction is left alone', () =>
  replaying(made(files), '2016-01-08T22:00:00Z', async (sandbox) => {
    expect(await seen(sandbox, 'OTHER', '2016-01-08')).toEqual(both(2, 200));
  }));

it('a correction without a number is refused at once', async () => {
  const folder = made({
    ...files,
    'bars/revisions.csv.gz': `${columns}A,2016-01-08,2016-01-08,1,1,1,1,1,2016-01-11,1,1,1,1,\n`,
  });
  await expect(startSandbox({ replay: folder })).rejects.toThrow(
    /revisions\.csv\.gz: line 2 has no symbol, date or amount/,
  );
});

describeWithSharedData('the real corrections', (data) => {
  it('of A on 2015-03-27 and of an early close are seen before and after', () => {
    const rows = dataRows(join(data, 'bars', 'revisions.csv.gz')).map((row) => row.split(','));
    expect(rows).toHaveLength(21_376);
    const early = rows.find(([, , , , , , , , published]) => published === '2015-11-27')!;
    return replaying(data, '2015-03-27T21:00:00Z', async (sandbox) => {
      expect(await seen(sandbox, 'A', '2015-03-27')).toEqual(both(41.11, 1_603_400));
      sandbox.setNow(Date.parse('2015-03-30T20:00:00Z'));
      expect(await seen(sandbox, 'A', '2015-03-27')).toEqual(both(41.11, 1_932_700));
      const [symbol = '', date = '', ...fields] = early;
      const numbers = fields.map(Number);
      sandbox.setNow(Date.parse('2015-11-27T17:59:00Z'));
      expect(await seen(sandbox, symbol, date)).toEqual(both(numbers[4]!, numbers[5]!));
      sandbox.setNow(Date.parse('2015-11-27T18:00:00Z'));
      expect(await seen(sandbox, symbol, date)).toEqual(both(numbers[10]!, numbers[11]!));
    });
  }, 60_000);
});
