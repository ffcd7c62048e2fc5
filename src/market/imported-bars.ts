import { type DateRange, type IsoDate, toDayNumber } from './date.ts';
import type { BaseTimeframe } from './bar.ts';
import { type Timeframe, baseOf } from './timeframe.ts';

/** The window of each timeframe a run asked for. */
export type Windows = Partial<Readonly<Record<Timeframe, DateRange>>>;

/** What a run may call imported of one symbol. */
export interface ImportedBars {
  /** Hours or days inside their windows, as often as those were asked for. */
  readonly bars: number;
  /** The weeks and months touched inside their windows, each of which is one bar: weeks since 1970, months since year 0. */
  readonly weeks: readonly number[];
  readonly months: readonly number[];
}

/** The stored bars inside each asked timeframe's own window. `sessions` has one entry a stored bar, in order. */
export function importedBars(
  timeframe: BaseTimeframe,
  sessions: readonly IsoDate[],
  windows: Windows,
): ImportedBars {
  const inside = (asked: Timeframe): IsoDate[] => {
    const window = windows[asked];
    if (window === undefined || baseOf(asked) !== timeframe) return [];
    return sessions.filter((session) => session >= window.from && session <= window.to);
  };
  return {
    bars: inside(timeframe).length,
    weeks: [...new Set(inside('weekly').map(weekNumber))],
    months: [...new Set(inside('monthly').map(monthNumber))],
  };
}

/** Weeks since the one of 1970-01-01, a Thursday; they begin on Sunday. */
const weekNumber = (session: IsoDate): number => Math.floor((toDayNumber(session) + 4) / 7);

const monthNumber = (session: IsoDate): number =>
  Number(session.slice(0, 4)) * 12 + Number(session.slice(5, 7));
