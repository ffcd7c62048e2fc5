import { latestClosedSession, nextSession, previousSession, sessionHours, settlesAt } from './calendar.ts';
import type { IsoDate } from './date.ts';

/**
 * True when an answer received at `answeredAt` (ms since the epoch) is the last word on a session:
 * the vendor corrects about 3 % of daily bars on the day after they first appear.
 */
export function isFinal(session: IsoDate, answeredAt: number): boolean {
  // The next close is always later than the session's own 20:00 New York, which must have passed too.
  return answeredAt >= sessionHours(nextSession(session)).closesAt;
}

/** The newest session whose bars are final when answered at an instant (ms since the epoch). */
export const finalThrough = (answeredAt: number): IsoDate => previousSession(latestClosedSession(answeredAt));

/** The newest session whose extended hours have ended at an instant: the vendor owes its bars. */
export function latestSettledSession(now: number): IsoDate {
  const closed = latestClosedSession(now);
  return settlesAt(closed) <= now ? closed : previousSession(closed);
}
