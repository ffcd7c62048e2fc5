import type pg from 'pg';
import type { IsoDate } from '../market/date.ts';
import type { Timeframe } from '../market/timeframe.ts';
import { lockCoverageInWork } from './coverage.ts';
import { PHASE, type RunRequest } from './read-runs.ts';
import { releaseSymbols } from './runs.ts';

/** A run without a sign of life for this long counts as nobody's where a single look must do. */
const SILENCE_SECONDS = 10;

/** Somebody works on a row of processing_runs that is in progress. */
export const isAlive = `heartbeat_at > now() - interval '${SILENCE_SECONDS} seconds'`;

/** Who owns a run, and what is asked of whoever works on it; null when there is no such run. */
export async function readSign(
  client: pg.ClientBase | pg.Pool,
  runId: string,
): Promise<{ attempt: number; status: string; stopRequested: StopRequest | null } | null> {
  const { rows } = await client.query<{ attempt: number; status: string; stopRequested: StopRequest | null }>(
    'SELECT attempt, status, stop_requested AS "stopRequested" FROM processing_runs WHERE run_id = $1',
    [runId],
  );
  return rows[0] ?? null;
}

/** What can be asked of whoever works on a run. */
export type StopRequest = 'cancel' | 'pause';

/** Gives a sign of life of an attempt; what was asked of it meanwhile. `isOwner` is false when the run is no longer its. */
export async function beat(
  client: pg.ClientBase | pg.Pool,
  runId: string,
  attempt: number,
): Promise<{ isOwner: boolean; stopRequested: StopRequest | null }> {
  const { rows } = await client.query<{ stopRequested: StopRequest | null }>(
    `UPDATE processing_runs SET heartbeat_at = now()
      WHERE run_id = $1 AND attempt = $2 AND status = 'in_progress' RETURNING stop_requested AS "stopRequested"`,
    [runId, attempt],
  );
  return { isOwner: rows.length > 0, stopRequested: rows[0]?.stopRequested ?? null };
}

/** Asks whoever works on a run to stop; false when it is not in progress. A cancellation is not taken back by a pause. */
export async function requestStop(
  client: pg.ClientBase | pg.Pool,
  runId: string,
  stop: StopRequest,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `UPDATE processing_runs SET stop_requested = CASE WHEN stop_requested = 'cancel' THEN stop_requested ELSE $2 END
      WHERE run_id = $1 AND status = 'in_progress'`,
    [runId, stop],
  );
  return rowCount === 1;
}

/** Cancels, or pauses, a run that waits to go on and nobody works on; false when it does not wait. */
export async function stopWaitingRun(
  client: pg.ClientBase,
  runId: string,
  stop: StopRequest,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `UPDATE processing_runs SET status = $2, goes_on = false
      WHERE run_id = $1 AND (status = 'parked' OR status = 'paused' AND $2 = 'cancelled')`,
    [runId, stop === 'cancel' ? 'cancelled' : 'paused'],
  );
  if (rowCount === 0) return false;
  await client.query('UPDATE scheduled_sessions SET retry_at = NULL WHERE run_id = $1', [runId]);
  return true;
}

/** A run that somebody should be working on. */
export interface OpenRun {
  readonly runId: string;
  readonly attempt: number;
  /** Another one at every sign of life; null for a run whose process was told to stop. */
  readonly sign: string | null;
  /** Silent for so long, by the database's clock, that a single look may do. */
  readonly isStale: boolean;
}

/** The runs in progress, and those parked by a process that was told to stop. */
export async function listOpenRuns(client: pg.ClientBase | pg.Pool): Promise<OpenRun[]> {
  const { rows } = await client.query<OpenRun>(
    `SELECT run_id AS "runId", attempt, CASE WHEN status = 'in_progress' THEN ${sign} END AS sign, (${isAlive}) IS NOT TRUE AS "isStale"
       FROM processing_runs WHERE status = 'in_progress' OR status = 'parked' AND goes_on ORDER BY created_at, run_id`,
  );
  return rows;
}

const sign = `coalesce(heartbeat_at::text, 'none')`;

/** A run in progress that was asked for the same of the same symbols; null when there is none. */
export async function findSameRun(
  client: pg.ClientBase | pg.Pool,
  request: RunRequest,
  symbols: readonly string[],
): Promise<string | null> {
  const { rows } = await client.query<{ runId: string }>(
    `SELECT run_id AS "runId" FROM processing_runs r
      WHERE status = 'in_progress' AND request = $1::jsonb AND total_symbols = $2
        AND NOT EXISTS (SELECT FROM unnest($3::text[]) AS wanted(symbol)
                         WHERE NOT EXISTS (SELECT FROM symbol_processing_status s
                                            WHERE s.run_id = r.run_id AND s.phase = $4 AND s.symbol = wanted.symbol))
      ORDER BY created_at LIMIT 1`,
    [request, symbols.length, symbols, PHASE],
  );
  return rows[0]?.runId ?? null;
}

/** The run $1 as it was when attempt $2 had given sign $3. */
const asSeen = `run_id = $1 AND attempt = $2
  AND CASE WHEN $3::text IS NULL THEN status = 'parked' AND goes_on ELSE status = 'in_progress' AND ${sign} = $3 END`;

/**
 * Makes a run nobody works on the next attempt's; false when it has given a sign of life since, or somebody else was
 * faster. Its symbols in work become pending.
 */
export async function takeOver(client: pg.ClientBase, open: OpenRun): Promise<boolean> {
  await lockCoverageInWork(client, open.runId);
  const { rowCount } = await client.query(
    `UPDATE processing_runs SET status = 'in_progress', attempt = attempt + 1, heartbeat_at = now(), goes_on = false,
            error_code = NULL, error_message = NULL, completed_at = NULL WHERE ${asSeen}`,
    [open.runId, open.attempt, open.sign],
  );
  if (rowCount === 0) return false;
  await releaseLost(client, open.runId);
  await client.query(
    `UPDATE symbol_processing_status SET attempt = $3 WHERE run_id = $1 AND phase = $2 AND status = 'pending'`,
    [open.runId, PHASE, open.attempt + 1],
  );
  return true;
}

/** Parks a run nobody works on; false when it has given a sign of life since, or somebody else was faster. */
export async function parkDeadRun(client: pg.ClientBase, open: OpenRun, message: string): Promise<boolean> {
  await lockCoverageInWork(client, open.runId);
  const { rowCount } = await client.query(
    `UPDATE processing_runs SET status = 'parked', error_code = 'INTERNAL', error_message = $4, completed_at = now() WHERE ${asSeen}`,
    [open.runId, open.attempt, open.sign, message],
  );
  if (rowCount === 1) await releaseLost(client, open.runId);
  return rowCount === 1;
}

/** Frees the symbols of a dead process, and counts against those with requests of their own in work that it died. */
async function releaseLost(client: pg.ClientBase, runId: string): Promise<void> {
  await client.query(
    `UPDATE symbol_processing_status SET lost_workers = lost_workers + 1
      WHERE run_id = $1 AND phase = $2 AND status = 'in_progress' AND own_requests AND taken_by IS NULL
        AND NOT EXISTS (SELECT FROM run_answers a WHERE a.run_id = $1 AND a.item = symbol)`,
    [runId, PHASE],
  );
  await releaseSymbols(client, runId);
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
