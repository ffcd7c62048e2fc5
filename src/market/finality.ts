import { latestClosedSession, previousSession, settlesAt } from './calendar.ts';
import type { IsoDate } from './date.ts';

/**
 * The newest session whose bars are final when answered at an instant (ms since the epoch): the one before the
 * last close, since the vendor corrects about 3 % of daily bars on the day after they first appear. Its own 20:00
 * New York has always passed by then.
 */
export const finalThrough = (answeredAt: number): IsoDate => previousSession(latestClosedSession(answeredAt));

/** The newest session whose extended hours have ended at an instant: the vendor owes its bars. */
export function latestSettledSession(now: number): IsoDate {
  const closed = latestClosedSession(now);
  return settlesAt(closed) <= now ? closed : previousSession(closed);
}
