import { type BarColumns, appendBar } from '../bar-columns.ts';
import type { Series } from '../market.ts';
import { closeMinuteOf, midnightOf } from '../sessions.ts';
import type { Company } from './company.ts';
import { createDayFrame, drawDay } from './day.ts';
import { mix } from '../hash.ts';
import { createMinutes, drawMinutes, openMinute } from './minutes.ts';

const minuteMs = 60_000;
/** From here on the day bar is complete: 20:00 New York. */
const settledMinute = 20 * 60;
const dayMinutes = 24 * 60;
const dollar = 10_000;

// Every bar is drawn into these and copied out at once; nothing else reads them.
const day = createDayFrame();
const minutes = createMinutes();

/** A company's raw bars, each a function of company and session alone. */
export function createSeries(company: Company): Series {
  return {
    splits: company.splits,
    firstSession: company.firstSession,
    lastSession: company.lastSession,
    append(timespan, session, now, bars) {
      if (session < company.firstSession || session > company.lastSession) return;
      const minute = Math.floor((now - midnightOf(session)) / minuteMs);
      if (minute < 0) return;
      drawDay(company, session, day);
      if (timespan === 'day' && minute >= settledMinute) return appendSettledDay(session, bars);
      drawMinutes(company, session, day, minutes);
      while (minutes.count > 0 && minutes.at[minutes.count - 1]! > minute) minutes.count--;
      if (timespan === 'day') appendRunningDay(session, bars);
      else if (timespan === 'hour') appendHours(session, bars);
      else appendMinutes(session, bars);
    },
  };
}

/** A 128th of the bars lacks its average price, another its number of trades. */
function setExtras(bars: BarColumns, at: number, vwap: number, trades: number, hash: number): void {
  if ((hash & 127) !== 0) bars.vwap[at] = vwap / dollar;
  if ((hash & 127) !== 1) bars.trades[at] = trades;
}

function appendSettledDay(session: number, bars: BarColumns): void {
  const { open, high, low, close, volume } = day;
  const startsAt = midnightOf(session);
  const at = appendBar(bars, startsAt, open / dollar, high / dollar, low / dollar, close / dollar, volume, 1);
  setExtras(bars, at, (open + high + low + close) / 4, Math.ceil(volume / 85), mix(day.hash, 51));
}

/** The day so far: prices of the regular session once it has opened, of the early hours before. */
function appendRunningDay(session: number, bars: BarColumns): void {
  const { count, at } = minutes;
  if (count === 0) return;
  const opened = at.subarray(0, count).findIndex((minute) => minute >= openMinute);
  // Prices of these minutes, volume of all.
  rollMinutes(Math.max(0, opened), closeMinuteOf(session), 0, bars);
  rollMinutes(0, dayMinutes, midnightOf(session), bars);
  const prices = bars.length - 2;
  const all = bars.length - 1;
  for (const column of ['startsAt', 'volume', 'vwap', 'trades'] as const) {
    bars[column][prices] = bars[column][all]!;
  }
  bars.baseBars[prices] = 1;
  bars.length--;
}

function appendHours(session: number, bars: BarColumns): void {
  const midnight = midnightOf(session);
  for (let place = 0; place < minutes.count;) {
    const start = Math.floor(minutes.at[place]! / 60) * 60;
    place = rollMinutes(place, start + 60, midnight + start * minuteMs, bars);
  }
}

function appendMinutes(session: number, bars: BarColumns): void {
  const midnight = midnightOf(session);
  for (let place = 0; place < minutes.count;) {
    const minute = minutes.at[place]!;
    place = rollMinutes(place, minute + 1, midnight + minute * minuteMs, bars);
  }
}

/** Appends the minutes from place `first` to before minute `end` of the day as one bar; returns the place after them. */
function rollMinutes(first: number, end: number, startsAt: number, bars: BarColumns): number {
  const { count, at, open, high, low, close, volume } = minutes;
  let top = 0;
  let bottom = 0x7fffffff;
  let shares = 0;
  let value = 0;
  let trades = 0;
  let place = first;
  for (; place < count && at[place]! < end; place++) {
    const highest = high[place]!;
    const lowest = low[place]!;
    if (highest > top) top = highest;
    if (lowest < bottom) bottom = lowest;
    const traded = volume[place]!;
    shares += traded;
    value += traded * (highest + lowest + close[place]!);
    // A trade for every ninety shares or so.
    trades += 1 + ((traded * 0.011) | 0);
  }
  const bar = appendBar(
    bars,
    startsAt,
    open[first]! / dollar,
    top / dollar,
    bottom / dollar,
    close[place - 1]! / dollar,
    shares,
    place - first,
  );
  setExtras(bars, bar, value / (3 * shares), trades, mix(day.hash, at[first]! + 64));
  return place;
}
