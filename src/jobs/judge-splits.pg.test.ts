import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { plainly } from '../../test/support/write-plainly.ts';
import { dataRows } from '../../test/support/data-rows.ts';
import { dayBar } from '../../test/support/made-bars.ts';
import { openedDatabase } from '../../test/support/opened-database.ts';
import { describeWithSharedData } from '../../test/support/shared-data.ts';
import type { Bar } from '../market/bar.ts';
import { newYorkDate } from '../market/new-york.ts';
import type { Split } from '../market/split.ts';
import { writeSplits } from '../storage/splits.ts';
import { writeBars } from '../storage/write-bars.ts';
import { judgeSplits } from './judge-splits.ts';

const opened = openedDatabase();
beforeEach(() => opened().pool.query('TRUNCATE bars_daily, splits, split_revisions'));

const TODAY = '2026-11-25';
const store = (symbol: string, bars: readonly Bar[]): Promise<unknown> =>
  opened().transaction('write bars', (client) =>
    writeBars(client, 'daily', [{ symbol, bars, finalThrough: TODAY }], plainly),
  );
const learn = (splits: readonly Split[]): Promise<unknown> => writeSplits(opened().pool, splits, TODAY);
async function judge(symbols: readonly string[]): Promise<string[]> {
  const notices: string[] = [];
  await judgeSplits(opened(), { symbols, today: TODAY }, (text) => notices.push(text));
  return notices;
}
async function verdicts(): Promise<unknown[][]> {
  const { rows } = await opened().pool.query<unknown[]>({
    text: 'SELECT symbol, execution_date::text, verdict, observed FROM splits ORDER BY symbol, execution_date',
    rowMode: 'array',
  });
  return rows;
}

describe('judging splits', () => {
  const wrong: Split = { symbol: 'X', executionDate: '2024-03-12', from: 1, to: 10 };
  const bars = [
    dayBar('X', '2024-03-11', { close: 101 }),
    dayBar('X', '2024-03-12', { open: 100, close: 104 }),
  ];
  const adjusted = async (): Promise<number[]> =>
    (await opened().pool.query<{ close: number }>('SELECT close FROM ohlcv_daily ORDER BY date')).rows.map(
      ({ close }) => close,
    );

  it('holds back what prices contradict, says so once, and applies it when corrected', async () => {
    await store('X', bars);
    await learn([wrong]);
    expect(await judge(['X'])).toEqual([
      'The split of X on 2024-03-12, 10 for 1, is held back: from the close of 101 on 2024-03-11 to the open of 100 on 2024-03-12 ' +
        'prices went by 1.0100, not by 10.0000. They are not adjusted for it.',
    ]);
    expect(await verdicts()).toEqual([['X', '2024-03-12', 'held', 1.01]]);
    expect(await adjusted()).toEqual([101, 104]);
    expect(await judge(['X'])).toEqual([]);
    await learn([{ ...wrong, to: 1.01 }]);
    expect(await judge(['X'])).toEqual([]);
    expect(await verdicts()).toEqual([['X', '2024-03-12', 'unverifiable', null]]);
    expect(await adjusted()).toEqual([100, 104]);
  });

  it('comes to the same in whatever order bars and splits are stored', async () => {
    const other: Split = { ...wrong, executionDate: '2024-03-13', to: 2 };
    const later = [dayBar('X', '2024-03-13', { open: 52 }), dayBar('X', '2024-03-14')];
    const ways = [
      [() => store('X', bars), () => learn([wrong, other]), () => store('X', later)],
      [() => learn([other]), () => store('X', later), () => learn([wrong]), () => store('X', bars)],
      [() => store('X', later), () => store('X', bars), () => learn([other, wrong])],
    ];
    const outcomes: unknown[] = [];
    for (const steps of ways) {
      await opened().pool.query('TRUNCATE bars_daily, splits, split_revisions');
      for (const step of steps) {
        await step();
        await judge(['X']);
      }
      outcomes.push(await verdicts());
    }
    expect(outcomes[0]).toEqual([
      ['X', '2024-03-12', 'held', 1.01],
      ['X', '2024-03-13', 'confirmed', 2],
    ]);
    expect(outcomes[1]).toEqual(outcomes[0]);
    expect(outcomes[2]).toEqual(outcomes[0]);
  });

  it('leaves other symbols, and splits that were withdrawn, alone', async () => {
    await store('X', bars);
    await learn([wrong, { ...wrong, symbol: 'Y' }]);
    await opened().pool.query(`UPDATE splits SET withdrawn_on = '${TODAY}' WHERE symbol = 'X'`);
    expect(await judge(['X'])).toEqual([]);
    expect(await verdicts()).toMatchObject([
      ['X', '2024-03-12', 'pending', null],
      ['Y', '2024-03-12', 'pending', null],
    ]);
  });
});

describeWithSharedData('real splits', (folder) => {
  const toBar = (symbol: string, [session = '', ...values]: string[]): Bar => {
    const [open = 0, high = 0, low = 0, close = 0, volume = 0] = values.map(Number);
    return dayBar(symbol, session, { open, high, low, close, volume });
  };
  const days = (kind: string, symbol: string): Bar[] =>
    dataRows(join(folder, 'bars', kind, `${symbol}.csv.gz`)).map((row) => toBar(symbol, row.split(',')));
  /** Days rolled up from hours: no file has the daily bars of VXX. */
  function fromHours(symbol: string): Bar[] {
    const bySession = new Map<string, Bar>();
    for (const row of dataRows(join(folder, 'bars', 'hourly', `${symbol}.csv.gz`))) {
      const [time = '', ...values] = row.split(',');
      const hour = toBar(symbol, [newYorkDate(Date.parse(time)), ...values]);
      const day = bySession.get(hour.session);
      bySession.set(hour.session, day === undefined ? hour : { ...day, close: hour.close });
    }
    return [...bySession.values()];
  }
  const LONG = new Set(['AAPL', 'EEM', 'QQQ']);
  const rows = dataRows(join(folder, 'splits.csv')).map((row) => row.split(','));
  const splits = rows.map(([symbol = '', executionDate = '', from, to]) => ({
    symbol,
    executionDate,
    from: Number(from),
    to: Number(to),
  }));

  it('are all confirmed by the real bars', async () => {
    const symbols = [...new Set(splits.map(({ symbol }) => symbol))];
    for (const symbol of symbols) {
      const bars =
        symbol === 'VXX' ? fromHours(symbol) : days(LONG.has(symbol) ? 'daily_long' : 'daily', symbol);
      await store(
        symbol,
        bars.filter(({ volume }) => volume > 0),
      );
    }
    await learn(splits);
    expect(await judge(symbols)).toEqual([]);
    expect((await verdicts()).map(([symbol, day, verdict]) => [symbol, day, verdict])).toEqual(
      splits.map(({ symbol, executionDate }) => [symbol, executionDate, 'confirmed']),
    );
  });
});
