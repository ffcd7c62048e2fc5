import { beforeEach, describe, expect, it } from 'vitest';
import { plainly } from '../../test/support/write-plainly.ts';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import { dayBar } from '../../test/support/made-bars.ts';
import { openedDatabase } from '../../test/support/opened-database.ts';
import { AppError } from '../errors.ts';
import type { IsoDate } from '../market/date.ts';
import type { Split } from '../market/split.ts';
import { askWindows } from '../planning/asked-bars.ts';
import { writeBars } from '../storage/write-bars.ts';
import { recordedRun } from '../../test/support/recorded-run.ts';
import { splitsFrom, storeSplits, storeSplitsOnce } from './store-splits.ts';
import type { Vendor } from './vendor.ts';

const opened = openedDatabase();
beforeEach(() =>
  opened().pool.query(
    'TRUNCATE bars_daily, splits, split_revisions; UPDATE split_look SET known_from = NULL, looked_on = NULL',
  ),
);

const nothing = (): never => {
  throw new Error('not asked in these tests');
};

/** A run's look at splits at noon (New York) of a day; what it asked and noticed. */
async function look(
  day: IsoDate,
  listed: readonly Split[] | AppError,
  {
    symbols = ['X'],
    from = '2024-01-02',
    run,
  }: { symbols?: string[]; from?: IsoDate; run?: { runId: string; isTakenOver: boolean } } = {},
): Promise<{ asked: object[]; notices: string[] }> {
  const asked: object[] = [];
  const notices: string[] = [];
  const vendor: Vendor = {
    bars: nothing,
    findTicker: nothing,
    groupedDay: nothing,
    async *splits(query) {
      asked.push(query);
      if (listed instanceof AppError) throw listed;
      yield listed.filter(({ executionDate }) => executionDate >= query.from);
    },
    get stats() {
      return nothing();
    },
  };
  const plan = askWindows(symbols, ['daily'], { daily: { from, to: '2024-03-28' } });
  const clock = createFakeClock(Date.parse(`${day}T16:00:00Z`));
  const deps = { database: opened(), vendor, clock, notice: (text: string) => notices.push(text) };
  const { signal } = new AbortController();
  await (run === undefined ? storeSplits(plan, deps, signal) : storeSplitsOnce(run, plan, deps, signal));
  return { asked, notices };
}
async function stored(): Promise<unknown[][]> {
  const { rows } = await opened().pool.query<unknown[]>({
    text: 'SELECT symbol, execution_date::text, verdict, known_on::text, withdrawn_on::text FROM splits ORDER BY symbol, execution_date',
    rowMode: 'array',
  });
  return rows;
}
const lookKept = async (): Promise<unknown> =>
  (await opened().pool.query('SELECT known_from::text, looked_on::text FROM split_look')).rows[0];

const double: Split = { symbol: 'X', executionDate: '2024-03-12', from: 1, to: 2 };
const other: Split = { ...double, symbol: 'OTHER', executionDate: '2024-02-01' };
const bars = (): Promise<unknown> =>
  opened().transaction('write bars', (client) =>
    writeBars(
      client,
      'daily',
      [
        {
          symbol: 'X',
          bars: [dayBar('X', '2024-03-11', { close: 100 }), dayBar('X', '2024-03-12', { open: 50 })],
          finalThrough: '2024-03-12',
        },
      ],
      plainly,
    ),
  );

