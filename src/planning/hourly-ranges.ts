import type { Runs } from './minimum-requests.ts';

/** A request reads at most 50,000 minutes for its hours, and a session has at most 960 from 04:00 to 20:00. */
const SESSIONS_A_PAGE = Math.floor(50_000 / 960);

/** The most pages that hours of so many sessions can take. */
export const hourlyPages = (sessions: number): number => Math.ceil(sessions / SESSIONS_A_PAGE);

/** Range requests for the hours of runs of sessions: neighbours ride in one request where that costs no page more. */
export function hourlyRanges(runs: Runs): Runs {
  const ranges: [number, number][] = [];
  for (const [first, last] of runs) {
    const before = ranges.at(-1);
    const apart =
      before === undefined ? 0 : hourlyPages(before[1] - before[0] + 1) + hourlyPages(last - first + 1);
    if (before !== undefined && hourlyPages(last - before[0] + 1) <= apart) before[1] = last;
    else ranges.push([first, last]);
  }
  return ranges;
}
