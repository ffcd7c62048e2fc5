import { AppError, RunPaused, RunTakenOver } from '../errors.ts';
import type { Database } from '../storage/database.ts';
import { type StopRequest, beat } from '../storage/run-signs.ts';

const EVERY_MS = 1000;

/**
 * Shows that an attempt is being worked on, and hears when somebody elsewhere wants it to end: `stop` is called then.
 * Real time on purpose: others look at the clock on their wall. Returns how to end it.
 */
export function startHeartbeat(
  database: Pick<Database, 'pool'>,
  { runId, attempt }: { readonly runId: string; readonly attempt: number },
  stop: (reason: AppError) => void,
): () => void {
  let isLooking = false;
  const look = async (): Promise<void> => {
    const { isOwner, stopRequested } = await beat(database.pool, runId, attempt);
    if (!isOwner) stop(new RunTakenOver(runId));
    else if (stopRequested !== null) stop(stopReason(runId, stopRequested));
  };
  const timer = setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    // Writing will say it if the database is gone for good.
    void look()
      .catch(() => {})
      .finally(() => (isLooking = false));
  }, EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** What an attempt ends with when somebody asked for it. */
export const stopReason = (runId: string, stop: StopRequest): AppError =>
  stop === 'pause'
    ? new RunPaused(runId)
    : new AppError(
        'CANCELLED',
        `Run ${runId} was cancelled on request. What is stored stays; it can go on by a retry.`,
      );
