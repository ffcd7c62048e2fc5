import type pg from 'pg';
import { AppError, type ErrorCode } from '../errors.ts';
import type { DateRange, IsoDate } from '../market/date.ts';
import type { Timeframe } from '../market/timeframe.ts';
import type { Windows } from '../market/imported-bars.ts';

/** The one phase this pipeline has so far, as the guide's queries name it. */
export const PHASE = 'data_import';

export type RunStatus =
  | 'pending'
  | 'in_progress'
  | 'paused'
  | 'parked'
  | 'completed'
  | 'failed'
  | 'cancelled';

/** Whether a person or the schedule asked for a run. */
export type Trigger = 'manual' | 'automatic';

/** What a run was asked to do, resolved once at its start. */
export interface RunRequest {
  readonly universes: readonly string[];
  readonly timeframes: readonly Timeframe[];
  readonly windows: Windows;
  /** Everything was asked for again. */
  readonly refresh?: boolean;
  /** The dates asked for; absent for a lookback. */
  readonly dates?: DateRange;
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
  /** What `requests` comes to when the attempt has done as planned, with the later pages so far; null of runs of old. */
  readonly requestsPlanned: number | null;
  readonly bytes: number;
  readonly errorCode: ErrorCode | null;
  readonly errorMessage: string | null;
  readonly createdAt: Date;
  readonly completedAt: Date | null;
  readonly trigger: Trigger;
  /** Of a daily run: the session it is for. */
  readonly session: IsoDate | null;
}

export interface Records {
  readonly imported: number;
  readonly new: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly rejected: number;
}

export interface FailedSymbol {
  readonly symbol: string;
  readonly errorCode: ErrorCode;
  readonly errorMessage: string;
  readonly retryCount: number;
}

export interface RunProgress {
  readonly totalSymbols: number;
  /** Successes. */
  readonly completed: number;
  readonly failed: number;
  readonly percentage: number;
  readonly currentSymbol: string;
  readonly estimatedCompletion: Date;
  /** Mean over the symbols ended, whole; 0 before the first. */
  readonly avgProcessingTimeMs: number;
}

/** Of `processing_progress p`. */
export const progressColumns = `
  p.total_items AS "totalSymbols", p.completed_items AS completed, p.failed_items AS failed,
  p.percent_complete AS percentage, p.current_item AS "currentSymbol", p.estimated_completion AS "estimatedCompletion",
  coalesce(round(p.processing_ms::double precision / nullif(p.completed_items + p.failed_items, 0)), 0) AS "avgProcessingTimeMs"`;

/** Where a recorded run stands. */
export async function readProgress(
  client: pg.ClientBase | pg.Pool,
  runId: string,
): Promise<RunProgress | null> {
  const { rows } = await client.query<RunProgress>(
    `SELECT ${progressColumns} FROM processing_progress p WHERE p.run_id = $1 AND p.phase = $2`,
    [runId, PHASE],
  );
  return rows[0] ?? null;
}

const selectRun = `
  SELECT r.run_id AS "runId", r.status, r.attempt, r.request, r.total_symbols AS "totalSymbols",
         p.completed_items AS completed, p.failed_items AS failed, p.percent_complete AS percentage,
         p.current_item AS "currentSymbol", p.estimated_completion AS "estimatedCompletion",
         json_build_object('imported', r.records_imported, 'new', r.records_new, 'changed', r.records_changed,
                           'unchanged', r.records_unchanged, 'rejected', r.records_rejected) AS records,
         r.requests, r.requests_planned AS "requestsPlanned", r.bytes::double precision AS bytes, r.error_code AS "errorCode", r.error_message AS "errorMessage",
         r.created_at AS "createdAt", r.completed_at AS "completedAt", r.trigger_type AS trigger, r.session::text AS session
    FROM processing_runs r JOIN processing_progress p ON p.run_id = r.run_id AND p.phase = '${PHASE}'`;

/** A run by its id, or the newest one without; null when there is none. */
export async function findRun(client: pg.ClientBase | pg.Pool, runId?: string): Promise<Run | null> {
  const result = await client.query<Run>(
    `${selectRun} WHERE $1::text IS NULL OR r.run_id = $1 ORDER BY r.created_at DESC LIMIT 1`,
    [runId ?? null],
  );
  return result.rows[0] ?? null;
}

/** Run `r` has it in its id, what was asked of it or its error, or is of a symbol of that name. */
const has = (text: string): string => `(
  strpos(lower(concat_ws(' ', r.run_id, r.request ->> 'universes', r.request ->> 'timeframes', r.session, r.error_code, r.error_message)), lower(${text})) > 0
  OR EXISTS (SELECT FROM symbol_processing_status s WHERE s.run_id = r.run_id AND s.phase = '${PHASE}' AND s.symbol = upper(${text})))`;

/** Runs, the newest first, of what the query names; `before` is the id of the last one of the page before. */
export async function listRuns(
  client: pg.ClientBase | pg.Pool,
  query: {
    status?: RunStatus | undefined;
    trigger?: Trigger | undefined;
    /** Among those it was asked for. */
    universe?: string | undefined;
    find?: string | undefined;
    before?: string | undefined;
    limit: number;
  },
): Promise<Run[]> {
  const { rows } = await client.query<Run>(
    `${selectRun}
      WHERE ($1::text IS NULL OR r.status = $1) AND ($2::text IS NULL OR r.trigger_type = $2)
        AND ($3::text IS NULL OR (r.created_at, r.run_id) < (SELECT created_at, run_id FROM processing_runs WHERE run_id = $3))
        AND ($4::text IS NULL OR r.request -> 'universes' ? $4) AND ($5::text IS NULL OR ${has('$5')})
      ORDER BY r.created_at DESC, r.run_id DESC LIMIT $6`,
    [
      query.status ?? null,
      query.trigger ?? null,
      query.before ?? null,
      query.universe ?? null,
      query.find ?? null,
      query.limit,
    ],
  );
  return rows;
}

/** Where a run stands, with its failed symbols, as one moment saw it. */
export interface RunStatusRow extends RunProgress {
  readonly status: RunStatus;
  readonly attempt: number;
  readonly recordsImported: number;
  readonly requests: number;
  readonly requestsPlanned: number | null;
  /** By symbol. */
  readonly failedSymbols: string[];
  readonly errorCode: ErrorCode | null;
  readonly errorMessage: string | null;
}

/** Null when there is no such run. */
export async function readRunStatus(
  client: pg.ClientBase | pg.Pool,
  runId: string,
): Promise<RunStatusRow | null> {
  const { rows } = await client.query<RunStatusRow>(
    `SELECT r.status, r.attempt, r.records_imported::double precision AS "recordsImported",
            r.requests, r.requests_planned AS "requestsPlanned", ${progressColumns},
            r.error_code AS "errorCode", r.error_message AS "errorMessage",
            ARRAY (SELECT symbol FROM symbol_processing_status s
                    WHERE s.run_id = r.run_id AND s.phase = p.phase AND s.status = 'failed' ORDER BY symbol) AS "failedSymbols"
       FROM processing_runs r JOIN processing_progress p ON p.run_id = r.run_id AND p.phase = $2
      WHERE r.run_id = $1`,
    [runId, PHASE],
  );
  return rows[0] ?? null;
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
