import { closeMinuteOf } from '../sessions.ts';
import type { Company } from './company.ts';
import { type DayFrame, isFractional } from './day.ts';
import { mix, toFraction } from '../hash.ts';

/** The minutes of one session that traded, prices in ten-thousandths of a dollar. Filled anew for each. */
export interface Minutes {
  count: number;
  /** Minute of the New York day. */
  readonly at: Int32Array;
  readonly open: Int32Array;
  readonly high: Int32Array;
  readonly low: Int32Array;
  readonly close: Int32Array;
  readonly volume: Float64Array;
}

const firstMinute = 4 * 60;
/** Regular trading begins: minute of the New York day. */
export const openMinute = 9 * 60 + 30;
const afterHours = 4 * 60;
/** 04:00 to 19:59 New York. */
const most = 960;

export function createMinutes(): Minutes {
  const prices = (): Int32Array => new Int32Array(most);
  return {
    count: 0,
    at: prices(),
    open: prices(),
    high: prices(),
    low: prices(),
    close: prices(),
    volume: new Float64Array(most),
  };
}

const fewest = 200;
const mostTraded = 700;

/**
 * Draws the minutes of a session: 200 to 700 of them, whose regular part opens, peaks, bottoms and
 * closes exactly as `day` says, and whose volume stays below the day's.
 */
export function drawMinutes(company: Company, session: number, day: DayFrame, into: Minutes): void {
  const { hash } = day;
  const closeMinute = closeMinuteOf(session);
  const regular = closeMinute - openMinute;
  const usual = (company.minutes + ((hash >>> 9) % 41) - 20) * (regular < 390 ? 0.7 : 1);
  const traded = Math.min(mostTraded, Math.max(fewest, Math.round(usual)));
  const regularTraded = Math.min(regular, Math.round(traded * 0.78));
  const early = Math.floor((traded - regularTraded) * 0.45);
  const late = traded - regularTraded - early;

  const high = Math.ceil(day.high * 1.015);
  const low = Math.max(1, Math.floor(day.low * 0.985));
  const before = Math.round(day.open * (0.997 + 0.006 * toFraction(mix(hash, 42))));
  const after = Math.round(day.close * (0.997 + 0.006 * toFraction(mix(hash, 43))));
  // Trades of a regular minute weigh sixteen times those of an early or late one.
  const share = (day.volume * 0.94) / ((regularTraded + 12) * 16 + early + late + 12);

  into.count = 0;
  const opening = { from: firstMinute, to: openMinute, count: early, low, high, share };
  let random = walk(into, day, mix(hash, 41) | 1, opening, 0, early, before, day.open);
  random = walkRegular(into, day, random, {
    from: openMinute,
    to: closeMinute,
    count: regularTraded,
    low: day.low,
    high: day.high,
    share: share * 16,
  });
  const closing = { from: closeMinute, to: closeMinute + afterHours, count: late, low, high, share };
  walk(into, day, random, closing, 0, late, day.close, after);
}

/** From the open to the peak and the trough, in either order, to the close. */
function walkRegular(into: Minutes, day: DayFrame, stream: number, regular: Stretch): number {
  const { count } = regular;
  const peak = (mix(day.hash, 44) >>> 0) % (count - 1);
  const trough = (peak + 1 + ((mix(day.hash, 45) >>> 0) % (count - 2))) % (count - 1);
  const peakFirst = peak < trough;
  const first = (peakFirst ? peak : trough) + 1;
  const second = (peakFirst ? trough : peak) + 1;
  const firstTurn = peakFirst ? day.high : day.low;
  const secondTurn = peakFirst ? day.low : day.high;
  let random = walk(into, day, stream, regular, 0, first, day.open, firstTurn);
  random = walk(into, day, random, regular, first, second, firstTurn, secondTurn);
  return walk(into, day, random, regular, second, count, secondTurn, day.close);
}

/** A part of the day whose trades are spread evenly over it. */
interface Stretch {
  /** Minutes of the New York day, `to` exclusive. */
  readonly from: number;
  readonly to: number;
  /** How many of them trade. */
  readonly count: number;
  /** No price lies outside these. */
  readonly low: number;
  readonly high: number;
  /** Shares of an average minute. */
  readonly share: number;
}

/**
 * Appends the trades `first` to before `last` of a stretch, along a straight line from `start` with a
 * wiggle, the last close exactly at `end`; returns the state of the random stream.
 * Runs for every minute of a market: no calls, no objects.
 */
function walk(
  into: Minutes,
  day: DayFrame,
  stream: number,
  stretch: Stretch,
  first: number,
  last: number,
  start: number,
  end: number,
): number {
  const { from, to, count, low: floor, high: ceiling } = stretch;
  const { at, open, high, low, close, volume } = into;
  const step = (end - start) / (last - first);
  const slots = (to - from) / count;
  const wiggle = (day.open * 0.0012) / 1024;
  const share = stretch.share / 512;
  const fractional = isFractional(day.hash);
  let random = stream;
  let place = into.count;
  let price = start;
  let previous = start | 0;
  let slot = from + ((first * slots) | 0);
  let weight = 0;
  for (let trade = first; trade < last; trade++) {
    random ^= random << 13;
    random ^= random >>> 17;
    random ^= random << 5;
    const next = from + (((trade + 1) * slots) | 0);
    const minute = slot + (((random >>> 24) * (next - slot)) >> 8);
    slot = next;
    price += step;
    let here = (((price + ((random & 1023) - 511) * wiggle) * 0.01) | 0) * 100;
    if (here > ceiling) here = ceiling;
    else if (here < floor) here = floor;
    const top = (here > previous ? here : previous) + ((random >>> 10) & 3) * 100;
    const bottom = (here < previous ? here : previous) - ((random >>> 12) & 3) * 100;
    // Two minutes together always weigh the same, so that the sum is known before it is drawn.
    weight = (trade & 1) === 0 ? (random >>> 14) & 1023 : 1023 - weight;
    const shares = 1 + ((weight * share) | 0);
    at[place] = minute;
    open[place] = previous;
    close[place] = here;
    high[place] = top > ceiling ? ceiling : top;
    low[place] = bottom < floor ? floor : bottom;
    volume[place] = fractional && (place & 3) === 0 ? shares + ((place * 7919) % 1000) / 1000 : shares;
    place++;
    previous = here;
  }
  close[place - 1] = end;
  if (high[place - 1]! < end) high[place - 1] = end;
  if (low[place - 1]! > end) low[place - 1] = end;
  into.count = place;
  return random;
}
