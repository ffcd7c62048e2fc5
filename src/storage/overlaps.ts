import type pg from 'pg';
import { type Timeframe, baseOf, timeframes } from '../market/timeframe.ts';
import { PHASE } from './read-runs.ts';
import { isAlive } from './run-signs.ts';

/** An attempt of a run that is not this process's. */
export interface OtherAttempt {
  readonly runId: string;
  readonly attempt: number;
}

/** The attempts of other runs that are being worked on now. */
export async function listOthersAtWork(client: pg.ClientBase, runId: string): Promise<OtherAttempt[]> {
  const { rows } = await client.query<OtherAttempt>(
    `SELECT run_id AS "runId", attempt FROM processing_runs
      WHERE status = 'in_progress' AND ${isAlive} AND run_id <> $1 ORDER BY run_id`,
    [runId],
  );
  return rows;
}

/** Those of some symbols that one of the attempts is still to import, in timeframes with the same base bars. */
export async function listHeld(
  client: pg.ClientBase,
  wanted: { readonly symbols: readonly string[]; readonly timeframes: readonly Timeframe[] },
  others: readonly OtherAttempt[],
): Promise<string[]> {
  const bases = new Set(wanted.timeframes.map(baseOf));
  const { rows } = await client.query<{ symbol: string }>(
    `SELECT DISTINCT s.symbol
       FROM unnest($1::text[], $2::integer[]) AS o(run_id, attempt)
       JOIN processing_runs r ON r.run_id = o.run_id AND r.attempt = o.attempt
       JOIN symbol_processing_status s ON s.run_id = r.run_id AND s.phase = $3
      WHERE r.status = 'in_progress' AND ${isAlive} AND s.attempt = r.attempt AND s.status IN ('pending', 'in_progress')
        AND s.symbol = ANY($4::text[]) AND s.timeframes && $5::text[]`,
    [
      others.map(({ runId }) => runId),
      others.map(({ attempt }) => attempt),
      PHASE,
      wanted.symbols,
      timeframes.filter((timeframe) => bases.has(baseOf(timeframe))),
    ],
  );
  return rows.map(({ symbol }) => symbol);
}

/** Those of some symbols of a run that another run has imported since this one was recorded. */
export async function listBrought(
  client: pg.ClientBase,
  runId: string,
  symbols: readonly string[],
): Promise<string[]> {
  const { rows } = await client.query<{ symbol: string }>(
    `SELECT DISTINCT s.symbol
       FROM processing_runs me
       JOIN processing_runs r ON r.run_id <> me.run_id AND coalesce(r.completed_at, 'infinity') > me.created_at
       JOIN symbol_processing_status s ON s.run_id = r.run_id AND s.phase = $2
      WHERE me.run_id = $1 AND s.symbol = ANY($3::text[]) AND s.status = 'completed' AND s.completed_at > me.created_at`,
    [runId, PHASE, symbols],
  );
  return rows.map(({ symbol }) => symbol);
}
