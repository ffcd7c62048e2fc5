import type pg from 'pg';
import { AppError, type ErrorCode, usageError } from '../errors.ts';
import type { Timeframe } from '../market/timeframe.ts';
import type { Windows } from '../market/imported-bars.ts';

/** The one phase this pipeline has so far, as the guide's queries name it. */
const PHASE = 'data_import';

export type RunStatus =
  | 'pending'
  | 'in_progress'
  | 'paused'
  | 'parked'
  | 'completed'
  | 'failed'
  | 'cancelled';

/** What a run was asked to do, resolved once at its start. */
export interface RunRequest {
  readonly universes: readonly string[];
  readonly timeframes: readonly Timeframe[];
  readonly windows: Windows;
  /** Days looked back per timeframe; absent for explicit dates. */
  readonly lookbackDays?: Partial<Readonly<Record<Timeframe, number>>>;
}

export interface Run {
  readonly runId: string;
  readonly status: RunStatus;
  readonly attempt: number;
  readonly request: RunRequest;
  readonly totalSymbols: number;
  readonly completed: number;
  readonly failed: number;
  readonly percentage: number;
  readonly currentSymbol: string;
  readonly estimatedCompletion: Date | null;
  readonly records: Records;
  readonly requests: number;
  readonly bytes: number;
  readonly errorCode: ErrorCode | null;
  readonly errorMessage: string | null;
  readonly createdAt: Date;
  readonly completedAt: Date | null;
}

export interface Records {
  readonly imported: number;
  readonly new: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly rejected: number;
}

export interface SymbolOutcome {
  readonly symbol: string;
  readonly processingTimeMs: number;
  /** Null when the symbol succeeded. */
  readonly failure: { readonly code: ErrorCode; readonly message: string } | null;
}

export interface FailedSymbol {
  readonly symbol: string;
  readonly errorCode: ErrorCode;
  readonly errorMessage: string;
  readonly retryCount: number;
}

