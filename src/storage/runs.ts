import type pg from 'pg';
import { RunConflict, type ErrorCode } from '../errors.ts';
import type { IsoDate } from '../market/date.ts';
import { forgetUnexplained, lockCoverageInWork } from './coverage.ts';
import { dropAnswers } from './run-answers.ts';
import type { Timeframe } from '../market/timeframe.ts';
import {
  PHASE,
  type RunProgress,
  progressColumns,
  type RunRequest,
  type RunStatus,
  type Trigger,
} from './read-runs.ts';

export interface SymbolOutcome {
  readonly symbol: string;
  readonly processingTimeMs: number;
  /** Null when the symbol succeeded. */
  readonly failure: { readonly code: ErrorCode; readonly message: string } | null;
}

/** Records a run and its symbols, all pending but the run itself. The caller's transaction makes it one step. */
export async function createRun(
  client: pg.ClientBase,
  run: {
    runId: string;
    trigger: Trigger;
    request: RunRequest;
    symbols: readonly string[];
    estimatedCompletion: Date;
    /** Of a daily run: the session it is for. */
    session: IsoDate | null;
  },
): Promise<void> {
  await client.query(
    `INSERT INTO processing_runs (run_id, status, trigger_type, request, total_symbols, session, started_at, heartbeat_at)
     VALUES ($1, 'in_progress', $2, $3, $4, $5, now(), now())`,
    [run.runId, run.trigger, run.request, run.symbols.length, run.session],
  );
  await client.query(
    `INSERT INTO processing_progress (run_id, phase, total_items, current_item, estimated_completion) VALUES ($1, $2, $3, $4, $5)`,
    [run.runId, PHASE, run.symbols.length, run.symbols[0], run.estimatedCompletion],
  );
  await client.query(
    `INSERT INTO symbol_processing_status (run_id, phase, symbol, timeframes) SELECT $1, $2, unnest($3::text[]), $4::text[]`,
    [run.runId, PHASE, run.symbols, run.request.timeframes],
  );
}

/** Remembers how many requests an attempt means to send, on top of those of the attempts before it. */
export async function planRequests(
  client: pg.ClientBase,
  { runId, attempt }: { readonly runId: string; readonly attempt: number },
  requests: number,
): Promise<void> {
  await client.query(
    'UPDATE processing_runs SET requests_planned = requests + $3 WHERE run_id = $1 AND attempt = $2',
    [runId, attempt, requests],
  );
}

/** Marks symbols as handed to workers, perhaps with requests of their own. Takes the run's row first, as batches of the run do. */
export async function startSymbols(
  client: pg.ClientBase,
  runId: string,
  attempt: number,
  symbols: readonly string[],
  ownRequests = false,
): Promise<void> {
  await client.query('SELECT FROM processing_runs WHERE run_id = $1 FOR NO KEY UPDATE', [runId]);
  await client.query(
    `UPDATE symbol_processing_status SET status = 'in_progress', own_requests = $5, started_at = now(), updated_at = now()
      WHERE run_id = $1 AND phase = $2 AND attempt = $3 AND symbol = ANY($4::text[]) AND status IN ('pending', 'in_progress')`,
    [runId, PHASE, attempt, symbols, ownRequests],
  );
}

/**
 * Symbols in work become pending. What was answered without a bar and was about to be doubted is forgotten, unless
 * the doubts are kept: it is asked again.
 */
export async function releaseSymbols(client: pg.ClientBase, runId: string): Promise<void> {
  const { rows } = await client.query<{ symbol: string; isKept: boolean }>(
    `UPDATE symbol_processing_status SET status = 'pending', own_requests = false, taken_by = NULL, updated_at = now()
      WHERE run_id = $1 AND phase = $2 AND status = 'in_progress'
      RETURNING symbol, EXISTS (SELECT FROM run_answers a WHERE a.run_id = $1 AND a.item = symbol) AS "isKept"`,
    [runId, PHASE],
  );
  await forgetUnexplained(
    client,
    rows.flatMap(({ symbol, isKept }) => (isKept ? [] : [symbol])),
  );
}

/** A symbol that has ended, as the database now has it. */
export interface EndedSymbol extends SymbolOutcome {
  readonly timeframes: readonly Timeframe[];
  readonly recordsImported: number;
}

