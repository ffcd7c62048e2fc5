import type pg from 'pg';
import type { ErrorCode } from '../errors.ts';
import { PHASE } from './read-runs.ts';
import type { SymbolOutcome } from './runs.ts';

export type SymbolStatus = 'pending' | 'in_progress' | 'completed' | 'failed';

/** A symbol of a run. */
export interface RunSymbol {
  readonly symbol: string;
  readonly status: SymbolStatus;
  readonly attempt: number;
  readonly retryCount: number;
  readonly recordsImported: number;
  readonly processingTimeMs: number | null;
  readonly errorCode: ErrorCode | null;
  readonly errorMessage: string | null;
  readonly startedAt: Date | null;
  readonly completedAt: Date | null;
}

/** Failed ones first, then those a person retried most, then those that took longest. */
const byTrouble = `(status <> 'failed')::integer, -retry_count, -coalesce(processing_time_ms, 0), symbol`;

/** A run's symbols by symbol or by trouble, perhaps of one status or with a text in their names, after one. */
export async function listRunSymbols(
  client: pg.ClientBase | pg.Pool,
  runId: string,
  query: {
    status?: SymbolStatus | undefined;
    find?: string | undefined;
    order: 'symbol' | 'trouble';
    after?: string | undefined;
    limit: number;
  },
): Promise<RunSymbol[]> {
  const order = query.order === 'trouble' ? byTrouble : 'symbol';
  const { rows } = await client.query<RunSymbol>(
    `SELECT symbol, status, attempt, retry_count AS "retryCount", records_imported::double precision AS "recordsImported",
            processing_time_ms AS "processingTimeMs", error_code AS "errorCode", error_message AS "errorMessage",
            started_at AS "startedAt", completed_at AS "completedAt"
       FROM symbol_processing_status
      WHERE run_id = $1 AND phase = $2 AND ($3::text IS NULL OR status = $3) AND ($4::text IS NULL OR strpos(lower(symbol), lower($4)) > 0)
        AND ($5::text IS NULL OR (${order}) > (SELECT ${order} FROM symbol_processing_status
                                                WHERE run_id = $1 AND phase = $2 AND symbol = $5))
      ORDER BY ${order} LIMIT $6`,
    [runId, PHASE, query.status ?? null, query.find ?? null, query.after ?? null, query.limit],
  );
  return rows;
}

/** The symbols of living runs that have not ended. */
export async function countQueuedSymbols(client: pg.ClientBase | pg.Pool): Promise<number> {
  const { rows } = await client.query<{ queued: number }>(
    `SELECT coalesce(sum(p.total_items - p.completed_items - p.failed_items), 0)::integer AS queued
       FROM processing_runs r JOIN processing_progress p ON p.run_id = r.run_id AND p.phase = $1
      WHERE r.status = 'in_progress'`,
    [PHASE],
  );
  return rows[0]?.queued ?? 0;
}

/** All symbols of a run, by symbol. */
export async function listAllSymbols(client: pg.ClientBase | pg.Pool, runId: string): Promise<string[]> {
  const { rows } = await client.query<{ symbol: string }>(
    'SELECT symbol FROM symbol_processing_status WHERE run_id = $1 AND phase = $2 ORDER BY symbol',
    [runId, PHASE],
  );
  return rows.map(({ symbol }) => symbol);
}

/** The symbols of a run whose processes died while they worked on them, and how often that happened. */
export async function readLostWorkers(
  client: pg.ClientBase | pg.Pool,
  runId: string,
): Promise<Map<string, number>> {
  const { rows } = await client.query<{ symbol: string; lost: number }>(
    'SELECT symbol, lost_workers AS lost FROM symbol_processing_status WHERE run_id = $1 AND phase = $2 AND lost_workers > 0',
    [runId, PHASE],
  );
  return new Map(rows.map(({ symbol, lost }) => [symbol, lost]));
}

/** Those of some symbols of a run that have ended. */
export async function listEnded(
  client: pg.ClientBase | pg.Pool,
  runId: string,
  symbols: readonly string[],
): Promise<Pick<SymbolOutcome, 'symbol' | 'processingTimeMs' | 'failure'>[]> {
  const { rows } = await client.query<{
    symbol: string;
    ms: number;
    code: ErrorCode | null;
    message: string;
  }>(
    `SELECT symbol, coalesce(processing_time_ms, 0) AS ms, error_code AS code, error_message AS message
       FROM symbol_processing_status
      WHERE run_id = $1 AND phase = $2 AND symbol = ANY($3::text[]) AND status IN ('completed', 'failed')`,
    [runId, PHASE, symbols],
  );
  return rows.map(({ symbol, ms, code, message }) => ({
    symbol,
    processingTimeMs: ms,
    failure: code === null ? null : { code, message },
  }));
}

/** The symbols of a run that a worker of the fleet has in work. */
export async function listTaken(client: pg.ClientBase | pg.Pool, runId: string): Promise<string[]> {
  const { rows } = await client.query<{ symbol: string }>(
    `SELECT symbol FROM symbol_processing_status WHERE run_id = $1 AND phase = $2 AND status = 'in_progress' AND taken_by IS NOT NULL`,
    [runId, PHASE],
  );
  return rows.map(({ symbol }) => symbol);
}

/** Whoever had symbol `s` is silent; a living worker may have given it up for want of a database. */
const takerDied = `taken_by IS NOT NULL AND NOT EXISTS (
  SELECT FROM workers w WHERE w.worker = taken_by AND w.seen_at > now() - interval '5 seconds')`;

/**
 * Takes a symbol that is in work for a worker, which may be the second to have it: how many workers it has lost; null
 * when it has ended, was answered, or belongs to another attempt.
 */
export async function takeSymbol(
  client: pg.ClientBase,
  of: { readonly runId: string; readonly attempt: number; readonly symbol: string; readonly worker: string },
): Promise<number | null> {
  const { rows } = await client.query<{ lost: number }>(
    `UPDATE symbol_processing_status s
        SET lost_workers = lost_workers + (${takerDied})::integer, taken_by = $5
      WHERE run_id = $1 AND phase = $2 AND attempt = $3 AND symbol = $4 AND status = 'in_progress'
        AND NOT EXISTS (SELECT FROM run_answers a WHERE a.run_id = s.run_id AND a.item = s.symbol)
      RETURNING lost_workers AS lost`,
    [of.runId, PHASE, of.attempt, of.symbol, of.worker],
  );
  return rows[0]?.lost ?? null;
}

/** Gives back a symbol that its worker did not get done, without blame. */
export async function giveBackSymbol(
  client: pg.ClientBase | pg.Pool,
  runId: string,
  symbol: string,
): Promise<void> {
  await client.query(
    'UPDATE symbol_processing_status SET taken_by = NULL WHERE run_id = $1 AND phase = $2 AND symbol = $3',
    [runId, PHASE, symbol],
  );
}

/** How many workers a symbol of a run has lost, the one included that has it without a sign of life. */
export async function countLost(
  client: pg.ClientBase | pg.Pool,
  runId: string,
  symbol: string,
): Promise<number> {
  const { rows } = await client.query<{ lost: number }>(
    `SELECT lost_workers + (${takerDied})::integer AS lost FROM symbol_processing_status WHERE run_id = $1 AND phase = $2 AND symbol = $3`,
    [runId, PHASE, symbol],
  );
  return rows[0]?.lost ?? 0;
}
