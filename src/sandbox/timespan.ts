import { type IsoDate, addDays } from '../market/date.ts';
import { newYorkDate, newYorkMidnight } from '../market/new-york.ts';
import { monthOf, weekOf } from '../market/timeframe.ts';
import type { BaseTimespan } from './market.ts';

export const timespans = ['minute', 'hour', 'day', 'week', 'month', 'quarter', 'year'] as const;
export type Timespan = (typeof timespans)[number];

export const isTimespan = (text: string): text is Timespan => (timespans as readonly string[]).includes(text);

/** What its bars are drawn as before weeks and longer are rolled up. */
export const baseOf = (timespan: Timespan): BaseTimespan =>
  timespan === 'minute' || timespan === 'hour' ? timespan : 'day';

const clockMs = { minute: 60_000, hour: 3_600_000 } as const;

/** The New York date on which the window of a date begins; a week begins on its Sunday. */
export function windowOf(timespan: Timespan, date: IsoDate): IsoDate {
  if (timespan === 'week') return weekOf(date);
  if (timespan === 'month') return monthOf(date);
  if (timespan === 'quarter') {
    const month = Math.floor((Number(date.slice(5, 7)) - 1) / 3) * 3 + 1;
    return `${date.slice(0, 5)}${String(month).padStart(2, '0')}-01`;
  }
  return timespan === 'year' ? `${date.slice(0, 4)}-01-01` : date;
}

/** The first date after the window that begins on `start`. */
function windowEnd(timespan: Timespan, start: IsoDate): IsoDate {
  const longest = { week: 7, month: 31, quarter: 92, year: 366 };
  if (timespan === 'week') return addDays(start, 7);
  if (timespan !== 'month' && timespan !== 'quarter' && timespan !== 'year') return addDays(start, 1);
  return windowOf(timespan, addDays(start, longest[timespan]));
}

/** The start of the window at or before an instant (ms since the epoch). */
export function snapDown(timespan: Timespan, instant: number): number {
  if (timespan === 'minute' || timespan === 'hour') return instant - (instant % clockMs[timespan]);
  return newYorkMidnight(windowOf(timespan, newYorkDate(instant)));
}

/** The end of the window that holds an instant, exclusive: where the next one begins. */
export function snapUp(timespan: Timespan, instant: number): number {
  if (timespan === 'minute' || timespan === 'hour') return snapDown(timespan, instant) + clockMs[timespan];
  return newYorkMidnight(windowEnd(timespan, windowOf(timespan, newYorkDate(instant))));
}
