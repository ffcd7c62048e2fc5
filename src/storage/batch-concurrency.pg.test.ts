import type pg from 'pg';
import { beforeEach, describe, expect, it } from 'vitest';
import { dayBar, hourBar, pageOf } from '../../test/support/made-bars.ts';
import { openedDatabase } from '../../test/support/opened-database.ts';
import { batchOf, recordedRun, succeeded } from '../../test/support/recorded-run.ts';
import { sessionsBetween } from '../market/calendar.ts';
import { addToRun } from './run-counts.ts';
import { finishRun } from './runs.ts';
import { writeCoverage } from './coverage.ts';
import { type Batch, type PageToStore, writeBatch } from './batch.ts';
import type { Records } from './read-runs.ts';

const opened = openedDatabase();
beforeEach(() =>
  opened().pool.query(
    'TRUNCATE bars_daily, bars_hourly, bar_revisions, coverage, absences, processing_runs CASCADE',
  ),
);

const symbols = Array.from({ length: 12 }, (_, index) => `S${index}`);
const [first = '', ...others] = sessionsBetween('2024-03-01', '2024-03-29');
const sessions = [first, ...others];

const write = (batch: Batch): Promise<Records> =>
  opened().transaction(
    'store a batch of bars',
    async (client) => (await writeBatch(client, batch, { useCopy: true })).records,
  );

const dailyPage = (symbol: string): PageToStore =>
  pageOf([dayBar(symbol, first), ...others.map((session) => dayBar(symbol, session))]);
const hourlyPage = (symbol: string): PageToStore =>
  pageOf([hourBar(symbol, first, 10), ...others.map((session) => hourBar(symbol, session, 10))], {
    timeframe: 'hourly',
  });

/** Another order of the same items for every writer. */
const rotated = <T>(items: readonly T[], by: number): T[] => {
  const turned = [...items.slice(by), ...items.slice(0, by)];
  return by % 2 === 0 ? turned : turned.toReversed();
};

const total = (records: readonly Records[], field: keyof Records): number =>
  records.reduce((sum, one) => sum + one[field], 0);

