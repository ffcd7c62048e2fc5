import { calendarYears, sessionHours, sessionsBetween } from '../market/calendar.ts';
import { type IsoDate, toDayNumber } from '../market/date.ts';
import { newYorkMidnight } from '../market/new-york.ts';

/** Every session the calendar knows, ascending; inside the sandbox a session is its place in this list. */
export const sessionDates: readonly IsoDate[] = sessionsBetween(
  `${calendarYears.from}-01-01`,
  `${calendarYears.to}-12-31`,
);

/** Days since 1970-01-01 of each session. */
export const sessionDays = Int32Array.from(sessionDates, toDayNumber);

// Asking the time zone for all of them would take longer than most sandboxes live.
const midnights = new Float64Array(sessionDates.length).fill(Number.NaN);
const closeMinutes = new Int16Array(sessionDates.length);

/** The instant a session's New York day begins, ms since the epoch. */
export function midnightOf(session: number): number {
  const known = midnights[session]!;
  return Number.isNaN(known) ? (midnights[session] = newYorkMidnight(sessionDates[session]!)) : known;
}

/** New York minute of the day at which regular trading ends: 960, less on early closes. */
export function closeMinuteOf(session: number): number {
  const known = closeMinutes[session]!;
  if (known !== 0) return known;
  const { closesAt } = sessionHours(sessionDates[session]!);
  return (closeMinutes[session] = (closesAt - midnightOf(session)) / 60_000);
}

/** The first session on or after a date; the number of sessions when there is none. */
export function sessionFrom(date: IsoDate): number {
  let low = 0;
  let high = sessionDates.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sessionDates[middle]! < date) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The last session on or before a date; -1 when there is none. */
export const sessionUpTo = (date: IsoDate): number => {
  const next = sessionFrom(date);
  return sessionDates[next] === date ? next : next - 1;
};
