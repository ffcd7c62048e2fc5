import type { FailedSymbol, Run } from '../storage/runs.ts';

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
  readonly requests: number;
  readonly bytes: number;
  /** Raw rows. */
  readonly records: {
    readonly new: number;
    readonly changed: number;
    readonly unchanged: number;
    readonly rejected: number;
  };
  /** Sessions without a bar and without an explanation. */
  readonly gaps: number;
  readonly failures: readonly {
    readonly symbol: string;
    readonly error_code: string;
    readonly error_message: string;
  }[];
}

export function summarize(
  run: Run,
  failures: readonly FailedSymbol[],
  gaps: number,
  durationMs: number,
): ImportSummary {
  const { imported, ...records } = run.records;
  return {
    run_id: run.runId,
    status: run.status,
    duration_seconds: Math.round(durationMs / 100) / 10,
    total_symbols: run.totalSymbols,
    successful_symbols: run.completed,
    failed_symbols: run.failed,
    total_records_imported: imported,
    success_rate: Math.floor((run.completed * 10_000) / run.totalSymbols) / 100,
    requests: run.requests,
    bytes: run.bytes,
    records,
    gaps,
    failures: failures.map((failure) => ({
      symbol: failure.symbol,
      error_code: failure.errorCode,
      error_message: failure.errorMessage,
    })),
  };
}
