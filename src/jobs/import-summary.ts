import type { ErrorCode } from '../errors.ts';
import type { FailedSymbol, Run } from '../storage/read-runs.ts';
import type { VendorStats } from './vendor.ts';

/** What an import came to; printed as it is by `--json`. */
export interface ImportSummary {
  readonly run_id: string;
  readonly status: string;
  readonly duration_seconds: number;
  readonly total_symbols: number;
  readonly successful_symbols: number;
  readonly failed_symbols: number;
  /** Bars new or changed inside each asked timeframe's own window. */
  readonly total_records_imported: number;
  /** Percent, cut to two decimals. */
  readonly success_rate: number;
  /** Pages of bars and splits, each once, over all attempts of the run. */
  readonly requests: number;
  readonly bytes: number;
  /** What this attempt asked beyond that, and lost. */
  readonly trouble: {
    /** Second looks, ticker details and the like. */
    readonly evidence_requests: number;
    /** Tries after a page's first. */
    readonly retries: number;
    /** Tries that brought nothing usable. */
    readonly failed_tries: Readonly<Record<string, number>>;
    /** Everybody waiting because the vendor throttled. */
    readonly throttled_seconds: number;
    /** Failed tries and the waits after them, summed over requests. */
    readonly retry_seconds: number;
  };
  /** Raw rows. */
  readonly records: {
    readonly new: number;
    readonly changed: number;
    readonly unchanged: number;
    readonly rejected: number;
  };
  /** Sessions without a bar and without an explanation. */
  readonly gaps: number;
  /** What the run did not get to; null when that is nothing. */
  readonly left: WorkLeft | null;
  /** Why it ended early; null when it did not. */
  readonly stopped_by: { readonly error_code: ErrorCode; readonly error_message: string } | null;
  readonly failures: readonly {
    readonly symbol: string;
    readonly error_code: string;
    readonly error_message: string;
  }[];
}

/** Symbols without an end, the requests they need at least, and the time of those at the pacing. */
export interface WorkLeft {
  readonly symbols: number;
  readonly requests: number;
  readonly seconds: number;
}

export function summarize(
  run: Run,
  attempt: {
    readonly failures: readonly FailedSymbol[];
    readonly gaps: number;
    readonly durationMs: number;
    readonly cost: VendorStats;
    readonly left: WorkLeft | null;
  },
): ImportSummary {
  const { failures, gaps, durationMs, cost, left } = attempt;
  const { imported, ...records } = run.records;
  return {
    run_id: run.runId,
    status: run.status,
    duration_seconds: tenths(durationMs),
    total_symbols: run.totalSymbols,
    successful_symbols: run.completed,
    failed_symbols: run.failed,
    total_records_imported: imported,
    success_rate: Math.floor((run.completed * 10_000) / run.totalSymbols) / 100,
    requests: run.requests,
    bytes: run.bytes,
    trouble: {
      evidence_requests: cost.evidenceRequests,
      retries: cost.retries,
      failed_tries: cost.failedTries,
      throttled_seconds: tenths(cost.throttledMs),
      retry_seconds: tenths(cost.retriesMs),
    },
    records,
    gaps,
    left,
    stopped_by:
      run.errorCode === null ? null : { error_code: run.errorCode, error_message: run.errorMessage ?? '' },
    failures: failures.map((failure) => ({
      symbol: failure.symbol,
      error_code: failure.errorCode,
      error_message: failure.errorMessage,
    })),
  };
}

const tenths = (ms: number): number => Math.round(ms / 100) / 10;
