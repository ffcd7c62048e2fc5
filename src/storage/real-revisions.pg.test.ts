import { join } from 'node:path';
import { expect, it } from 'vitest';
import { plainly } from '../../test/support/write-plainly.ts';
import { dataRows } from '../../test/support/data-rows.ts';
import { dayBar } from '../../test/support/made-bars.ts';
import { onDay } from '../../test/support/on-day.ts';
import { openedDatabase } from '../../test/support/opened-database.ts';
import { describeWithSharedData } from '../../test/support/shared-data.ts';
import type { Bar } from '../market/bar.ts';
import { type IsoDate, addDays } from '../market/date.ts';
import { writeBars } from './write-bars.ts';

const opened = openedDatabase('2017-04-05');

describeWithSharedData('real revisions, replayed', (folder) => {
  const toBar = (symbol: string, session: string, values: readonly string[]): Bar => {
    const [open = 0, high = 0, low = 0, close = 0, volume = 0] = values.map(Number);
    return dayBar(symbol, session, { open, high, low, close, volume });
  };
  const all = dataRows(join(folder, 'bars', 'revisions.csv.gz')).map((row) => {
    const [symbol = '', session = '', firstOn = '', ...rest] = row.split(',');
    return {
      symbol,
      session,
      firstOn,
      first: toBar(symbol, session, rest.slice(0, 5)),
      lastOn: rest[5] ?? '',
      last: toBar(symbol, session, rest.slice(6, 11)),
    };
  });
  // Two symbols whole, and every fiftieth of the others.
  const revisions = all.filter(
    ({ symbol }, index) => symbol === 'AAPL' || symbol === all[0]?.symbol || index % 50 === 0,
  );

  const publish = async (day: IsoDate, bars: readonly Bar[]): Promise<void> => {
    const groups = [...new Set(bars.map(({ symbol }) => symbol))].map((symbol) => ({
      symbol,
      bars: bars.filter((bar) => bar.symbol === symbol),
      finalThrough: addDays(day, -1),
    }));
    await onDay(opened(), day, (client) => writeBars(client, 'daily', groups, plainly));
  };
  const shown = (day: IsoDate, symbol: string, session: string): Promise<object | undefined> =>
    onDay(opened(), day, async (client) => {
      const { rows } = await client.query<object>(
        'SELECT open, high, low, close, volume FROM ohlcv_daily WHERE symbol = $1 AND date = $2',
        [symbol, session],
      );
      return rows[0];
    });
  const values = ({ open, high, low, close, volume }: Bar): object => ({ open, high, low, close, volume });

  it('keep the old values, show the corrected ones, and the old ones as of the days before', async () => {
    expect(revisions.length).toBeGreaterThan(400);
    const days = [...new Set(revisions.flatMap(({ firstOn, lastOn }) => [firstOn, lastOn]))].toSorted();
    for (const day of days) {
      await publish(day, [
        ...revisions.filter(({ firstOn }) => firstOn === day).map(({ first }) => first),
        ...revisions.filter(({ lastOn }) => lastOn === day).map(({ last }) => last),
      ]);
    }
    const { rows } = await opened().pool.query<{ symbol: string; session: string }>(
      `SELECT symbol, (starts_at AT TIME ZONE 'America/New_York')::date::text AS session, replaced_on::text AS "lastOn",
              open, high, low, close, volume FROM bar_revisions WHERE timeframe = 'daily'`,
    );
    const kept = new Map(rows.map(({ symbol, session, ...row }) => [`${symbol} ${session}`, row]));
    expect(kept.size).toBe(revisions.length);
    for (const { symbol, session, first, lastOn, last } of revisions) {
      expect(kept.get(`${symbol} ${session}`)).toEqual({ lastOn, ...values(first) });
      expect(await shown('2017-04-05', symbol, session)).toEqual(values(last));
      expect(await shown(lastOn, symbol, session)).toEqual(values(last));
      expect(await shown(addDays(lastOn, -1), symbol, session)).toEqual(values(first));
    }
  });
});
