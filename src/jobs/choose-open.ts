import type pg from 'pg';
import type { Clock } from '../clock.ts';
import { AppError, RunConflict, usageError } from '../errors.ts';
import type { Database } from '../storage/database.ts';
import { type Run, findRun, getRun, listFailedSymbols, listUntriedSymbols } from '../storage/read-runs.ts';
import { type OpenRun, listOpenRuns, parkDeadRun } from '../storage/run-signs.ts';
import { createDeadRunWatch } from './dead-runs.ts';
import { rethrowStorage } from './make-plan.ts';

const LOOK_EVERY_MS = 250;

/**
 * A run that can go on. One in progress is watched for a sign of life first, which takes some seconds.
 * @throws AppError RUN_NOT_FOUND, RUN_CONFLICT while somebody works on it.
 */
export async function findIdleRun(
  { database, clock }: { readonly database: Database; readonly clock: Clock },
  runId: string,
): Promise<Run> {
  const run = await findRun(database.pool, runId).catch(rethrowStorage);
  if (run === null) throw runNotFound(runId);
  if (run.status !== 'in_progress') return run;
  const open = await watchForDeath({ database, clock }, runId);
  if (open === null)
    throw new RunConflict(runId, `Run ${runId} is still in progress. It can go on when it has ended.`);
  await database.transaction('park a run whose process died', (client) => parkDeadRun(client, open, DIED));
  return getRun(database.pool, runId);
}

/** Watches a run in progress until it has been silent for some seconds, and returns it as it is then; null as soon as it gives a sign of life. */
export async function watchForDeath(
  { database, clock }: { readonly database: Database; readonly clock: Clock },
  runId: string,
): Promise<OpenRun | null> {
  const watch = createDeadRunWatch(database);
  let first: OpenRun | undefined;
  for (;;) {
    const dead = await watch.look().catch(rethrowStorage);
    const open = (await listOpenRuns(database.pool)).find((one) => one.runId === runId);
    first ??= open;
    if (open === undefined || open.attempt !== first?.attempt || open.sign !== first.sign) return null;
    if (open.isStale || dead.some((one) => one.runId === runId)) return open;
    await clock.sleep(LOOK_EVERY_MS);
  }
}

const DIED = 'The process that worked on it ended without a word. What is stored stays; the run can go on.';

export const runNotFound = (runId: string): AppError =>
  new AppError('RUN_NOT_FOUND', `There is no run ${runId}. See the newest with: tickstock status`);

/**
 * The symbols of an ended run to go on with, and how many of them had failed: those named, or for a retry the failed
 * ones and those it did not get to, to resume it the latter alone.
 * @throws AppError CONFIG_INVALID when there are none, or others are named.
 */
export async function chooseOpen(
  pool: pg.Pool,
  { runId }: Run,
  symbols: readonly string[],
  how: 'retry' | 'resume',
): Promise<{ chosen: string[]; failed: number }> {
  const untried = await listUntriedSymbols(pool, runId).catch(rethrowStorage);
  const failed = (await listFailedSymbols(pool, runId).catch(rethrowStorage)).map(({ symbol }) => symbol);
  if (how === 'resume') {
    if (untried.length > 0) return { chosen: untried, failed: 0 };
    const retry = failed.length === 0 ? '' : ` Its ${failed.length} failed ones: tickstock retry ${runId}`;
    throw usageError(`Nothing to resume: run ${runId} got to every symbol.${retry}`);
  }
  const open = [...failed, ...untried];
  if (open.length === 0)
    throw usageError(`Nothing to retry: every symbol of run ${runId} has been imported.`);
  const strangers = symbols.filter((symbol) => !open.includes(symbol));
  if (strangers.length > 0) {
    throw usageError(
      `Cannot retry ${strangers.join(', ')}: not among the failed symbols of run ${runId} (${open.join(', ')}).`,
    );
  }
  const chosen = symbols.length > 0 ? [...symbols] : open;
  return { chosen, failed: chosen.filter((symbol) => failed.includes(symbol)).length };
}
