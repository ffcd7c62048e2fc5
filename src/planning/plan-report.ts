import { hourlyPages } from './hourly-ranges.ts';
import { type ImportPlan, askedSymbols } from './import-plan.ts';
import { requestBytes } from './request-cost.ts';

/** What a plan costs, as `tickstock plan --json` and the service tell it. */
export interface PlanReport {
  /** Before later pages, retries and requests for evidence. */
  readonly requests: number;
  readonly by_route: {
    readonly grouped_daily: number;
    readonly range_daily: number;
    readonly range_hourly: number;
    readonly splits: number;
  };
  /** What a tool asks for that fetches every timeframe of every symbol on its own. */
  readonly naive_requests: number;
  /** Uncompressed. */
  readonly bytes_estimate: number;
  /** At the pacing. */
  readonly seconds_estimate: number;
  /** Second pages of hours at the very most: as many as when every minute traded. */
  readonly later_pages_at_most: number;
  readonly symbols: number;
  /** Those of which something is asked. */
  readonly symbols_asked: number;
  readonly sessions: number;
  /** Sessions of which something is asked, per base timeframe. */
  readonly sessions_asked: number;
}

/** Of a session with its extended hours, which also weigh about as much as so many days. */
const HOURS = 16;

/** Base bars that a plan may bring. */
export function barsAtMost({ days, ranges }: Pick<ImportPlan, 'days' | 'ranges'>): number {
  let bars = 0;
  for (const series of ranges.values())
    for (const { timeframe, sessions } of series)
      bars += sessions.length * (timeframe === 'hourly' ? HOURS : 1);
  for (const { wantedBy } of days) for (const symbols of wantedBy) bars += symbols.length;
  return bars;
}

/** `intervalMs`: the pacing. One request for splits belongs to every run. */
export function reportPlan(plan: ImportPlan, intervalMs: number): PlanReport {
  const series = [...plan.ranges.values()].flat();
  const hourly = series.filter(({ timeframe }) => timeframe === 'hourly');
  const daily = series.filter(({ timeframe }) => timeframe === 'daily');
  const requests = plan.requests + 1;
  const sessionsOf = (list: typeof series): number =>
    list.reduce((sum, { sessions }) => sum + sessions.length, 0);
  const sessions = new Set([
    ...plan.days.map(({ session }) => session),
    ...series.flatMap((one) => one.sessions),
  ]);
  return {
    requests,
    by_route: {
      grouped_daily: plan.days.length,
      range_daily: daily.length,
      range_hourly: hourly.length,
      splits: 1,
    },
    naive_requests: plan.symbols.length * plan.timeframes.length,
    bytes_estimate:
      plan.days.length * requestBytes.groupedDay +
      series.length * requestBytes.range +
      (sessionsOf(daily) + HOURS * sessionsOf(hourly)) * requestBytes.rangeSession,
    seconds_estimate: Math.ceil((requests * intervalMs) / 1000),
    later_pages_at_most: hourly.reduce((sum, one) => sum + hourlyPages(one.sessions.length) - 1, 0),
    symbols: plan.symbols.length,
    symbols_asked: askedSymbols(plan).size,
    sessions: new Set(plan.spans.flatMap((span) => span.sessions)).size,
    sessions_asked: sessions.size,
  };
}
