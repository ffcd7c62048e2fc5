/** A calendar date as `YYYY-MM-DD`, in New York unless said otherwise. Sorts as text. */
export type IsoDate = string;

/** An inclusive range of dates. */
export interface DateRange {
  readonly from: IsoDate;
  readonly to: IsoDate;
}

/** The range from the earliest beginning to the latest end; there must be one. */
export const hull = (ranges: readonly DateRange[]): DateRange => ({
  from: ranges.map(({ from }) => from).reduce((a, b) => (a < b ? a : b)),
  to: ranges.map(({ to }) => to).reduce((a, b) => (a > b ? a : b)),
});

const DAY_MS = 86_400_000;

/** Days since 1970-01-01 of a date; pure calendar arithmetic, no zone. Asked once a bar, so it makes no strings. */
export function toDayNumber(date: IsoDate): number {
  const year = digits(date, 0, 4);
  const month = digits(date, 5, 7);
  const day = digits(date, 8, 10);
  // Years that begin in March have their leap day at the end, so months before it never move.
  const shifted = month > 2 ? year : year - 1;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  return (
    365 * shifted +
    Math.floor(shifted / 4) -
    Math.floor(shifted / 100) +
    Math.floor(shifted / 400) +
    dayOfYear -
    DAYS_TO_EPOCH
  );
}

/** From 0000-03-01 to 1970-01-01. */
const DAYS_TO_EPOCH = 719_468;

function digits(text: string, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) value = value * 10 + text.charCodeAt(at) - 48;
  return value;
}

/** The date `day` days after 1970-01-01. */
export function fromDayNumber(day: number): IsoDate {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

export function addDays(date: IsoDate, days: number): IsoDate {
  return fromDayNumber(toDayNumber(date) + days);
}

/** 0 is Sunday, 6 is Saturday. */
export function dayOfWeek(date: IsoDate): number {
  return (((toDayNumber(date) + 4) % 7) + 7) % 7;
}

/** True for a `YYYY-MM-DD` that exists in the calendar. */
export function isIsoDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && fromDayNumber(toDayNumber(text)) === text;
}
