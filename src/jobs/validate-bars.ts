import { type Bar, type BaseTimeframe, type RejectedBar, rejectReason } from '../market/bar.ts';
import { calendarYears, isSession } from '../market/calendar.ts';
import type { IsoDate } from '../market/date.ts';

/** Pages of thousands of symbols wait at once. */
const NONE: readonly never[] = [];

/** Splits bars into those that may be stored and rejects with their reasons. */
export function validateBars(
  received: readonly Bar[],
  timeframe: BaseTimeframe,
): { readonly bars: Bar[]; readonly rejects: readonly RejectedBar[] } {
  const bars: Bar[] = [];
  const rejects: RejectedBar[] = [];
  for (const bar of received) {
    const reason = rejectReason(bar, timeframe, isKnownSession);
    if (reason === null) bars.push(bar);
    else rejects.push({ bar, reason });
  }
  return { bars, rejects: rejects.length === 0 ? NONE : rejects };
}

function isKnownSession(date: IsoDate): boolean {
  const year = Number(date.slice(0, 4));
  return year >= calendarYears.from && year <= calendarYears.to && isSession(date);
}
