import type pg from 'pg';
import { type Checked, runCheck } from './check.ts';
import { findings } from './findings.ts';
import { laws } from './laws.ts';
import { type Extent, makeTables } from './tables.ts';

export interface Verification {
  readonly extent: Extent;
  readonly laws: readonly Checked[];
  readonly findings: readonly Checked[];
  /** A run that is still at work: its absences get their reasons at its end. */
  readonly runInProgress: string | null;
}

/**
 * Checks what is stored against the laws, inside a transaction that has done nothing yet; all checks see the same
 * state, and nothing is changed. `symbols`: null for all that are stored.
 */
export async function verifyStored(
  client: pg.ClientBase,
  symbols: readonly string[] | null,
): Promise<Verification> {
  await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
  const extent = await makeTables(client, symbols);
  const checkedLaws: Checked[] = [];
  for (const law of laws) checkedLaws.push(await runCheck(client, law));
  const found: Checked[] = [];
  for (const finding of findings) found.push(await runCheck(client, finding));
  const busy = await client.query<{ runId: string }>(
    `SELECT run_id AS "runId" FROM processing_runs WHERE status = 'in_progress' ORDER BY created_at DESC LIMIT 1`,
  );
  return { extent, laws: checkedLaws, findings: found, runInProgress: busy.rows[0]?.runId ?? null };
}