describe('a look at the splits', () => {
  it('stores those of the whole market in one request, since the earliest session needed', async () => {
    expect(await look('2024-03-28', [other, double])).toEqual({
      asked: [{ from: '2024-01-02', evidence: false }],
      notices: [],
    });
    expect(await stored()).toEqual([
      ['OTHER', '2024-02-01', 'pending', '2024-02-01', null],
      ['X', '2024-03-12', 'pending', '2024-03-12', null],
    ]);
    expect(await lookKept()).toEqual({ known_from: '2024-01-02', looked_on: '2024-03-28' });
  });

  it('then asks for three months again, and for all when a run needs older ones', async () => {
    await look('2024-03-28', [other, double]);
    expect((await look('2024-03-29', [other, double])).asked).toEqual([
      { from: '2023-12-27', evidence: false },
    ]);
    expect((await look('2024-04-01', [other, double], { from: '2020-01-02' })).asked).toEqual([
      { from: '2020-01-02', evidence: false },
    ]);
    expect(await lookKept()).toEqual({ known_from: '2020-01-02', looked_on: '2024-04-01' });
  });

  it('is not repeated by who takes the run over on the same day, but by all others', async () => {
    const runId = await recordedRun(opened(), ['X']);
    const runOf = (isTakenOver: boolean) => ({ run: { runId, isTakenOver } });
    const requests = async (day: IsoDate, isTakenOver: boolean): Promise<number> =>
      (await look(day, [double], runOf(isTakenOver))).asked.length;
    // Its first process died before it had them.
    expect(await requests('2024-03-28', true)).toBe(1);
    expect(await requests('2024-03-28', true)).toBe(0);
    expect(await requests('2024-03-28', false)).toBe(1);
    expect(await requests('2024-03-29', true)).toBe(1);
  });

  it('that lists nothing twice, or is not in the plan, proves nothing', async () => {
    await look('2024-03-28', [other, double]);
    const before = [await stored(), await lookKept()];
    expect((await look('2024-03-29', [])).asked).toMatchObject([{ evidence: false }, { evidence: true }]);
    const refused = await look('2024-03-29', new AppError('VENDOR_NOT_ENTITLED', 'Not in the plan.'));
    expect(refused.notices).toEqual([
      'Splits are not known, so prices are not adjusted for them: Not in the plan.',
    ]);
    expect([await stored(), await lookKept()]).toEqual(before);
  });

  it('judges what it stored by the prices that are there', async () => {
    await bars();
    await look('2024-03-28', [other, double]);
    expect((await stored()).map(([symbol, , verdict]) => [symbol, verdict])).toEqual([
      ['OTHER', 'pending'],
      ['X', 'confirmed'],
    ]);
    const { notices } = await look('2024-03-29', [other, { ...double, to: 20 }]);
    expect(notices).toEqual([
      expect.stringMatching(/^The split of X on 2024-03-12, 20 for 1, is held back: /),
    ]);
  });

  it('lets announced splits wait for their day', async () => {
    await bars();
    await look('2024-03-08', [other, double]);
    expect((await stored())[1]).toEqual(['X', '2024-03-12', 'announced', '2024-03-08', null]);
    await look('2024-03-12', [other, double], { symbols: ['Y'] });
    expect((await stored())[1]).toEqual(['X', '2024-03-12', 'confirmed', '2024-03-08', null]);
  });

  it('withdraws what is listed no more, and tells of symbols of the run or with bars', async () => {
    await look('2024-03-28', [other, double, { ...double, symbol: 'NOBODY' }]);
    expect((await look('2024-03-29', [other])).notices).toEqual([
      'Massive no longer lists the split of X on 2024-03-12; prices are no longer adjusted for it.',
    ]);
    expect((await stored()).map(([symbol, , , , withdrawn]) => [symbol, withdrawn])).toEqual([
      ['NOBODY', '2024-03-29'],
      ['OTHER', null],
      ['X', '2024-03-29'],
    ]);
    expect((await look('2024-03-29', [other])).notices).toEqual([]);
  });

  it('writes ten thousand at once, and then nothing', async () => {
    const many = Array.from({ length: 12_000 }, (_, i) => ({ ...other, symbol: `S${i}` }));
    await look('2024-03-28', many);
    const versions = (): Promise<unknown> =>
      opened()
        .pool.query('SELECT count(*), max(xmin::text::bigint) FROM splits')
        .then(({ rows }) => rows[0]);
    const before = await versions();
    await look('2024-03-28', many);
    expect(await versions()).toEqual(before);
  });
});

describe('from when to ask', () => {
  it.each([
    [null, '2024-01-02', '2024-01-02'],
    [{ knownFrom: '2024-01-02', lookedOn: '2024-03-28' }, '2024-01-02', '2023-12-27'],
    [{ knownFrom: '2020-01-02', lookedOn: '2024-03-28' }, '2024-03-27', '2023-12-27'],
    [{ knownFrom: '2020-01-02', lookedOn: '2024-03-28' }, '2020-01-01', '2020-01-01'],
  ])('after %o, needing %s: %s', (known, needed, from) => {
    expect(splitsFrom(known, needed)).toBe(from);
  });
});