/** Ends symbols and moves the run's progress on by as many as this attempt still owned. Returns those, and where the run stands; null when that has not moved. */
export async function finishSymbols(
  client: pg.ClientBase,
  runId: string,
  attempt: number,
  outcomes: readonly SymbolOutcome[],
  estimatedCompletion: Date,
): Promise<{ ended: EndedSymbol[]; progress: RunProgress | null }> {
  if (outcomes.length === 0) return { ended: [], progress: null };
  const { rows } = await client.query<{
    symbol: string;
    timeframes: Timeframe[];
    records: number;
  }>(
    // By symbol in one value: of a run this young the planner expects a row, and would join a list to it in loops.
    `UPDATE symbol_processing_status
        SET status = CASE WHEN $5::jsonb -> symbol ->> 'code' IS NULL THEN 'completed' ELSE 'failed' END,
            processing_time_ms = ($5::jsonb -> symbol ->> 'ms')::integer, error_code = $5::jsonb -> symbol ->> 'code',
            error_message = $5::jsonb -> symbol ->> 'message', completed_at = now(), updated_at = now()
      WHERE run_id = $1 AND phase = $2 AND attempt = $3 AND symbol = ANY($4::text[]) AND status = 'in_progress'
      RETURNING symbol, timeframes, records_imported::double precision AS records`,
    [
      runId,
      PHASE,
      attempt,
      outcomes.map(({ symbol }) => symbol),
      Object.fromEntries(
        outcomes.map(({ symbol, failure, processingTimeMs }) => [
          symbol,
          { ...failure, ms: Math.round(processingTimeMs) },
        ]),
      ),
    ],
  );
  const bySymbol = new Map(rows.map((row) => [row.symbol, row]));
  const ended = outcomes.flatMap((outcome): EndedSymbol[] => {
    const row = bySymbol.get(outcome.symbol);
    bySymbol.delete(outcome.symbol);
    return row === undefined
      ? []
      : [{ ...outcome, timeframes: row.timeframes, recordsImported: row.records }];
  });
  if (ended.length === 0) return { ended, progress: null };
  const failed = ended.filter(({ failure }) => failure !== null).length;
  const spentMs = ended.reduce((sum, { processingTimeMs }) => sum + Math.round(processingTimeMs), 0);
  const moved = await client.query<RunProgress>(
    `UPDATE processing_progress p
        SET completed_items = completed_items + $3, failed_items = failed_items + $4,
            percent_complete = floor((completed_items + failed_items + $3 + $4) * 10000.0 / total_items) / 100,
            current_item = $5, estimated_completion = $6, processing_ms = processing_ms + $7, updated_at = now()
      WHERE run_id = $1 AND phase = $2 RETURNING ${progressColumns}`,
    [runId, PHASE, ended.length - failed, failed, outcomes.at(-1)?.symbol, estimatedCompletion, spentMs],
  );
  return { ended, progress: moved.rows[0] ?? null };
}

/**
 * Ends an attempt of a run; symbols it leaves unworked go back to pending.
 * False, changing nothing, when the run is no longer this attempt's.
 */
export async function finishRun(
  client: pg.ClientBase,
  runId: string,
  attempt: number,
  end: {
    status: RunStatus;
    at: Date;
    /** The next process goes on with it by itself. */
    goesOn?: boolean;
    /** The doubts of its symbols are kept for whoever goes on. */
    mayGoOn?: boolean;
    errorCode?: ErrorCode;
    errorMessage?: string;
  },
): Promise<boolean> {
  await lockCoverageInWork(client, runId);
  const ended = await client.query(
    `UPDATE processing_runs
        SET status = $2, error_code = $3, error_message = $4, completed_at = now(), goes_on = $5, stop_requested = NULL
      WHERE run_id = $1 AND attempt = $6 AND status = 'in_progress'`,
    [runId, end.status, end.errorCode ?? null, end.errorMessage ?? null, end.goesOn === true, attempt],
  );
  if (ended.rowCount === 0) return false;
  await client.query(
    `UPDATE processing_progress SET estimated_completion = $3, updated_at = now() WHERE run_id = $1 AND phase = $2`,
    [runId, PHASE, end.at],
  );
  if (end.mayGoOn !== true) await dropAnswers(client, runId);
  await releaseSymbols(client, runId);
  await client.query('DELETE FROM run_batches WHERE run_id = $1', [runId]);
  return true;
}

/**
 * Opens attempt n+1 over failed symbols, which become pending with one more retry counted, and over symbols an
 * earlier attempt did not get to. Returns the attempt.
 * @throws AppError RUN_CONFLICT when the run is in progress: of two retries at once one is refused.
 */
export async function reopenRun(
  client: pg.ClientBase,
  runId: string,
  symbols: readonly string[],
  estimatedCompletion: Date,
): Promise<number> {
  const run = await client.query<{ attempt: number }>(
    `UPDATE processing_runs SET status = 'in_progress', attempt = attempt + 1, error_code = NULL, error_message = NULL, completed_at = NULL,
            heartbeat_at = now(), stop_requested = NULL, goes_on = false
      WHERE run_id = $1 AND status <> 'in_progress' RETURNING attempt`,
    [runId],
  );
  const attempt = run.rows[0]?.attempt;
  if (attempt === undefined)
    throw new RunConflict(runId, `Run ${runId} is in progress: it can be retried when it has ended.`);
  // The self-join keeps the old status, which RETURNING alone cannot tell before PostgreSQL 18.
  const reopened = await client.query<{ failed: boolean; ms: number }>(
    `UPDATE symbol_processing_status s
        SET status = 'pending', attempt = $3, retry_count = s.retry_count + (old.status = 'failed')::integer,
            error_code = NULL, error_message = NULL, processing_time_ms = NULL, completed_at = NULL, updated_at = now()
       FROM symbol_processing_status old
      WHERE s.run_id = $1 AND s.phase = $2 AND s.symbol = ANY($4::text[]) AND s.status IN ('failed', 'pending')
        AND old.run_id = s.run_id AND old.phase = s.phase AND old.symbol = s.symbol
      RETURNING old.status = 'failed' AS failed, coalesce(old.processing_time_ms, 0) AS ms`,
    [runId, PHASE, attempt, symbols],
  );
  const failed = reopened.rows.filter((row) => row.failed).length;
  const spentMs = reopened.rows.reduce((sum, row) => sum + row.ms, 0);
  await client.query(
    `UPDATE processing_progress
        SET failed_items = failed_items - $3, current_item = $4, estimated_completion = $5,
            processing_ms = processing_ms - $6, updated_at = now(),
            percent_complete = floor((completed_items + failed_items - $3) * 10000.0 / total_items) / 100
      WHERE run_id = $1 AND phase = $2`,
    [runId, PHASE, failed, symbols[0], estimatedCompletion, spentMs],
  );
  return attempt;
}
