import type pg from 'pg';
import type { ErrorCode } from '../errors.ts';
import type { Timeframe } from '../market/timeframe.ts';
import { PHASE, type RunStatus } from './read-runs.ts';

interface OfRun {
  readonly runId: string;
  readonly universes: readonly string[];
  readonly timeframes: readonly Timeframe[];
  readonly createdAt: Date;
}

/** The newest runs, and which later ones ask for all that one of them asked for; the days that windows move by are let pass. */
const newest = `
  WITH newest AS (
    SELECT * FROM processing_runs ORDER BY created_at DESC, run_id DESC LIMIT 20
  ), repeated AS (
    SELECT o.run_id, array_agg(l.run_id) AS later
      FROM newest o JOIN newest l ON l.created_at > o.created_at
     WHERE NOT EXISTS (
       SELECT FROM jsonb_each(o.request -> 'windows') AS w(timeframe, dates)
        WHERE coalesce((l.request -> 'windows' -> timeframe ->> 'from')::date > (dates ->> 'from')::date + 7, true)
           OR l.request -> 'windows' -> timeframe ->> 'to' < dates ->> 'to')
     GROUP BY o.run_id)`;

/** An ended run with failed symbols that no later run has tried. */
export interface RunWithFailures extends OfRun {
  readonly failures: readonly {
    readonly code: ErrorCode;
    readonly symbols: number;
    /** The first of them. */
    readonly named: readonly string[];
  }[];
}

/** The newest first. */
export async function listRunsWithFailures(
  client: pg.ClientBase | pg.Pool,
  mostNamed: number,
): Promise<RunWithFailures[]> {
  const { rows } = await client.query<RunWithFailures>(
    `${newest}, failed AS (
       SELECT r.run_id, s.error_code AS code, count(*) AS symbols, (array_agg(s.symbol ORDER BY s.symbol))[1:$2] AS named
         FROM newest r
         JOIN processing_progress p ON p.run_id = r.run_id AND p.phase = $1 AND p.failed_items > 0
         JOIN symbol_processing_status s ON s.run_id = r.run_id AND s.phase = $1 AND s.status = 'failed'
         LEFT JOIN repeated ON repeated.run_id = r.run_id
        WHERE r.status IN ('completed', 'failed', 'cancelled')
          -- OFFSET 0: a look for each symbol, most of which find it at once; a join would read all symbols of all later runs.
          AND NOT EXISTS (
            SELECT FROM symbol_processing_status d
             WHERE d.run_id = ANY (repeated.later) AND d.phase = $1 AND d.symbol = s.symbol AND d.status IN ('completed', 'failed')
            OFFSET 0)
        GROUP BY r.run_id, s.error_code
     )
     SELECT r.run_id AS "runId", r.request -> 'universes' AS universes, r.request -> 'timeframes' AS timeframes,
            r.created_at AS "createdAt",
            json_agg(json_build_object('code', f.code, 'symbols', f.symbols, 'named', f.named)
                     ORDER BY f.symbols DESC, f.code) AS failures
       FROM failed f JOIN newest r ON r.run_id = f.run_id
      GROUP BY r.run_id, r.request, r.created_at ORDER BY r.created_at DESC, r.run_id DESC`,
    [PHASE, mostNamed],
  );
  return rows;
}

/** A run that ended before its time. */
export interface StoppedRun extends OfRun {
  readonly status: RunStatus;
  readonly errorCode: ErrorCode | null;
  readonly errorMessage: string | null;
  /** Symbols it did not get to, and those that failed. */
  readonly untried: number;
  readonly failed: number;
}

/** Of the newest runs those that wait for somebody, and the last one that ended if something stopped it; the newest first. */
export async function listStoppedRuns(client: pg.ClientBase | pg.Pool): Promise<StoppedRun[]> {
  const { rows } = await client.query<StoppedRun>(
    `${newest}
     SELECT r.run_id AS "runId", r.request -> 'universes' AS universes, r.request -> 'timeframes' AS timeframes,
            r.created_at AS "createdAt", r.status, r.error_code AS "errorCode", r.error_message AS "errorMessage",
            p.failed_items AS failed, p.total_items - p.completed_items - p.failed_items AS untried
       FROM newest r JOIN processing_progress p ON p.run_id = r.run_id AND p.phase = $1
      WHERE NOT r.goes_on
        AND (r.status IN ('parked', 'paused')
             OR r.status = 'failed' AND r.error_code IS NOT NULL
                AND r.completed_at = (SELECT max(completed_at) FROM newest WHERE status <> 'in_progress'))
        AND NOT EXISTS (SELECT FROM repeated JOIN newest l ON l.run_id = ANY (repeated.later)
                         WHERE repeated.run_id = r.run_id AND l.status = 'completed' AND l.request -> 'universes' = r.request -> 'universes'
                           AND l.total_symbols >= r.total_symbols)
      ORDER BY r.created_at DESC, r.run_id DESC`,
    [PHASE],
  );
  return rows;
}
