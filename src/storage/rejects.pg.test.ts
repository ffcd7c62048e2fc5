import { beforeEach, describe, expect, it } from 'vitest';
import { dayBar, hourBar } from '../../test/support/made-bars.ts';
import { openedDatabase } from '../../test/support/opened-database.ts';
import type { BaseTimeframe, RejectedBar } from '../market/bar.ts';
import { writeRejects } from './rejects.ts';

const opened = openedDatabase();
beforeEach(() => opened().pool.query('TRUNCATE rejected_bars'));

const quarantine = (
  runId: string,
  rejects: RejectedBar[],
  timeframe: BaseTimeframe = 'daily',
): Promise<void> =>
  opened().transaction('quarantine', (client) => writeRejects(client, runId, [{ timeframe, rejects }]));

async function rows(columns: string): Promise<unknown[]> {
  return (
    await opened().pool.query<object>(`SELECT ${columns} FROM rejected_bars ORDER BY symbol, starts_at`)
  ).rows;
}

const low = { bar: dayBar('AAPL', '2024-03-07', { low: -1 }), reason: 'low is not above 0' };

describe('the quarantine', () => {
  it('keeps a bar as it came, with the reason and the run', async () => {
    const bar = hourBar('BCpC', '2024-03-08', 19, { high: 9e11, volume: 0.25, vwap: null, trades: 1.5 });
    await quarantine('run 1', [{ bar, reason: 'trades is not a whole number' }], 'hourly');
    expect(
      await rows(
        'symbol, timeframe, starts_at, session::text, open, high, low, close, volume, vwap, trades, reason, run_id',
      ),
    ).toEqual([
      {
        symbol: 'BCpC',
        timeframe: 'hourly',
        starts_at: new Date(bar.startsAt),
        session: '2024-03-08',
        open: 10.25,
        high: 9e11,
        low: 9.75,
        close: 10.5,
        volume: 0.25,
        vwap: null,
        trades: 1.5,
        reason: 'trades is not a whole number',
        run_id: 'run 1',
      },
    ]);
  });

  it('takes numbers that are none', async () => {
    const bar = dayBar('AAPL', '2024-03-07', { open: Number.NaN, high: Number.POSITIVE_INFINITY });
    await quarantine('run 1', [{ bar, reason: 'open is not a finite number' }]);
    expect(await rows('open, high')).toEqual([{ open: Number.NaN, high: Number.POSITIVE_INFINITY }]);
    const before = await rows('ctid');
    await quarantine('run 2', [{ bar, reason: 'open is not a finite number' }]);
    expect(await rows('ctid')).toEqual(before);
  });

  it('keeps a reject that comes again as it first came, and writes one that differs', async () => {
    await quarantine('run 1', [low]);
    await quarantine('run 2', [low]);
    expect(await rows('low, run_id')).toEqual([{ low: -1, run_id: 'run 1' }]);
    await quarantine('run 3', [{ ...low, bar: { ...low.bar, low: -2 } }]);
    expect(await rows('low, run_id')).toEqual([{ low: -2, run_id: 'run 3' }]);
  });

  it('lets the last of a bar rejected twice in one go stand', async () => {
    await quarantine('run 1', [low, { ...low, bar: { ...low.bar, low: -3 } }]);
    expect(await rows('low')).toEqual([{ low: -3 }]);
  });
});
