import type { LoggedRequest } from '../storage/requests.ts';
import type { VendorRequest } from './vendor.ts';

/** Holds what was asked until it is written together with what came of it. */
export interface RequestJournal {
  heard(request: VendorRequest): void;
  /** Marks the arrival of a request's rows, which wait for storage. */
  arrived(request: number): void;
  /** Takes out the requests whose rows are being stored, and those that brought none. */
  take(stored: ReadonlySet<number>): LoggedRequest[];
  /** Takes back what could not be written. */
  giveBack(requests: readonly LoggedRequest[]): void;
  /** Takes out the rest. */
  takeAll(): LoggedRequest[];
}

export function createRequestJournal(attempt: number, now: () => number): RequestJournal {
  const waiting = new Map<number, VendorRequest>();
  const arrivals = new Map<number, number>();
  let returned: LoggedRequest[] = [];

  const takeIf = (isDue: (request: number) => boolean): LoggedRequest[] => {
    const taken = returned;
    returned = [];
    for (const { n, ...request } of waiting.values()) {
      if (!isDue(n)) continue;
      const arrivedAt = arrivals.get(n);
      waiting.delete(n);
      arrivals.delete(n);
      taken.push({
        ...request,
        attempt,
        storeMs: arrivedAt === undefined ? null : now() - arrivedAt,
        requestId: request.requestId ?? null,
        endedAt: new Date(request.endedAt),
      });
    }
    return taken;
  };

  return {
    heard: (request) => void waiting.set(request.n, request),
    arrived: (request) => void (arrivals.has(request) || arrivals.set(request, now())),
    take: (stored) => takeIf((n) => stored.has(n) || !arrivals.has(n)),
    giveBack: (requests) => void returned.push(...requests),
    takeAll: () => takeIf(() => true),
  };
}
