import type { FaultCounts } from './faults/faults.ts';

/** What was asked and answered. */
export interface Tally {
  requests: number;
  /** Results sent. */
  rows: number;
  /** Body bytes sent, compressed where they were. */
  bytes: number;
  /** Requests by HTTP status. */
  statuses: Record<string, number>;
}

export interface KeyTally extends Tally {
  /** Requests by route. */
  routes: Record<string, number>;
}

export interface RequestCounts {
  readonly total: Tally;
  readonly routes: Record<string, Tally>;
  /** The sandbox's own key; `unknown` and `none` stand for every other request. */
  readonly keys: Record<string, KeyTally>;
  /** Answers altered on purpose, by fault and route. */
  readonly faults: FaultCounts;
}

const createTally = (): Tally => ({ requests: 0, rows: 0, bytes: 0, statuses: {} });

export const createCounts = (): RequestCounts => ({ total: createTally(), routes: {}, keys: {}, faults: {} });

/** Counts one answered request. */
export function countRequest(
  counts: RequestCounts,
  request: { route: string; key: string; status: number; rows: number; bytes: number },
): void {
  const { route, key, status } = request;
  const byRoute = (counts.routes[route] ??= createTally());
  const byKey = (counts.keys[key] ??= { ...createTally(), routes: {} });
  byKey.routes[route] = (byKey.routes[route] ?? 0) + 1;
  for (const tally of [counts.total, byRoute, byKey]) {
    tally.requests++;
    tally.rows += request.rows;
    tally.bytes += request.bytes;
    tally.statuses[status] = (tally.statuses[status] ?? 0) + 1;
  }
}
