import type pg from 'pg';
import type { IsoDate } from '../market/date.ts';
import type { Timeframe } from '../market/timeframe.ts';
import { PHASE } from './read-runs.ts';

/** The nightly import as it is set. */
export interface Schedule {
  readonly enabled: boolean;
  /** After the close of each session. */
  readonly delayMinutes: number;
  readonly universes: readonly string[];
  readonly timeframes: readonly Timeframe[];
  /** Sessions that were due before are not caught up on. */
  readonly enabledSince: Date;
}

const columns = `enabled, delay_minutes AS "delayMinutes", universes, timeframes, enabled_since AS "enabledSince"`;

/** The schedule; a new database gets the one given. */
export async function readSchedule(client: pg.ClientBase | pg.Pool, initial: Schedule): Promise<Schedule> {
  const found = await client.query<Schedule>(`SELECT ${columns} FROM schedule`);
  if (found.rows[0] !== undefined) return found.rows[0];
  await client.query(
    `INSERT INTO schedule (enabled, delay_minutes, universes, timeframes, enabled_since)
     VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
    [initial.enabled, initial.delayMinutes, initial.universes, initial.timeframes, initial.enabledSince],
  );
  return readSchedule(client, initial);
}

/** Makes the schedule what is given. */
export async function writeSchedule(client: pg.ClientBase, schedule: Schedule): Promise<void> {
  await client.query(
    `UPDATE schedule SET enabled = $1, delay_minutes = $2, universes = $3, timeframes = $4, enabled_since = $5, updated_at = now()`,
    [schedule.enabled, schedule.delayMinutes, schedule.universes, schedule.timeframes, schedule.enabledSince],
  );
}

/** Marks a session as acted on; false when it is already, by whichever process. */
export async function claimSession(
  client: pg.ClientBase | pg.Pool,
  claim: { session: IsoDate; runId: string | null; skipped: string | null; at: Date },
): Promise<boolean> {
  const { rowCount } = await client.query(
    `INSERT INTO scheduled_sessions (session, run_id, skipped, fired_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
    [claim.session, claim.runId, claim.skipped, claim.at],
  );
  return rowCount === 1;
}

export async function isClaimed(client: pg.ClientBase | pg.Pool, session: IsoDate): Promise<boolean> {
  const { rows } = await client.query('SELECT FROM scheduled_sessions WHERE session = $1', [session]);
  return rows.length > 0;
}

/** Has a session's run tried again at an instant, given how often it was so far; null: not again. */
export async function planRetry(
  client: pg.ClientBase | pg.Pool,
  runId: string,
  at: (retries: number) => Date | null,
): Promise<void> {
  const { rows } = await client.query<{ retries: number }>(
    'SELECT retries FROM scheduled_sessions WHERE run_id = $1 FOR UPDATE',
    [runId],
  );
  const retries = rows[0]?.retries;
  if (retries === undefined) return;
  await client.query('UPDATE scheduled_sessions SET retry_at = $2, retries = retries + 1 WHERE run_id = $1', [
    runId,
    at(retries),
  ]);
}

/** Takes the runs whose retry is due, each once over all processes. */
export async function takeDueRetries(client: pg.ClientBase | pg.Pool, now: Date): Promise<string[]> {
  const { rows } = await client.query<{ runId: string }>(
    `UPDATE scheduled_sessions SET retry_at = NULL WHERE retry_at <= $1 RETURNING run_id AS "runId"`,
    [now],
  );
  return rows.map(({ runId }) => runId);
}

/** When the next retry is due; null when none is planned. */
export async function nextRetryAt(client: pg.ClientBase | pg.Pool): Promise<Date | null> {
  const { rows } = await client.query<{ at: Date | null }>(
    'SELECT min(retry_at) AS at FROM scheduled_sessions',
  );
  return rows[0]?.at ?? null;
}

/** A daily run, or a session that had none, as the dashboard lists it. */
export interface DailyRun {
  readonly runId: string | null;
  readonly session: IsoDate;
  readonly status: string;
  readonly seconds: number | null;
  readonly processed: number;
  readonly failed: number;
  readonly trigger: string;
  readonly skipped: string | null;
}

/** The newest daily runs and skipped sessions first. */
export async function listDailyRuns(client: pg.ClientBase | pg.Pool, limit: number): Promise<DailyRun[]> {
  const { rows } = await client.query<DailyRun>(
    `SELECT r.run_id AS "runId", r.session::text AS session, r.status,
            extract(epoch FROM r.completed_at - r.started_at)::double precision AS seconds,
            p.completed_items + p.failed_items AS processed, p.failed_items AS failed,
            r.trigger_type AS trigger, NULL AS skipped, r.created_at AS at
       FROM processing_runs r JOIN processing_progress p ON p.run_id = r.run_id AND p.phase = $2
      WHERE r.session IS NOT NULL
     UNION ALL
     SELECT NULL, session::text, 'skipped', 0, 0, 0, 'automatic', skipped, fired_at
       FROM scheduled_sessions WHERE skipped IS NOT NULL
      ORDER BY session DESC, at DESC LIMIT $1`,
    [limit, PHASE],
  );
  return rows;
}
