import { RunConflict } from '../errors.ts';
import type { Database } from '../storage/database.ts';
import { findRun } from '../storage/read-runs.ts';
import { requestCancel } from '../storage/run-signs.ts';
import { runNotFound } from './daily-import-job.ts';

/** Asks whoever works on a run, in whichever process, to end it. @throws AppError RUN_NOT_FOUND, RUN_CONFLICT when it has ended. */
export async function cancelRun({ pool }: Pick<Database, 'pool'>, runId: string): Promise<void> {
  if (await requestCancel(pool, runId)) return;
  if ((await findRun(pool, runId)) === null) throw runNotFound(runId);
  throw new RunConflict(runId, `Run ${runId} has ended already: there is nothing to cancel.`);
}
