import { type IsoDate, fromDayNumber, toDayNumber } from './date.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** A Date's, in ms. */
const LAST_INSTANT = 8.64e15;
/** Prints offsets such as `GMT-05:00`. */
const zone = new Intl.DateTimeFormat('en-US', { timeZone: 'America/New_York', timeZoneName: 'longOffset' });

// New York changes its offset on the hour in UTC, so one answer serves the whole hour.
const offsetByHour = new Map<number, number>();
// Asked once a bar; a history has few days.
const dateByDay = new Map<number, IsoDate>();

/** New York's offset from UTC at an instant, in ms (negative: west). */
export function newYorkOffset(instant: number): number {
  const hour = Math.floor(instant / HOUR_MS);
  let offset = offsetByHour.get(hour);
  if (offset === undefined) {
    offset = readOffset(hour * HOUR_MS);
    offsetByHour.set(hour, offset);
  }
  return offset;
}

/** NaN for what is no instant. Before 1883 there are seconds too. */
function readOffset(instant: number): number {
  const printed = Math.abs(instant) <= LAST_INSTANT ? zone.format(instant) : '';
  const [, sign, hours, minutes, seconds = 0] = /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?/.exec(printed) ?? [];
  const size = Number(hours) * HOUR_MS + Number(minutes) * MINUTE_MS + Number(seconds) * 1000;
  return sign === '-' ? -size : size;
}

/** The New York date of an instant (ms since the epoch). */
export function newYorkDate(instant: number): IsoDate {
  const day = newYorkDay(instant);
  let date = dateByDay.get(day);
  if (date === undefined) {
    date = fromDayNumber(day);
    dateByDay.set(day, date);
  }
  return date;
}

/** What New York's clocks show at an instant, in ms since 00:00. */
export function newYorkTimeOfDay(instant: number): number {
  const wall = instant + newYorkOffset(instant);
  return wall - Math.floor(wall / (24 * HOUR_MS)) * 24 * HOUR_MS;
}

/** The New York date of an instant, as days since 1970-01-01. */
export function newYorkDay(instant: number): number {
  return Math.floor((instant + newYorkOffset(instant)) / (24 * HOUR_MS));
}

/**
 * The instant (ms since the epoch) of a New York wall-clock time. A time that DST skips is
 * moved on by the hour skipped; of a time that comes twice, the first is meant.
 */
export function newYorkInstant(date: IsoDate, hours: number, minutes = 0): number {
  const wall = toDayNumber(date) * 24 * HOUR_MS + hours * HOUR_MS + minutes * MINUTE_MS;
  const inDaylightTime = wall + 4 * HOUR_MS;
  return newYorkOffset(inDaylightTime) === -4 * HOUR_MS ? inDaylightTime : wall + 5 * HOUR_MS;
}

/** The instant a New York day begins, in ms since the epoch. */
export const newYorkMidnight = (date: IsoDate): number => newYorkInstant(date, 0);
