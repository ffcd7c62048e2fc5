/** A calendar date as `YYYY-MM-DD`, in New York unless said otherwise. Sorts as text. */
export type IsoDate = string;

/** An inclusive range of dates. */
export interface DateRange {
  readonly from: IsoDate;
  readonly to: IsoDate;
}

const DAY_MS = 86_400_000;

/** Days since 1970-01-01 of a date; pure calendar arithmetic, no zone. */
export function toDayNumber(date: IsoDate): number {
  return Date.UTC(+date.slice(0, 4), +date.slice(5, 7) - 1, +date.slice(8, 10)) / DAY_MS;
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
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && fromDayNumberSafe(text) === text;
}

function fromDayNumberSafe(text: string): string | null {
  const day = toDayNumber(text);
  return Number.isFinite(day) ? fromDayNumber(day) : null;
}
