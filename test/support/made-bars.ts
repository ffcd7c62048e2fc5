import type { Bar } from '../../src/market/bar.ts';
import { type IsoDate, addDays } from '../../src/market/date.ts';
import { newYorkInstant, newYorkMidnight } from '../../src/market/new-york.ts';
import type { PageToStore } from '../../src/storage/batch.ts';

const PRICES = { open: 10.25, high: 11.5, low: 9.75, close: 10.5, volume: 1000.5, vwap: 10.4375, trades: 12 };

export const dayBar = (symbol: string, session: IsoDate, values: Partial<Bar> = {}): Bar => ({
  symbol,
  session,
  startsAt: newYorkMidnight(session),
  ...PRICES,
  ...values,
});

/** `hour` is New York's wall clock. */
export const hourBar = (symbol: string, session: IsoDate, hour: number, values: Partial<Bar> = {}): Bar => ({
  ...dayBar(symbol, session, values),
  startsAt: newYorkInstant(session, hour),
});

/** What came for one symbol of the sessions its bars are on, all final and none absent unless said otherwise. */
export function pageOf(bars: readonly [Bar, ...Bar[]], about: Partial<PageToStore> = {}): PageToStore {
  const sessions = bars.map((bar) => bar.session).toSorted();
  const last = sessions.at(-1) ?? bars[0].session;
  return {
    symbol: bars[0].symbol,
    timeframe: 'daily',
    from: sessions[0] ?? last,
    before: addDays(last, 1),
    absent: [],
    rejected: [],
    bars,
    rejects: [],
    finalThrough: last,
    request: null,
    ...about,
  };
}
