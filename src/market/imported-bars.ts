import { type DateRange, type IsoDate, toDayNumber } from './date.ts';
import type { BaseTimeframe } from './bar.ts';
import { type Timeframe, baseOf } from './timeframe.ts';

/** The window of each timeframe a run asked for. */
export type Windows = Partial<Readonly<Record<Timeframe, DateRange>>>;

/**
 * How many bars a run may call imported for one symbol: the stored ones inside each asked timeframe's own
 * window, where a week or month with any of them is one. `sessions` has one entry a stored bar.
 */
export function countImported(
  timeframe: BaseTimeframe,
  sessions: readonly IsoDate[],
  windows: Windows,
): number {
  let imported = 0;
  for (const [asked, window] of Object.entries(windows) as [Timeframe, DateRange][]) {
    if (baseOf(asked) !== timeframe) continue;
    const inside = sessions.filter((session) => session >= window.from && session <= window.to);
    if (asked === 'weekly') imported += new Set(inside.map(weekNumber)).size;
    else if (asked === 'monthly') imported += new Set(inside.map((session) => session.slice(0, 7))).size;
    else imported += inside.length;
  }
  return imported;
}

/** Weeks since the one of 1970-01-01, a Thursday; they begin on Sunday. */
const weekNumber = (session: IsoDate): number => Math.floor((toDayNumber(session) + 4) / 7);
