import { AppError, ServiceStopped, toAppError } from '../errors.ts';
import type { Database } from '../storage/database.ts';
import { cancelRun } from './cancel-run.ts';
import { type DailyImportJob, type ImportRequest, type StartedImport } from './daily-import-job.ts';
import { cancelledByRequest } from './heartbeat.ts';

/** The runs one process works on. */
export interface ImportRuns {
  /** Starts a run; its end is nobody's to wait for. Throws as `DailyImportJob.start`. */
  start(request: ImportRequest): Promise<StartedImport>;
  /** Throws as `DailyImportJob.startRetry`. */
  retry(runId: string, symbols: readonly string[]): Promise<StartedImport>;
  /** Ends a run, here or wherever it is worked. @throws AppError RUN_NOT_FOUND, RUN_CONFLICT when it has ended. */
  cancel(runId: string): Promise<void>;
  /** The ids of those in work. */
  readonly active: ReadonlySet<string>;
  /** Parks all of them; resolves when they have ended. Nothing can be started afterwards. */
  stop(): Promise<void>;
}

export function createImportRuns(deps: {
  database: Database;
  /** @throws AppError CONFIG_INVALID without a usable key of the vendor. */
  openJob(): Promise<DailyImportJob>;
}): ImportRuns {
  const working = new Map<string, { stop: AbortController; ended: Promise<unknown> }>();
  const stopped = new AbortController();

  const openJob = async (): Promise<DailyImportJob> => {
    stopped.signal.throwIfAborted();
    try {
      return await deps.openJob();
    } catch (error) {
      // Not the caller's mistake, but the service's own settings.
      const { code, message } = toAppError(error);
      throw code === 'CONFIG_INVALID' ? new AppError('API_KEY_INVALID', message) : error;
    }
  };

  const keep = async (
    begin: (job: DailyImportJob, signal: AbortSignal) => Promise<StartedImport>,
  ): Promise<StartedImport> => {
    const stop = new AbortController();
    const job = await openJob();
    const started = await begin(job, AbortSignal.any([stop.signal, stopped.signal]));
    // What stopped it is recorded with the run and logged by its observer.
    const ended = started.done.then(
      () => working.delete(started.runId),
      () => working.delete(started.runId),
    );
    working.set(started.runId, { stop, ended });
    return started;
  };

  return {
    start: (request) => keep((job, signal) => job.start(request, { signal })),
    retry: (runId, symbols) => keep((job, signal) => job.startRetry(runId, symbols, { signal })),
    async cancel(runId) {
      const here = working.get(runId);
      if (here !== undefined) here.stop.abort(cancelledByRequest(runId));
      else await cancelRun(deps.database, runId);
    },
    get active() {
      return new Set(working.keys());
    },
    async stop() {
      stopped.abort(new ServiceStopped());
      await Promise.all([...working.values()].map(({ ended }) => ended));
    },
  };
}
