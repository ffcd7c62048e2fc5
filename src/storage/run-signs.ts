import type pg from 'pg';
import type { IsoDate } from '../market/date.ts';
import type { Timeframe } from '../market/timeframe.ts';
import { PHASE } from './read-runs.ts';

/** A run without a sign of life for this long has lost its process. */
const SILENCE_SECONDS = 30;

const isAlive = `heartbeat_at > now() - interval '${SILENCE_SECONDS} seconds'`;

/** Gives a sign of life of an attempt; what was asked of it meanwhile. `owned` is false when the run is no longer its. */
export async function beat(
  client: pg.ClientBase | pg.Pool,
  runId: string,
  attempt: number,
): Promise<{ owned: boolean; cancelRequested: boolean }> {
  const { rows } = await client.query<{ cancelRequested: boolean }>(
    `UPDATE processing_runs SET heartbeat_at = now()
      WHERE run_id = $1 AND attempt = $2 AND status = 'in_progress' RETURNING cancel_requested AS "cancelRequested"`,
    [runId, attempt],
  );
  return { owned: rows.length > 0, cancelRequested: rows[0]?.cancelRequested ?? false };
}

/** Asks whoever works on a run to stop; false when it is not in progress. */
export async function requestCancel(client: pg.ClientBase | pg.Pool, runId: string): Promise<boolean> {
  const { rowCount } = await client.query(
    `UPDATE processing_runs SET cancel_requested = true WHERE run_id = $1 AND status = 'in_progress'`,
    [runId],
  );
  return rowCount === 1;
}

/** Parks the runs whose process has died, so that they can be tried again, but those known to be `alive`; their ids and attempts. */
export async function parkDeadRuns(
  client: pg.ClientBase,
  message: string,
  alive: readonly string[],
): Promise<{ runId: string; attempt: number }[]> {
  const { rows } = await client.query<{ runId: string; attempt: number }>(
    `UPDATE processing_runs SET status = 'parked', error_code = 'INTERNAL', error_message = $1, completed_at = now()
      WHERE status = 'in_progress' AND (${isAlive}) IS NOT TRUE AND run_id <> ALL($2)
      RETURNING run_id AS "runId", attempt`,
    [message, alive],
  );
  if (rows.length === 0) return rows;
  await client.query(
    `UPDATE symbol_processing_status SET status = 'pending', updated_at = now()
      WHERE run_id = ANY($1) AND phase = $2 AND status = 'in_progress'`,
    [rows.map(({ runId }) => runId), PHASE],
  );
  return rows;
}

/** A living run that fetches some of these symbols in some of these timeframes; null when none does. */
export async function findOverlap(
  client: pg.ClientBase,
  symbols: readonly string[],
  timeframes: readonly Timeframe[],
): Promise<{ runId: string; symbols: number } | null> {
  const { rows } = await client.query<{ runId: string; symbols: number }>(
    `SELECT r.run_id AS "runId", count(*)::integer AS symbols
       FROM processing_runs r JOIN symbol_processing_status s ON s.run_id = r.run_id AND s.phase = $3
      WHERE r.status = 'in_progress' AND ${isAlive.replace('heartbeat_at', 'r.heartbeat_at')}
        AND s.status IN ('pending', 'in_progress') AND s.symbol = ANY($1::text[]) AND s.timeframes && $2::text[]
      GROUP BY r.run_id ORDER BY r.run_id LIMIT 1`,
    [symbols, timeframes, PHASE],
  );
  return rows[0] ?? null;
}

/** The daily run under way; null when there is none. */
export async function findActiveDailyRun(
  client: pg.ClientBase | pg.Pool,
): Promise<{ runId: string; session: IsoDate } | null> {
  const { rows } = await client.query<{ runId: string; session: IsoDate }>(
    `SELECT run_id AS "runId", session::text AS session FROM processing_runs
      WHERE status = 'in_progress' AND session IS NOT NULL AND ${isAlive} LIMIT 1`,
  );
  return rows[0] ?? null;
}

/** Makes one start of a run wait for another's, so that of two that overlap the second sees the first. */
export async function takeTurnToStart(client: pg.ClientBase): Promise<void> {
  await client.query("SELECT pg_advisory_xact_lock(hashtext('tickstock start'), hashtext(current_schema()))");
}
