/** Where an import stands; what the live display and the progress table show. */
export interface ImportProgress {
  readonly runId: string;
  readonly attempt: number;
  readonly totalSymbols: number;
  /** Successes. */
  readonly completed: number;
  readonly failed: number;
  readonly processed: number;
  readonly remaining: number;
  /** Cut to two decimals: 100 only at the end. */
  readonly percentage: number;
  /** The last symbol worked on; the first one at the start. */
  readonly currentSymbol: string;
  readonly rows: number;
  readonly requests: number;
  readonly plannedRequests: number;
  readonly elapsedMs: number;
  readonly remainingMs: number;
  /** Mean over the symbols ended; 0 before the first. */
  readonly avgProcessingTimeMs: number;
}

export const percentOf = (part: number, total: number): number =>
  total === 0 ? 100 : Math.floor((part * 10_000) / total) / 100;

/** Below this many requests the measured pace says little. */
const TRUSTED_REQUESTS = 20;

/** The time left for planned requests: at the pacing, or at the pace seen once it is slower. */
export function estimateRemainingMs(work: {
  plannedRequests: number;
  requests: number;
  intervalMs: number;
  elapsedMs: number;
}): number {
  const left = Math.max(0, work.plannedRequests - work.requests);
  const measured = work.requests >= TRUSTED_REQUESTS ? work.elapsedMs / work.requests : 0;
  return Math.ceil(left * Math.max(work.intervalMs, measured));
}

export interface JobProgressTracker {
  /** A planned request was answered, well or badly. */
  requestDone(): void;
  rowsStored(rows: number): void;
  symbolEnded(symbol: string, succeeded: boolean, processingTimeMs: number): void;
  snapshot(): ImportProgress;
}

/** Keeps the numbers of one attempt of a run. `start` holds what earlier attempts left. */
export function createJobProgressTracker(
  start: {
    runId: string;
    attempt: number;
    totalSymbols: number;
    completed: number;
    failed: number;
    firstSymbol: string;
    plannedRequests: number;
    intervalMs: number;
  },
  now: () => number,
): JobProgressTracker {
  const startedAt = now();
  let { completed, failed } = start;
  let currentSymbol = start.firstSymbol;
  let requests = 0;
  let rows = 0;
  let ended = 0;
  let processingMs = 0;
  return {
    requestDone() {
      requests += 1;
    },
    rowsStored(count) {
      rows += count;
    },
    symbolEnded(symbol, succeeded, processingTimeMs) {
      if (succeeded) completed += 1;
      else failed += 1;
      currentSymbol = symbol;
      ended += 1;
      processingMs += processingTimeMs;
    },
    snapshot() {
      const processed = completed + failed;
      const elapsedMs = now() - startedAt;
      const { plannedRequests, intervalMs } = start;
      return {
        runId: start.runId,
        attempt: start.attempt,
        totalSymbols: start.totalSymbols,
        completed,
        failed,
        processed,
        remaining: start.totalSymbols - processed,
        percentage: percentOf(processed, start.totalSymbols),
        currentSymbol,
        rows,
        requests,
        plannedRequests,
        elapsedMs,
        remainingMs: estimateRemainingMs({ plannedRequests, requests, intervalMs, elapsedMs }),
        avgProcessingTimeMs: ended === 0 ? 0 : Math.round(processingMs / ended),
      };
    },
  };
}
