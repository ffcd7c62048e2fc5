/** How long to wait between tries: doubling from `baseMs` up to `capMs`. */
export interface BackoffPolicy {
  readonly baseMs: number;
  readonly capMs: number;
}

/** For failures that pass by themselves within seconds. */
export const transientBackoff: BackoffPolicy = { baseMs: 500, capMs: 30_000 };

/** For throttling: the vendor has taken two to three minutes to answer again after a burst. */
export const throttledBackoff: BackoffPolicy = { baseMs: 5000, capMs: 60_000 };

/** The wait before try `attempt` + 1, in ms; `random` in [0, 1) spreads it over the upper half. */
export function backoffMs(attempt: number, policy: BackoffPolicy, random: () => number): number {
  const ceiling = Math.min(policy.capMs, policy.baseMs * 2 ** (attempt - 1));
  return Math.round(ceiling * (0.5 + random() / 2));
}

const shortestRetryAfterMs = 1000;
const longestRetryAfterMs = 120_000;

/** A `Retry-After` header (seconds or an HTTP date) in ms, clamped to 1 s … 120 s; undefined when it says nothing. */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined || header.trim() === '') return undefined;
  const seconds = Number(header);
  const ms = Number.isNaN(seconds) ? Date.parse(header) - now : seconds * 1000;
  if (Number.isNaN(ms)) return undefined;
  return Math.min(longestRetryAfterMs, Math.max(shortestRetryAfterMs, ms));
}
