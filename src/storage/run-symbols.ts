import type pg from 'pg';
import type { ErrorCode } from '../errors.ts';
import { PHASE } from './read-runs.ts';

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

/** A run's symbols by symbol, perhaps of one status, after one. */
export async function listRunSymbols(
  client: pg.ClientBase | pg.Pool,
  runId: string,
  query: { status?: SymbolStatus | undefined; after?: string | undefined; limit: number },
): Promise<RunSymbol[]> {
  const { rows } = await client.query<RunSymbol>(
    `SELECT symbol, status, attempt, retry_count AS "retryCount", records_imported::double precision AS "recordsImported",
            processing_time_ms AS "processingTimeMs", error_code AS "errorCode", error_message AS "errorMessage",
            started_at AS "startedAt", completed_at AS "completedAt"
       FROM symbol_processing_status
      WHERE run_id = $1 AND phase = $2 AND ($3::text IS NULL OR status = $3) AND ($4::text IS NULL OR symbol > $4)
      ORDER BY symbol LIMIT $5`,
    [runId, PHASE, query.status ?? null, query.after ?? null, query.limit],
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
