import type { VendorStats } from './vendor.ts';

/** What was asked of the vendor over some time, and what it lost. */
export type VendorCost = VendorStats;

/** The difference between two readings of the same counters; causes that did not occur are left out. */
export function costSince(before: VendorStats, after: VendorStats): VendorCost {
  const causes = Object.entries(after.failedTries)
    .map(([cause, count]) => [cause, count - (before.failedTries[cause] ?? 0)] as const)
    .filter(([, count]) => count > 0);
  return {
    requests: after.requests - before.requests,
    evidenceRequests: after.evidenceRequests - before.evidenceRequests,
    retries: after.retries - before.retries,
    failedTries: Object.fromEntries(causes),
    throttledMs: after.throttledMs - before.throttledMs,
    retriesMs: after.retriesMs - before.retriesMs,
    bytes: after.bytes - before.bytes,
  };
}
