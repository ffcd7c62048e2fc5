import type { BaseTimeframe } from './bar.ts';
import { type DateRange, type IsoDate, addDays, dayOfWeek } from './date.ts';

export const timeframes = ['hourly', 'daily', 'weekly', 'monthly'] as const;
export type Timeframe = (typeof timeframes)[number];

/** The timeframe whose bars are fetched to have this one. */
export const baseOf = (timeframe: Timeframe): BaseTimeframe => (timeframe === 'hourly' ? 'hourly' : 'daily');

/** The Sunday on or before a date: the stamp of its week. */
export const weekOf = (date: IsoDate): IsoDate => addDays(date, -dayOfWeek(date));

/** The 1st of a date's month: the stamp of its month. */
export const monthOf = (date: IsoDate): IsoDate => `${date.slice(0, 8)}01`;

/** A range widened at its start so that its first week or month is whole. */
export function snapToTimeframe(timeframe: Timeframe, range: DateRange): DateRange {
  if (timeframe === 'weekly') return { from: weekOf(range.from), to: range.to };
  if (timeframe === 'monthly') return { from: monthOf(range.from), to: range.to };
  return range;
}

/** The last `days` calendar days up to and including `lastSession`, snapped for weeks and months. */
export function lookbackWindow(timeframe: Timeframe, days: number, lastSession: IsoDate): DateRange {
  return snapToTimeframe(timeframe, { from: addDays(lastSession, 1 - days), to: lastSession });
}
