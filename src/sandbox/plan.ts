import type { IsoDate } from '../market/date.ts';
import { newYorkDate, newYorkMidnight } from '../market/new-york.ts';

interface Terms {
  /** Years of history; null for all of it. */
  readonly years: number | null;
  /** What it sees lags by this; `day` means that a day comes when it has ended in New York. */
  readonly delay: number | 'day';
}

const quarterHourMs = 15 * 60_000;

const terms = {
  basic: { years: 2, delay: 'day' },
  starter: { years: 5, delay: quarterHourMs },
  developer: { years: 10, delay: quarterHourMs },
  advanced: { years: null, delay: 0 },
} as const satisfies Record<string, Terms>;

export type PlanName = keyof typeof terms;
export const planNames = Object.keys(terms) as readonly PlanName[];
export const isPlanName = (text: string): text is PlanName => Object.hasOwn(terms, text);

/** What one plan may see at an instant (ms since the epoch). */
export interface Entitlement {
  /** Nothing before this date is served. */
  readonly earliest: IsoDate;
  /** Bars that begin later are not known yet. */
  readonly until: number;
  /** Today is refused until it has ended. */
  readonly refusesToday: boolean;
  /** Recent data is labelled DELAYED. */
  readonly delayed: boolean;
}

/** The vendor judges years and days in New York. */
export function entitlementOf(plan: PlanName, now: number): Entitlement {
  const { years, delay } = terms[plan];
  const today = newYorkDate(now);
  return {
    earliest: years === null ? '1990-01-01' : `${Number(today.slice(0, 4)) - years}${today.slice(4)}`,
    until: delay === 'day' ? newYorkMidnight(today) - 1 : now - delay,
    refusesToday: delay === 'day',
    // Unknown for the free plan, whose data is never of today: taken as not delayed.
    delayed: delay !== 'day' && delay > 0,
  };
}
