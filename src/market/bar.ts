import type { IsoDate } from './date.ts';
import { newYorkTimeOfDay } from './new-york.ts';

/** Timeframes that are fetched; weeks and months are rolled up from days. */
export type BaseTimeframe = 'hourly' | 'daily';

/** Prices in US dollars, volume in shares (may be fractional). */
export interface BarValues {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  /** Volume-weighted average price; null when the vendor sent none. */
  readonly vwap: number | null;
  /** Number of trades; null when the vendor sent none. */
  readonly trades: number | null;
}

/** One raw bar, as traded: neither split nor dividend adjusted. */
export interface Bar extends BarValues {
  readonly symbol: string;
  /** The session it belongs to: its New York date. */
  readonly session: IsoDate;
  /** Start of its window, ms since the epoch, UTC. A day's is 00:00 New York. */
  readonly startsAt: number;
}

/** A bar that broke a row rule, and which. */
export interface RejectedBar {
  readonly bar: Bar;
  readonly reason: string;
}

/** A hundred times the dearest share there ever was (BRK.A); the vendor has sent 9e11. */
export const HIGHEST_PRICE = 100_000_000;
/** Ten thousand times the busiest day of any share. */
export const LARGEST_VOLUME = 1e15;
/** The New York hours whose bars there are, inclusive: extended trading is from 04:00 to 20:00. */
export const HOURS_OF_BARS = { first: 4, last: 19 } as const;

/**
 * Why a bar may not be stored, or null when it may. Only looks at the row itself, so that what is
 * stored never depends on the order of imports. `isSession` tells the trading days.
 */
export function rejectReason(
  bar: Bar,
  timeframe: BaseTimeframe,
  isSession: (date: IsoDate) => boolean,
): string | null {
  const { open, high, low, close, volume } = bar;
  const fault =
    priceFault('open', open) ??
    priceFault('high', high) ??
    priceFault('low', low) ??
    priceFault('close', close);
  if (fault !== null) return fault;
  if (!Number.isFinite(volume) || volume < 0) return 'volume is not a finite number of at least 0';
  if (volume > LARGEST_VOLUME) return 'volume is above 1e15';
  if (high < Math.max(open, close, low)) return 'high is below open, close or low';
  if (low > Math.min(open, close)) return 'low is above open or close';
  if (bar.trades !== null && !(Number.isInteger(bar.trades) && bar.trades >= 0 && bar.trades < 2 ** 31)) {
    return 'trades is not a whole number from 0 to 2147483647';
  }
  if (bar.vwap !== null && !(Math.abs(bar.vwap) <= HIGHEST_PRICE)) {
    return Number.isFinite(bar.vwap) ? 'vwap is beyond 100000000' : 'vwap is not a finite number';
  }
  if (!isSession(bar.session)) return 'not on a trading session';
  if (timeframe === 'hourly' && !isOnAnHour(bar.startsAt)) {
    return 'does not start on an hour from 04:00 to 19:00 New York';
  }
  return null;
}

const HOUR_MS = 3_600_000;

function isOnAnHour(startsAt: number): boolean {
  const hour = newYorkTimeOfDay(startsAt) / HOUR_MS;
  return Number.isInteger(hour) && hour >= HOURS_OF_BARS.first && hour <= HOURS_OF_BARS.last;
}

function priceFault(name: string, price: number): string | null {
  if (!Number.isFinite(price)) return `${name} is not a finite number`;
  if (price > HIGHEST_PRICE) return `${name} is above 100000000`;
  return price <= 0 ? `${name} is not above 0` : null;
}
