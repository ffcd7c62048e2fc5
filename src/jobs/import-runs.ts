import { AppError, ServiceStopped, toAppError } from '../errors.ts';
import type { Database } from '../storage/database.ts';
import type { OpenRun, StopRequest } from '../storage/run-signs.ts';
import { type DailyImportJob, type ImportRequest, type StartedImport } from './daily-import-job.ts';
import type { DeadRunWatch } from './dead-runs.ts';
import { stopReason } from './heartbeat.ts';
import { stopRun } from './stop-run.ts';

/** The runs one process works on. */
export interface ImportRuns {
  /** Starts a run; its end is nobody's to wait for. Throws as `DailyImportJob.start`. */
  start(request: ImportRequest): Promise<StartedImport>;
  /** Throws as `DailyImportJob.startRetry`. */
  retry(runId: string, symbols: readonly string[]): Promise<StartedImport>;
  /** Throws as `DailyImportJob.resume`. */
  resume(runId: string): Promise<StartedImport>;
  /** Goes on with a run nobody works on; null when somebody does after all. */
  adopt(open: OpenRun): Promise<StartedImport | null>;
  /** Ends or pauses a run, here or wherever it is worked. @throws AppError RUN_NOT_FOUND, RUN_CONFLICT when it has ended. */
  stopRun(runId: string, stop: StopRequest): Promise<void>;
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

  const keep = async <T extends StartedImport | null>(
    begin: (job: DailyImportJob, signal: AbortSignal) => Promise<T>,
  ): Promise<T> => {
    const stop = new AbortController();
    const job = await openJob();
    const started = await begin(job, AbortSignal.any([stop.signal, stopped.signal]));
    if (started === null) return started;
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
    resume: (runId) => keep((job, signal) => job.resume(runId, { signal })),
    adopt: (open) => keep((job, signal) => job.adopt(open, { signal })),
    async stopRun(runId, stop) {
      // In the database as well, so that it is not forgotten if this process dies.
      await stopRun(deps.database, runId, stop);
      working.get(runId)?.stop.abort(stopReason(runId, stop));
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

/** Goes on with the runs nobody works on; tells of each. */
export async function adoptDeadRuns(
  watch: DeadRunWatch,
  runs: ImportRuns,
  adopted: (runId: string) => void,
): Promise<void> {
  for (const open of await watch.look()) {
    if (runs.active.has(open.runId) || (await runs.adopt(open)) === null) continue;
    adopted(open.runId);
  }
}
