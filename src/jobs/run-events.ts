import { type AppError, componentOf, recoveryOf } from '../errors.ts';
import { type Announcement, announce, toInstant } from '../events/announcement.ts';
import type { EndedSymbol } from '../storage/runs.ts';
import type { RunProgress, RunRequest, Trigger } from '../storage/read-runs.ts';
import type { IsoDate } from '../market/date.ts';
import type { ImportSummary } from './import-summary.ts';

/** What a run's events say of the run itself. */
export interface RunFacts {
  readonly runId: string;
  readonly attempt: number;
  readonly request: RunRequest;
  readonly totalSymbols: number;
  readonly trigger: Trigger;
  /** Of a daily run, which the platform watches on channels of its own. */
  readonly session: IsoDate | null;
}

/** Least ms between two progress events of an attempt; with the last one, which never waits, four a second. */
const PROGRESS_GAP_MS = 334;

/** Lets progress through at most that often; the first was told at `startedAt` (ms). */
export function createProgressGate(startedAt: number): {
  isOpen(at: number): boolean;
  passed(at: number): void;
} {
  let next = startedAt + PROGRESS_GAP_MS;
  return {
    isOpen: (at) => at >= next,
    passed(at) {
      next = at + PROGRESS_GAP_MS;
    },
  };
}

/** An attempt begins, at `progress`. All instants here are ms since the epoch. */
export function startEvents(run: RunFacts, progress: RunProgress, at: number): Announcement[] {
  const { universes, timeframes, lookbackDays, dates } = run.request;
  const started = announce(
    'data_import_started',
    {
      run_id: run.runId,
      universe_names: [...universes],
      total_symbols: run.totalSymbols,
      timeframes: [...timeframes],
      lookback_days: { ...lookbackDays },
      ...(dates !== undefined && { from: dates.from, to: dates.to }),
      attempt: run.attempt,
    },
    at,
  );
  const daily = announce(
    'daily_processing_started',
    { run_id: run.runId, symbols_count: run.totalSymbols, trigger_type: run.trigger },
    at,
  );
  return [started, ...(run.session === null ? [] : [daily]), ...progressEvents(run, progress, at)];
}

/** Where an attempt stands. */
export function progressEvents(run: RunFacts, progress: RunProgress, at: number): Announcement[] {
  const processed = progress.completed + progress.failed;
  const estimatedCompletion = toInstant(progress.estimatedCompletion);
  const update = announce(
    'job_progress_update',
    {
      run_id: run.runId,
      phase: 'data_import',
      total_symbols: progress.totalSymbols,
      completed: progress.completed,
      failed: progress.failed,
      processed,
      remaining: progress.totalSymbols - processed,
      percentage: progress.percentage,
      current_symbol: progress.currentSymbol,
      estimated_completion: estimatedCompletion,
      avg_processing_time_ms: progress.avgProcessingTimeMs,
      attempt: run.attempt,
    },
    at,
  );
  const daily = announce(
    'daily_processing_progress',
    {
      run_id: run.runId,
      phase: 'data_import',
      symbols_completed: processed,
      symbols_total: progress.totalSymbols,
      percent_complete: progress.percentage,
      current_symbol: progress.currentSymbol,
      estimated_completion: estimatedCompletion,
    },
    at,
  );
  return run.session === null ? [update] : [update, { ...daily, attempt: run.attempt }];
}

/** Symbols have ended. */
export const symbolEvents = (run: RunFacts, ended: readonly EndedSymbol[], at: number): Announcement[] =>
  ended.map(({ symbol, timeframes, recordsImported, processingTimeMs, failure }) =>
    announce(
      'symbol_processing_complete',
      {
        run_id: run.runId,
        symbol,
        success: failure === null,
        timeframes_processed: failure === null ? [...timeframes] : [],
        records_imported: recordsImported,
        processing_time_ms: Math.round(processingTimeMs),
        attempt: run.attempt,
        ...(failure !== null && { error_code: failure.code, error_message: failure.message }),
      },
      at,
    ),
  );

/** Something failed: for a symbol, or, without one, for the whole run. */
export function errorEvent(
  run: RunFacts,
  failure: Pick<AppError, 'code' | 'message'>,
  about: {
    readonly symbol?: string | undefined;
    readonly retryAfterMs?: number | undefined;
    readonly stops?: boolean;
  },
  at: number,
): Announcement {
  const { symbol, retryAfterMs } = about;
  const severity =
    about.stops === true ? 'critical' : failure.code === 'SYMBOL_NOT_FOUND' ? 'warning' : 'error';
  const event = announce(
    'critical_error',
    {
      severity,
      component: componentOf(failure.code),
      error_code: failure.code,
      message: failure.message,
      context: {
        ...(symbol !== undefined && { symbol }),
        ...(retryAfterMs !== undefined && { retry_after: Math.ceil(retryAfterMs / 1000) }),
        run_id: run.runId,
      },
      recovery_action: recoveryOf(failure.code),
    },
    at,
  );
  return { ...event, runId: run.runId, attempt: run.attempt };
}

/** An attempt has ended as the summary says. */
export function endEvents(run: RunFacts, summary: ImportSummary, at: number): Announcement[] {
  const { status, stopped_by: stoppedBy } = summary;
  const seconds = Math.round(summary.duration_seconds);
  const completed = announce(
    'data_import_completed',
    {
      run_id: run.runId,
      status: status === 'completed' || isHalted(status) ? status : 'failed',
      duration_seconds: seconds,
      total_symbols: summary.total_symbols,
      successful_symbols: summary.successful_symbols,
      failed_symbols: summary.failed_symbols,
      total_records_imported: summary.total_records_imported,
      success_rate: summary.success_rate,
      attempt: run.attempt,
      ...stoppedBy,
    },
    at,
  );
  const daily = announce(
    'daily_processing_completed',
    {
      run_id: run.runId,
      status: status === 'completed' ? 'success' : 'failed',
      duration_seconds: seconds,
      symbols_processed: summary.successful_symbols + summary.failed_symbols,
      symbols_failed: summary.failed_symbols,
    },
    at,
  );
  return run.session === null ? [completed] : [completed, daily];
}

const isHalted = (status: string): status is 'cancelled' | 'parked' | 'paused' =>
  status === 'cancelled' || status === 'parked' || status === 'paused';
