import type { IsoDate } from '../market/date.ts';
import { addDays, toDayNumber } from '../market/date.ts';
import { type Finding, passed, warned } from './check-finding.ts';

/** What a plan serves, as far as its first bar of an old company tells. */
export interface Plan {
  /** The first date served. */
  readonly from: IsoDate;
  /** Whole years; null for all the history there is. */
  readonly years: number | null;
}

/** The vendor's own history begins here. */
export const HISTORY_BEGINS = '2003-09-10';

/** The first bar is a few days late where the plan begins on a weekend or a holiday. */
const SLACK_DAYS = 10;

export function judgePlan(firstBar: IsoDate, today: IsoDate): Plan {
  const isAll = firstBar <= addDays(HISTORY_BEGINS, SLACK_DAYS);
  const days = toDayNumber(today) - toDayNumber(firstBar);
  return { from: firstBar, years: isAll ? null : Math.round((days + SLACK_DAYS / 2) / 365.25) };
}

const FREE_PLAN_YEARS = 2;

/** The vendor tells nobody their plan, but only the free one serves two years. */
const isFree = (plan: Plan | null): boolean => plan?.years === FREE_PLAN_YEARS;

/** The history served, and which of the settings' lookbacks (in days) reach back further. */
export function findHistory(
  plan: Plan,
  lookbacks: Readonly<Record<string, number>>,
  today: IsoDate,
): Finding {
  const served = `daily bars since ${plan.from}, ${extentOf(plan)}`;
  const beyond = Object.entries(lookbacks).filter(
    ([, days]) => addDays(today, -days) < addDays(plan.from, -SLACK_DAYS),
  );
  if (beyond.length === 0) return passed('plan', served);
  const names = beyond.map(([name, days]) => `${name} (${days})`).join(', ');
  return warned(
    'plan',
    `${served}; ${names} ${beyond.length === 1 ? 'reaches' : 'reach'} back further, and what is older will not come`,
  );
}

function extentOf(plan: Plan): string {
  if (plan.years === null) return 'all the vendor has';
  if (plan.years === 0) return 'less than a year';
  if (isFree(plan)) return 'about 2 years as on the free plan';
  return `about ${plan.years} year${plan.years === 1 ? '' : 's'}`;
}

const FREE_PLAN_INTERVAL_MS = 12_000;
const FASTEST_INTERVAL_MS = 10;

/** Beyond what lies between slots in any case. */
const LEARNED_SHARE = 1.02;

/**
 * Whether the pacing fits the plan; null when the plan is not known. `throttled`: how often the check itself met a 429;
 * `gapMs`: the time between requests now, which refusals may have lengthened.
 */
export function findPacing(
  intervalMs: number,
  plan: Plan | null,
  throttled = 0,
  gapMs = intervalMs,
): Finding {
  const pace = intervalMs === 0 ? 'no pacing' : `${intervalMs} ms between requests`;
  const met = `answered 429, too many requests, ${throttled === 1 ? 'once' : `${throttled} times`} during this check`;
  if (isFree(plan) && intervalMs < FREE_PLAN_INTERVAL_MS) {
    return warned(
      'pacing',
      `${pace}, but two years of history look like the free plan, which allows 5 requests a minute${throttled > 0 ? ` (the vendor ${met})` : ''}: set polygon.rate_limit_ms to 12500`,
      { importFlag: '--rate-limit-ms 12500' },
    );
  }
  if (throttled > 0)
    return warned(
      'pacing',
      intervalMs < FREE_PLAN_INTERVAL_MS
        ? `${pace}, but the vendor ${met}: on the free plan set polygon.rate_limit_ms to 12500, else see that nobody else uses the key`
        : `${pace}, but the vendor ${met}: see that nobody else uses the key`,
    );
  if (gapMs > intervalMs * LEARNED_SHARE) {
    const slower = Math.ceil(gapMs);
    return warned(
      'pacing',
      `${pace}, but the vendor refused that lately: one request every ${slower} ms for now. If it stays so, set polygon.rate_limit_ms to ${slower}, or see that nobody else uses the key`,
    );
  }
  if (intervalMs < FASTEST_INTERVAL_MS)
    return warned(
      'pacing',
      `${pace}, but the vendor asks to stay under 100 a second: set polygon.rate_limit_ms to 12`,
      { importFlag: '--rate-limit-ms 12' },
    );
  return passed('pacing', `${pace}, at most ${rate(intervalMs)}`);
}

const rate = (intervalMs: number): string =>
  intervalMs <= 1000
    ? `${Math.floor(1000 / intervalMs)} a second; the vendor asks to stay under 100`
    : `${Math.floor((60_000 / intervalMs) * 10) / 10} a minute`;
