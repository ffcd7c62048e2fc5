import type { BaseTimeframe } from '../market/bar.ts';
import { nextSession } from '../market/calendar.ts';
import type { IsoDate } from '../market/date.ts';
import type { PageToStore } from '../storage/batch.ts';

/** Sessions without a bar that no answer of their own told of; `sessions` follow each other. */
export const absentPage = (
  absence: {
    readonly symbol: string;
    readonly timeframe: BaseTimeframe;
    readonly sessions: readonly IsoDate[];
    /** As in `Answered`. */
    readonly groupedRows: number | null;
  },
  final: IsoDate,
): PageToStore => ({
  symbol: absence.symbol,
  timeframe: absence.timeframe,
  from: absence.sessions[0]!,
  before: nextSession(absence.sessions.at(-1)!),
  bars: [],
  rejects: [],
  absent: absence.sessions,
  rejected: [],
  groupedRows: absence.groupedRows,
  finalThrough: final,
  request: null,
});
