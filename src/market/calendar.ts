import { usageError } from '../errors.ts';
import { type IsoDate, dayOfWeek, toDayNumber } from './date.ts';
import { closuresOf, earlyClosesOf } from './holidays.ts';
import { newYorkDate, newYorkInstant } from './new-york.ts';

/** The years the calendar knows, inclusive. Every function here throws CONFIG_INVALID for a date outside them. */
export const calendarYears = { from: 1990, to: 2030 } as const;

const firstDate = `${calendarYears.from}-01-01`;
const lastDate = `${calendarYears.to}-12-31`;
const firstDay = toDayNumber(firstDate);

interface Table {
  /** Every session, ascending. */
  readonly sessions: readonly IsoDate[];
  /** The same, to ask once a bar. */
  readonly isSession: ReadonlySet<IsoDate>;
  /** By days since `firstDate`: how many sessions lie before that day. One more than there are days. */
  readonly sessionsBefore: Uint16Array;
  readonly closures: ReadonlyMap<IsoDate, string>;
  /** New York hour of an early close. */
  readonly earlyCloses: ReadonlyMap<IsoDate, number>;
}

let table: Table | undefined;

function buildTable(): Table {
  const closures = new Map<IsoDate, string>();
  const earlyCloses = new Map<IsoDate, number>();
  for (let year: number = calendarYears.from; year <= calendarYears.to; year++) {
    for (const [date, reason] of closuresOf(year)) closures.set(date, reason);
    for (const [date, hour] of earlyClosesOf(year)) earlyCloses.set(date, hour);
  }
  const sessions: IsoDate[] = [];
  const sessionsBefore = new Uint16Array(toDayNumber(lastDate) - firstDay + 2);
  // Every program that asks waits for this, so only weekdays are spelled out, and none by way of Date.
  const firstWeekday = dayOfWeek(firstDate);
  let day = 0;
  for (let year: number = calendarYears.from; year <= calendarYears.to; year++) {
    for (let month = 1; month <= 12; month++) {
      const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
      for (let dayOfMonth = 1; dayOfMonth <= days; dayOfMonth++) {
        const isWeekday = ((firstWeekday + day) % 7) % 6 !== 0;
        const date = isWeekday ? `${year}-${twoDigits(month)}-${twoDigits(dayOfMonth)}` : '';
        if (isWeekday && !closures.has(date)) sessions.push(date);
        day++;
        sessionsBefore[day] = sessions.length;
      }
    }
  }
  return { sessions, isSession: new Set(sessions), sessionsBefore, closures, earlyCloses };
}

const twoDigits = (value: number): string => (value < 10 ? `0${value}` : `${value}`);

const calendar = (): Table => (table ??= buildTable());

const isWeekend = (date: IsoDate): boolean => dayOfWeek(date) % 6 === 0;

/** Days from `firstDate` to `date`. */
function dayIndex(date: IsoDate): number {
  requireKnown(date);
  return toDayNumber(date) - firstDay;
}

function requireKnown(date: IsoDate): void {
  if (!(date >= firstDate && date <= lastDate)) {
    throw usageError(
      `The trading calendar covers ${calendarYears.from} to ${calendarYears.to}; ${JSON.stringify(date)} lies outside it. Choose dates within those years.`,
    );
  }
}

/** How many sessions lie before a day. */
const countBefore = (day: number): number => calendar().sessionsBefore[day] ?? 0;

/** True when the NYSE trades on a date. */
export function isSession(date: IsoDate): boolean {
  if (calendar().isSession.has(date)) return true;
  requireKnown(date);
  return false;
}

/** The sessions from `from` to `to`, both inclusive, ascending; none when `to` is before `from`. */
export function sessionsBetween(from: IsoDate, to: IsoDate): IsoDate[] {
  return calendar().sessions.slice(countBefore(dayIndex(from)), countBefore(dayIndex(to) + 1));
}

/** The first session strictly after a date. */
export function nextSession(date: IsoDate): IsoDate {
  const session = calendar().sessions[countBefore(dayIndex(date) + 1)];
  if (session === undefined) throw usageError(`The trading calendar ends with ${calendarYears.to}.`);
  return session;
}

/** The last session strictly before a date. */
export function previousSession(date: IsoDate): IsoDate {
  const session = calendar().sessions[countBefore(dayIndex(date)) - 1];
  if (session === undefined) throw usageError(`The trading calendar begins with ${calendarYears.from}.`);
  return session;
}

/** The regular hours of a session, ms since the epoch: from 09:30 New York to 16:00, or the hour of its early close. */
export function sessionHours(date: IsoDate): { opensAt: number; closesAt: number; earlyClose: boolean } {
  const closed = closureReason(date);
  if (closed !== null) throw usageError(`${date} is not a trading session (${closed}).`);
  const earlyHour = calendar().earlyCloses.get(date);
  return {
    opensAt: newYorkInstant(date, 9, 30),
    closesAt: newYorkInstant(date, earlyHour ?? 16),
    earlyClose: earlyHour !== undefined,
  };
}

/** The newest session whose regular close has passed at `now` (ms since the epoch). */
export function latestClosedSession(now: number): IsoDate {
  const today = newYorkDate(now);
  return isSession(today) && sessionHours(today).closesAt <= now ? today : previousSession(today);
}

const AFTER_HOURS_MS = 4 * 3_600_000;

/** When trading after a session's close ends, ms since the epoch: 20:00 New York, 17:00 after an early close. */
export const afterHoursEndAt = (session: IsoDate): number => sessionHours(session).closesAt + AFTER_HOURS_MS;

/** When a session's extended hours have ended: 20:00 New York of that day, ms since the epoch. */
export const settlesAt = (session: IsoDate): number => newYorkInstant(session, 20);

/** Why the NYSE is closed on a date, `weekend` or the holiday's name; null for a session. */
export function closureReason(date: IsoDate): string | null {
  if (isSession(date)) return null;
  return isWeekend(date) ? 'weekend' : (calendar().closures.get(date) ?? null);
}
