/** Bars by column, oldest first, so that a page of thousands costs no object each. */
export interface BarColumns {
  length: number;
  /** Start of the window, ms since the epoch. */
  startsAt: Float64Array;
  open: Float64Array;
  high: Float64Array;
  low: Float64Array;
  close: Float64Array;
  volume: Float64Array;
  /** NaN where the vendor sends none. */
  vwap: Float64Array;
  /** NaN where the vendor sends none. */
  trades: Float64Array;
  /** How many base bars (minutes or days) each was made of: what `limit` counts. */
  baseBars: Float64Array;
}

const columnNames = [
  'startsAt',
  'open',
  'high',
  'low',
  'close',
  'volume',
  'vwap',
  'trades',
  'baseBars',
] as const;

export function createBars(room = 512): BarColumns {
  const column = (): Float64Array => new Float64Array(room);
  return {
    length: 0,
    startsAt: column(),
    open: column(),
    high: column(),
    low: column(),
    close: column(),
    volume: column(),
    vwap: column(),
    trades: column(),
    baseBars: column(),
  };
}

/** Adds a bar and returns its place; vwap and trades are absent until set. */
export function appendBar(
  bars: BarColumns,
  startsAt: number,
  open: number,
  high: number,
  low: number,
  close: number,
  volume: number,
  baseBars: number,
): number {
  const at = bars.length;
  if (at === bars.startsAt.length) grow(bars);
  bars.length = at + 1;
  bars.startsAt[at] = startsAt;
  bars.open[at] = open;
  bars.high[at] = high;
  bars.low[at] = low;
  bars.close[at] = close;
  bars.volume[at] = volume;
  bars.vwap[at] = Number.NaN;
  bars.trades[at] = Number.NaN;
  bars.baseBars[at] = baseBars;
  return at;
}

function grow(bars: BarColumns): void {
  for (const name of columnNames) {
    const wider = new Float64Array(bars[name].length * 2);
    wider.set(bars[name]);
    bars[name] = wider;
  }
}

/** Merges the last bar into the one before it, as the vendor rolls days up. */
export function mergeLast(bars: BarColumns): void {
  const last = bars.length - 1;
  const into = last - 1;
  const { high, low, close, volume, vwap, trades, baseBars } = bars;
  vwap[into] = mergedVwap(vwap[into]!, volume[into]!, vwap[last]!, volume[last]!);
  high[into] = Math.max(high[into]!, high[last]!);
  low[into] = Math.min(low[into]!, low[last]!);
  close[into] = close[last]!;
  volume[into]! += volume[last]!;
  if (Number.isNaN(trades[into]!)) trades[into] = trades[last]!;
  else if (!Number.isNaN(trades[last]!)) trades[into]! += trades[last]!;
  baseBars[into]! += baseBars[last]!;
  bars.length = last;
}

function mergedVwap(first: number, firstVolume: number, second: number, secondVolume: number): number {
  if (Number.isNaN(first)) return second;
  if (Number.isNaN(second)) return first;
  return (first * firstVolume + second * secondVolume) / (firstVolume + secondVolume);
}

/** Takes away `count` bars, the first ones or those from `at`. */
export function dropFirst(bars: BarColumns, count: number, at = 0): void {
  for (const name of columnNames) bars[name].copyWithin(at, at + count, bars.length);
  bars.length -= count;
}

/** Turns the order round. */
export function reverse(bars: BarColumns): void {
  for (const name of columnNames) bars[name].subarray(0, bars.length).reverse();
}
