import { RunConflict } from '../errors.ts';
import type { Database } from '../storage/database.ts';
import { findRun } from '../storage/read-runs.ts';
import { type StopRequest, requestStop, stopWaitingRun } from '../storage/run-signs.ts';
import { runNotFound } from './choose-open.ts';

/**
 * Asks whoever works on a run, in whichever process, to end or pause it; a run that waits to go on is stopped at once.
 * @throws AppError RUN_NOT_FOUND, RUN_CONFLICT when it has ended.
 */
export async function stopRun(database: Database, runId: string, stop: StopRequest): Promise<void> {
  const isAsked = await database.transaction(
    `${stop} a run`,
    async (client) => (await requestStop(client, runId, stop)) || (await stopWaitingRun(client, runId, stop)),
  );
  if (isAsked) return;
  const run = await findRun(database.pool, runId);
  if (run === null) throw runNotFound(runId);
  throw new RunConflict(
    runId,
    run.status === 'paused'
      ? `Run ${runId} is paused already. Go on with: tickstock import --resume ${runId}`
      : `Run ${runId} has ended already: there is nothing to ${stop}.`,
  );
}
