import type { AppError } from '../errors.ts';
import type { IsoDate } from '../market/date.ts';
import { addDays, toDayNumber } from '../market/date.ts';

/** One thing looked at, and what to do about it. */
export interface Finding {
  readonly what: string;
  readonly level: 'ok' | 'warning' | 'failed';
  /** False when an import could not work. */
  readonly ok: boolean;
  /** What was found, or what failed and what to do. */
  readonly detail: string;
  readonly exitCode: number;
}

export const passed = (what: string, detail: string): Finding => ({
  what,
  level: 'ok',
  ok: true,
  detail,
  exitCode: 0,
});

export const warned = (what: string, detail: string): Finding => ({
  ...passed(what, detail),
  level: 'warning',
});

export const failed = (what: string, error: Pick<AppError, 'message' | 'exitCode'>): Finding => ({
  what,
  level: 'failed',
  ok: false,
  detail: error.message,
  exitCode: error.exitCode,
});

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

/** The history served, and which of the settings' lookbacks (in days) reach back further. */
export function findHistory(
  plan: Plan,
  lookbacks: Readonly<Record<string, number>>,
  today: IsoDate,
): Finding {
  const served = `daily bars since ${plan.from}${plan.years === null ? '' : `, about ${plan.years} years`}`;
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

const FREE_PLAN_YEARS = 2;
const FREE_PLAN_INTERVAL_MS = 12_000;
const FASTEST_INTERVAL_MS = 10;

/** Whether the pacing fits the plan; null when the plan is not known. */
export function findPacing(intervalMs: number, plan: Plan | null): Finding {
  const pace = intervalMs === 0 ? 'no pacing' : `${intervalMs} ms between requests`;
  if (plan?.years === FREE_PLAN_YEARS && intervalMs < FREE_PLAN_INTERVAL_MS) {
    return warned(
      'pacing',
      `${pace}, but two years of history look like the free plan, which allows 5 requests a minute: set polygon.rate_limit_ms to 12500`,
    );
  }
  if (intervalMs < FASTEST_INTERVAL_MS)
    return warned(
      'pacing',
      `${pace}, but the vendor asks to stay under 100 a second: set polygon.rate_limit_ms to 12`,
    );
  return passed('pacing', `${pace}, at most ${rate(intervalMs)}`);
}

const rate = (intervalMs: number): string =>
  intervalMs <= 1000
    ? `${Math.floor(1000 / intervalMs)} a second`
    : `${Math.floor((60_000 / intervalMs) * 10) / 10} a minute`;