/** Records a run and its symbols, all pending but the run itself. The caller's transaction makes it one step. */
export async function createRun(
  client: pg.ClientBase,
  run: {
    runId: string;
    trigger: string;
    request: RunRequest;
    symbols: readonly string[];
    estimatedCompletion: Date;
  },
): Promise<void> {
  await client.query(
    `INSERT INTO processing_runs (run_id, status, trigger_type, request, total_symbols, started_at)
     VALUES ($1, 'in_progress', $2, $3, $4, now())`,
    [run.runId, run.trigger, run.request, run.symbols.length],
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

/** Marks symbols as handed to workers. */
export async function startSymbols(
  client: pg.ClientBase | pg.Pool,
  runId: string,
  attempt: number,
  symbols: readonly string[],
): Promise<void> {
  await client.query(
    `UPDATE symbol_processing_status SET status = 'in_progress', started_at = now(), updated_at = now()
      WHERE run_id = $1 AND phase = $2 AND attempt = $3 AND symbol = ANY($4::text[]) AND status = 'pending'`,
    [runId, PHASE, attempt, symbols],
  );
}

/** Adds what a batch stored to its run and symbols. Takes the run's row first, so that batches of a run never deadlock. */
export async function addRecords(
  client: pg.ClientBase,
  runId: string,
  records: Records,
  imported: readonly { symbol: string; imported: number }[],
): Promise<void> {
  await client.query(
    `UPDATE processing_runs
        SET records_imported = records_imported + $2, records_new = records_new + $3, records_changed = records_changed + $4,
            records_unchanged = records_unchanged + $5, records_rejected = records_rejected + $6
      WHERE run_id = $1`,
    [runId, records.imported, records.new, records.changed, records.unchanged, records.rejected],
  );
  await client.query(
    `UPDATE symbol_processing_status s SET records_imported = s.records_imported + a.imported, updated_at = now()
       FROM unnest($3::text[], $4::bigint[]) AS a(symbol, imported)
      WHERE s.run_id = $1 AND s.phase = $2 AND s.symbol = a.symbol AND a.imported > 0`,
    [runId, PHASE, imported.map((row) => row.symbol), imported.map((row) => row.imported)],
  );
}

/** Ends symbols and moves the run's progress on by as many as this attempt still owned. */
export async function finishSymbols(
  client: pg.ClientBase,
  runId: string,
  attempt: number,
  outcomes: readonly SymbolOutcome[],
  estimatedCompletion: Date,
): Promise<void> {
  if (outcomes.length === 0) return;
  const ended = await client.query<{ failed: boolean }>(
    `UPDATE symbol_processing_status s
        SET status = CASE WHEN a.code IS NULL THEN 'completed' ELSE 'failed' END, processing_time_ms = a.ms,
            error_code = a.code, error_message = a.message, completed_at = now(), updated_at = now()
       FROM unnest($4::text[], $5::integer[], $6::text[], $7::text[]) AS a(symbol, ms, code, message)
      WHERE s.run_id = $1 AND s.phase = $2 AND s.attempt = $3 AND s.symbol = a.symbol AND s.status = 'in_progress'
      RETURNING a.code IS NOT NULL AS failed`,
    [
      runId,
      PHASE,
      attempt,
      outcomes.map((outcome) => outcome.symbol),
      outcomes.map((outcome) => Math.round(outcome.processingTimeMs)),
      outcomes.map((outcome) => outcome.failure?.code ?? null),
      outcomes.map((outcome) => outcome.failure?.message ?? null),
    ],
  );
  if (ended.rows.length === 0) return;
  const failed = ended.rows.filter((row) => row.failed).length;
  await client.query(
    `UPDATE processing_progress
        SET completed_items = completed_items + $3, failed_items = failed_items + $4,
            percent_complete = floor((completed_items + failed_items + $3 + $4) * 10000.0 / total_items) / 100,
            current_item = $5, estimated_completion = $6, updated_at = now()
      WHERE run_id = $1 AND phase = $2`,
    [runId, PHASE, ended.rows.length - failed, failed, outcomes.at(-1)?.symbol, estimatedCompletion],
  );
}

/** Ends a run; symbols it leaves unworked go back to pending. Adds the requests of this attempt. */
export async function finishRun(
  client: pg.ClientBase,
  runId: string,
  end: {
    status: RunStatus;
    requests: number;
    bytes: number;
    at: Date;
    errorCode?: ErrorCode;
    errorMessage?: string;
  },
): Promise<void> {
  await client.query(
    `UPDATE processing_runs
        SET status = $2, requests = requests + $3, bytes = bytes + $4, error_code = $5, error_message = $6, completed_at = now()
      WHERE run_id = $1`,
    [runId, end.status, end.requests, end.bytes, end.errorCode ?? null, end.errorMessage ?? null],
  );
  await client.query(
    `UPDATE processing_progress SET estimated_completion = $3, updated_at = now() WHERE run_id = $1 AND phase = $2`,
    [runId, PHASE, end.at],
  );
  await client.query(
    `UPDATE symbol_processing_status SET status = 'pending', updated_at = now()
      WHERE run_id = $1 AND phase = $2 AND status = 'in_progress'`,
    [runId, PHASE],
  );
}

/**
 * Opens attempt n+1 over failed symbols, which become pending with one more retry counted, and over symbols an
 * earlier attempt did not get to. Returns the attempt.
 * @throws AppError CONFIG_INVALID when the run is in progress: of two retries at once one is refused.
 */
export async function reopenRun(
  client: pg.ClientBase,
  runId: string,
  symbols: readonly string[],
): Promise<number> {
  const run = await client.query<{ attempt: number }>(
    `UPDATE processing_runs SET status = 'in_progress', attempt = attempt + 1, error_code = NULL, error_message = NULL, completed_at = NULL
      WHERE run_id = $1 AND status <> 'in_progress' RETURNING attempt`,
    [runId],
  );
  const attempt = run.rows[0]?.attempt;
  if (attempt === undefined)
    throw usageError(`Run ${runId} is in progress: it can be retried when it has ended.`);
  // The self-join keeps the old status, which RETURNING alone cannot tell before PostgreSQL 18.
  const reopened = await client.query<{ failed: boolean }>(
    `UPDATE symbol_processing_status s
        SET status = 'pending', attempt = $3, retry_count = s.retry_count + (old.status = 'failed')::integer,
            error_code = NULL, error_message = NULL, processing_time_ms = NULL, completed_at = NULL, updated_at = now()
       FROM symbol_processing_status old
      WHERE s.run_id = $1 AND s.phase = $2 AND s.symbol = ANY($4::text[]) AND s.status IN ('failed', 'pending')
        AND old.run_id = s.run_id AND old.phase = s.phase AND old.symbol = s.symbol
      RETURNING old.status = 'failed' AS failed`,
    [runId, PHASE, attempt, symbols],
  );
  const failed = reopened.rows.filter((row) => row.failed).length;
  await client.query(
    `UPDATE processing_progress
        SET failed_items = failed_items - $3, current_item = $4, updated_at = now(),
            percent_complete = floor((completed_items + failed_items - $3) * 10000.0 / total_items) / 100
      WHERE run_id = $1 AND phase = $2`,
    [runId, PHASE, failed, symbols[0]],
  );
  return attempt;
}

/** A run by its id, or the newest one without; null when there is none. */
export async function findRun(client: pg.ClientBase | pg.Pool, runId?: string): Promise<Run | null> {
  const result = await client.query<Run & { records: Records }>(
    `SELECT r.run_id AS "runId", r.status, r.attempt, r.request, r.total_symbols AS "totalSymbols",
            p.completed_items AS completed, p.failed_items AS failed, p.percent_complete AS percentage,
            p.current_item AS "currentSymbol", p.estimated_completion AS "estimatedCompletion",
            json_build_object('imported', r.records_imported, 'new', r.records_new, 'changed', r.records_changed,
                              'unchanged', r.records_unchanged, 'rejected', r.records_rejected) AS records,
            r.requests, r.bytes::double precision AS bytes, r.error_code AS "errorCode", r.error_message AS "errorMessage",
            r.created_at AS "createdAt", r.completed_at AS "completedAt"
       FROM processing_runs r JOIN processing_progress p ON p.run_id = r.run_id AND p.phase = $2
      WHERE $1::text IS NULL OR r.run_id = $1
      ORDER BY r.created_at DESC LIMIT 1`,
    [runId ?? null, PHASE],
  );
  return result.rows[0] ?? null;
}

/** A run that must exist. @throws AppError INTERNAL when it does not. */
export async function getRun(client: pg.ClientBase | pg.Pool, runId: string): Promise<Run> {
  const run = await findRun(client, runId);
  if (run === null) throw new AppError('INTERNAL', `Run ${runId} has vanished from the database.`);
  return run;
}

/** The failed symbols of a run, by symbol. */
export async function listFailedSymbols(
  client: pg.ClientBase | pg.Pool,
  runId: string,
): Promise<FailedSymbol[]> {
  const result = await client.query<FailedSymbol>(
    `SELECT symbol, error_code AS "errorCode", error_message AS "errorMessage", retry_count AS "retryCount"
       FROM symbol_processing_status WHERE run_id = $1 AND phase = $2 AND status = 'failed' ORDER BY symbol`,
    [runId, PHASE],
  );
  return result.rows;
}

/** The symbols an ended run did not get to, by symbol. */
export async function listUntriedSymbols(client: pg.ClientBase | pg.Pool, runId: string): Promise<string[]> {
  const result = await client.query<{ symbol: string }>(
    `SELECT symbol FROM symbol_processing_status WHERE run_id = $1 AND phase = $2 AND status = 'pending' ORDER BY symbol`,
    [runId, PHASE],
  );
  return result.rows.map(({ symbol }) => symbol);
}

/** Unexplained absences among a run's symbols inside its windows. */
export async function countGaps(
  client: pg.ClientBase | pg.Pool,
  runId: string,
  windows: Windows,
): Promise<number> {
  const daily = [windows.daily, windows.weekly, windows.monthly].filter((window) => window !== undefined);
  const earliest = daily.map((window) => window.from).toSorted()[0] ?? null;
  const result = await client.query<{ gaps: number }>(
    `SELECT count(*)::integer AS gaps
       FROM absences a JOIN symbol_processing_status s ON s.symbol = a.symbol
      WHERE s.run_id = $1 AND s.phase = $2 AND a.reason = 'unexplained'
        AND (a.timeframe = 'daily' AND a.session BETWEEN $3::date AND $4::date
             OR a.timeframe = 'hourly' AND a.session BETWEEN $5::date AND $6::date)`,
    [runId, PHASE, earliest, daily[0]?.to ?? null, windows.hourly?.from ?? null, windows.hourly?.to ?? null],
  );
  return result.rows[0]?.gaps ?? 0;
}
