import type { Bar } from './bar.ts';

/** Bars to go through once; an array of them is one. */
export interface BarList extends Iterable<Bar> {
  readonly length: number;
}

const FIELDS = 8;

/**
 * The same bars in a third of the memory and out of the garbage collector's way, for those that
 * wait. Prices and volume may be anything; a vwap or number of trades must be finite or null.
 */
export function packBars(bars: readonly Bar[]): BarList {
  const symbols = bars.map((bar) => bar.symbol);
  const sessions = bars.map((bar) => bar.session);
  const numbers = new Float64Array(bars.length * FIELDS);
  let at = 0;
  for (const bar of bars) {
    numbers[at] = bar.startsAt;
    numbers[at + 1] = bar.open;
    numbers[at + 2] = bar.high;
    numbers[at + 3] = bar.low;
    numbers[at + 4] = bar.close;
    numbers[at + 5] = bar.volume;
    numbers[at + 6] = bar.vwap ?? Number.NaN;
    numbers[at + 7] = bar.trades ?? Number.NaN;
    at += FIELDS;
  }
  return {
    length: bars.length,
    *[Symbol.iterator]() {
      for (let index = 0; index < sessions.length; index++)
        yield unpack(symbols[index]!, sessions[index]!, numbers, index * FIELDS);
    },
  };
}

function unpack(symbol: string, session: string, numbers: Float64Array, at: number): Bar {
  const [vwap, trades] = [numbers[at + 6]!, numbers[at + 7]!];
  return {
    symbol,
    session,
    startsAt: numbers[at]!,
    open: numbers[at + 1]!,
    high: numbers[at + 2]!,
    low: numbers[at + 3]!,
    close: numbers[at + 4]!,
    volume: numbers[at + 5]!,
    vwap: Number.isNaN(vwap) ? null : vwap,
    trades: Number.isNaN(trades) ? null : trades,
  };
}
