import { AppError } from '../errors.ts';
import type { Database } from '../storage/database.ts';
import { beat } from '../storage/run-signs.ts';

const EVERY_MS = 5000;

/**
 * Shows that an attempt is being worked on, and hears when somebody elsewhere wants it to end: `stop` is called then.
 * Real time on purpose: others judge by the database's clock. Returns how to end it.
 */
export function startHeartbeat(
  database: Pick<Database, 'pool'>,
  { runId, attempt }: { readonly runId: string; readonly attempt: number },
  stop: (reason: AppError) => void,
): () => void {
  const look = async (): Promise<void> => {
    const { owned, cancelRequested } = await beat(database.pool, runId, attempt);
    if (!owned) {
      stop(new AppError('CANCELLED', `Run ${runId} was taken over while this process was not heard of.`));
    } else if (cancelRequested) stop(cancelledByRequest(runId));
  };
  const timer = setInterval(() => {
    // Writing will say it if the database is gone for good.
    look().catch(() => {});
  }, EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

export const cancelledByRequest = (runId: string): AppError =>
  new AppError(
    'CANCELLED',
    `Run ${runId} was cancelled on request. What is stored stays; it can go on by a retry.`,
  );