async function lockWaiters(): Promise<number> {
  const { rows } = await opened().pool.query<{ waiting: number }>(
    `SELECT count(*)::integer AS waiting FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );
  return rows[0]?.waiting ?? 0;
}

describe('batches written at once', () => {
  it('over the same symbols in different orders neither deadlock nor count a bar twice nor lose one', async () => {
    const runId = await recordedRun(opened(), symbols);
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      const written: Records[] = [];
      for (let round = 0; round < 3; round += 1) {
        const pages = rotated([...symbols.map(dailyPage), ...symbols.map(hourlyPage)], writer * 3 + round);
        written.push(await write(batchOf(runId, pages.slice(0, 8 + 8 * round))));
      }
      return written;
    });
    const records = (await Promise.all(writers)).flat();

    const bars = 2 * symbols.length * sessions.length;
    const stored = await opened().pool.query(
      'SELECT (SELECT count(*) FROM bars_daily)::integer + (SELECT count(*) FROM bars_hourly)::integer AS bars',
    );
    expect(stored.rows).toEqual([{ bars }]);
    expect(total(records, 'new')).toBe(bars);
    expect(total(records, 'changed')).toBe(0);
    expect(total(records, 'unchanged')).toBe(8 * (8 + 16 + 24) * sessions.length - bars);
    const run = await opened().pool.query(
      'SELECT records_new::integer AS new, records_unchanged::integer AS unchanged FROM processing_runs',
    );
    expect(run.rows).toEqual([{ new: bars, unchanged: total(records, 'unchanged') }]);
  });

  it('that end symbols of one run whose bars another batch brings do not deadlock', async () => {
    const runId = await recordedRun(opened(), symbols);
    await Promise.all(
      Array.from({ length: 8 }, async (_, writer) => {
        for (const round of [0, 1, 2, 3, 4]) {
          const mine = rotated(symbols, (writer + round) % symbols.length);
          const pages = mine.slice(0, 6).map(writer % 2 === 0 ? dailyPage : hourlyPage);
          await write(batchOf(runId, pages, mine.slice(6).map(succeeded)));
        }
      }),
    );
    const progress = await opened().pool.query(
      'SELECT completed_items, failed_items, percent_complete FROM processing_progress',
    );
    expect(progress.rows).toEqual([{ completed_items: 12, failed_items: 0, percent_complete: 100 }]);
  });

  it("of a symbol's very first bars wait for each other, and the second finds them unchanged", async () => {
    const runId = await recordedRun(opened(), ['AAPL']);
    let proceed = (): void => {};
    const held = new Promise<void>((resolve) => (proceed = resolve));
    let wrote = (): void => {};
    const firstWrote = new Promise<void>((resolve) => (wrote = resolve));
    const one = opened().transaction('store a batch of bars', async (client) => {
      const { records } = await writeBatch(client, batchOf(runId, [dailyPage('AAPL')]), { useCopy: true });
      wrote();
      await held;
      return records;
    });
    await firstWrote;
    const two = write(batchOf(runId, [dailyPage('AAPL')]));
    await expect.poll(lockWaiters).toBe(1);
    proceed();
    expect(await one).toMatchObject({ new: sessions.length, unchanged: 0 });
    expect(await two).toMatchObject({ new: 0, changed: 0, unchanged: sessions.length });
  });

  it('lets a writer store the first bars of a symbol whose other writer gave up', async () => {
    const runId = await recordedRun(opened(), ['AAPL']);
    let giveUp = (): void => {};
    const held = new Promise<void>((_, reject) => (giveUp = () => reject(new Error('gave up'))));
    let wrote = (): void => {};
    const firstWrote = new Promise<void>((resolve) => (wrote = resolve));
    const one = opened()
      .transaction('store a batch of bars', async (client) => {
        await writeBatch(client, batchOf(runId, [dailyPage('AAPL')]), { useCopy: true });
        wrote();
        await held;
      })
      .catch((error: unknown) => error);
    await firstWrote;
    const two = write(batchOf(runId, [dailyPage('AAPL')]));
    await expect.poll(lockWaiters).toBe(1);
    giveUp();
    expect(await one).toMatchObject({ code: 'STORAGE_FAILED' });
    expect(await two).toMatchObject({ new: sessions.length, unchanged: 0 });
  });

  /** Does one thing and, once another waits for it, the next, in one transaction; fails when the two wait for each other. */
  async function overlap(
    [before, after]: readonly [Step, Step],
    other: () => Promise<unknown>,
  ): Promise<void> {
    let second: Promise<unknown> | undefined;
    await opened().transaction('store a batch of bars', async (client) => {
      await before(client);
      second = other();
      await expect.poll(lockWaiters).toBe(1);
      await after(client);
    });
    await second;
  }
  type Step = (client: pg.ClientBase) => Promise<unknown>;

  it('do not deadlock when one makes final what is provisional of some of their symbols', async () => {
    const runId = await recordedRun(opened(), ['AAA', 'BBB']);
    const provisional = { finalThrough: sessions.at(-2)! };
    await write(batchOf(runId, [dailyPage('AAA'), { ...dailyPage('BBB'), ...provisional }]));
    const pages = [dailyPage('AAA'), dailyPage('BBB')];
    await overlap([(client) => writeCoverage(client, pages), (client) => writeCoverage(client, pages)], () =>
      write(
        batchOf(
          runId,
          pages.map((page) => ({ ...page, ...provisional })),
        ),
      ),
    );
    const { rows } = await opened().pool.query('SELECT provisional::text FROM coverage');
    expect(rows).toEqual([{ provisional: '{}' }, { provisional: '{}' }]);
  });

  it('do not deadlock with the end of their run, which forgets what nobody can doubt any more', async () => {
    const runId = await recordedRun(opened(), ['AAA']);
    const [absent = ''] = others;
    const page = { ...dailyPage('AAA'), absent: [absent] };
    await write(
      batchOf(runId, [{ ...page, bars: [...page.bars].filter(({ session }) => session !== absent) }]),
    );
    const { attempt, requests } = batchOf(runId, []);
    const counts = { raw: { new: 0, changed: 0, unchanged: 0, rejected: 0 }, imported: [], requests };
    await overlap(
      [(client) => writeCoverage(client, [page]), (client) => addToRun(client, runId, attempt, counts)],
      () =>
        opened().transaction('end the run', (client) =>
          finishRun(client, runId, attempt, { status: 'parked', at: new Date() }),
        ),
    );
    const { rows } = await opened().pool.query('SELECT status FROM processing_runs');
    expect(rows).toEqual([{ status: 'parked' }]);
  });

  it('do not wait for each other over different symbols', async () => {
    const [mine, theirs] = [await recordedRun(opened(), ['AAPL']), await recordedRun(opened(), ['MSFT'])];
    await opened().transaction('store a batch of bars', async (client) => {
      await writeBatch(client, batchOf(mine, [dailyPage('AAPL')]), { useCopy: true });
      expect(await write(batchOf(theirs, [dailyPage('MSFT')]))).toMatchObject({ new: sessions.length });
    });
  });
});
