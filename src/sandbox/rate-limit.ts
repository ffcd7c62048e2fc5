import { usageError } from '../errors.ts';

export interface Rate {
  readonly requests: number;
  readonly perMs: number;
}

/** `N/s` or `N/min`, N a whole number above 0. */
export function parseRate(text: string): Rate {
  const [, count, unit] = /^([1-9]\d{0,5})\/(s|min)$/.exec(text) ?? [];
  if (count === undefined) {
    throw usageError(
      `Cannot use --rate ${JSON.stringify(text)}: expected requests a second or a minute, such as 100/s or 5/min.`,
    );
  }
  return { requests: Number(count), perMs: unit === 's' ? 1000 : 60_000 };
}

// Requests sent evenly at exactly the limit arrive with jitter.
const toleranceMs = 50;

/** A full bucket of `requests` tokens that refills evenly; true when a request at `now` (ms) may pass. */
export function createRateLimit(rate: Rate): (now: number) => boolean {
  const gap = rate.perMs / rate.requests;
  const depth = rate.perMs - gap + toleranceMs;
  /** When a bucket drained by what has passed would be full again. */
  let fullAt = Number.NEGATIVE_INFINITY;
  return (now) => {
    if (fullAt - now > depth) return false;
    fullAt = Math.max(fullAt, now) + gap;
    return true;
  };
}
