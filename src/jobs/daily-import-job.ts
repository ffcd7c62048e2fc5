import { randomUUID } from 'node:crypto';
import type { PoolClient } from 'pg';
import { AppError, RunConflict, usageError } from '../errors.ts';
import { latestClosedSession } from '../market/calendar.ts';
import type { IsoDate } from '../market/date.ts';
import type { Timeframe } from '../market/timeframe.ts';
import { type Span, askBars, askWindows } from '../planning/asked-bars.ts';
import type { ImportPlan } from '../planning/import-plan.ts';
import { claimBarSource } from '../storage/bar-source.ts';
import { appendEvents } from '../storage/outbox.ts';
import { lastRequest } from '../storage/requests.ts';
import {
  findRun,
  listFailedSymbols,
  listUntriedSymbols,
  readProgress,
  type Run,
  type RunRequest,
  type Trigger,
} from '../storage/read-runs.ts';
import { findOverlap, takeTurnToStart } from '../storage/run-signs.ts';
import { claimSession } from '../storage/schedule.ts';
import { createRun, reopenRun } from '../storage/runs.ts';
import { endDeadRuns } from './dead-runs.ts';
import { type Attempt, type AttemptDeps, type RunOptions, runAttempt } from './import-attempt.ts';
import type { ImportSummary } from './import-summary.ts';
import { makePlan, rethrowStorage } from './make-plan.ts';
import { startEvents } from './run-events.ts';

export interface ImportRequest {
  readonly universes: readonly string[];
  readonly symbols: readonly string[];
  readonly timeframes: readonly Timeframe[];
  readonly span: Span;
  /** `manual` when absent. */
  readonly trigger?: Trigger;
  /** Of a daily run: the session it is for. */
  readonly session?: IsoDate;
  /** Starts only when nobody has acted on the session yet, and marks it as acted on. */
  readonly claimsSession?: boolean;
  /** Asks for everything again, whatever is known. */
  readonly refresh?: boolean;
  /** Refuses to fetch what a living run is fetching. */
  readonly isExclusive?: boolean;
}

/** A recorded run that is being worked. */
export interface StartedImport {
  readonly runId: string;
  readonly attempt: number;
  /** The symbols of this attempt. */
  readonly symbols: number;
  /** Planned work at the pacing. */
  readonly estimatedMs: number;
  /** Its end. Rejects with what stopped it early; the run then says so too. */
  readonly done: Promise<ImportSummary>;
}

/** Imports bars as runs that the database keeps account of. */
export interface DailyImportJob {
  /** Records a run and begins to work it. @throws AppError RUN_CONFLICT for an exclusive one that overlaps, or a session that is taken. */
  start(request: ImportRequest, options: RunOptions): Promise<StartedImport>;
  /** Goes on with a run that ended: its failed symbols and those it did not get to, or those named, as its next attempt. @throws AppError RUN_NOT_FOUND, RUN_CONFLICT while it is in progress, CONFIG_INVALID for other symbols. */
  startRetry(runId: string, symbols: readonly string[], options: RunOptions): Promise<StartedImport>;
  /** A run to its end. */
  run(request: ImportRequest, options: RunOptions): Promise<ImportSummary>;
  /** A retry to its end. */
  retry(runId: string, symbols: readonly string[], options: RunOptions): Promise<ImportSummary>;
}

export type ImportJobDeps = AttemptDeps & {
  /** Names where the bars come from; a database holds one source. */
  readonly barSource: string;
};

export function createDailyImportJob(deps: ImportJobDeps): DailyImportJob {
  const { database, clock, settings } = deps;

  const begin = (attempt: Attempt, options: RunOptions): StartedImport => ({
    runId: attempt.runId,
    attempt: attempt.attempt,
    symbols: attempt.plan.symbols.length,
    estimatedMs: attempt.plan.requests * settings.intervalMs,
    done: runAttempt(attempt, deps, options),
  });

  /** Tells of an attempt's start in the transaction that records it. */
  const tellOfStart = async (client: PoolClient, attempt: Attempt): Promise<void> => {
    const progress = await readProgress(client, attempt.runId);
    if (progress !== null) await appendEvents(client, startEvents(attempt, progress, clock.now()));
  };

  const job: DailyImportJob = {
    async start(request, options) {
      const lastSession = latestClosedSession(clock.now());
      const asked = askBars(request.symbols, request.timeframes, request.span, lastSession);
      await claimBarSource(database.pool, deps.barSource).catch(rethrowStorage);
      const plan = await makePlan(database.pool, asked, { ...request, now: clock.now() });
      const attempt: Attempt = {
        runId: randomUUID(),
        attempt: 1,
        plan,
        request: describe(request, plan),
        trigger: request.trigger ?? 'manual',
        session: request.session ?? null,
        totalSymbols: plan.symbols.length,
        completed: 0,
        failed: 0,
        requestsBefore: 0,
      };
      await database.transaction('record the run', async (client) => {
        await takeTurnToStart(client);
        if (request.isExclusive === true) await refuseOverlap(client, plan);
        await createRun(client, {
          ...attempt,
          symbols: plan.symbols,
          estimatedCompletion: new Date(clock.now() + plan.requests * settings.intervalMs),
        });
        if (request.claimsSession === true) await claim(client, attempt, clock.now());
        await tellOfStart(client, attempt);
      });
      return begin(attempt, options);
    },

    async startRetry(runId, symbols, options) {
      // A run whose process has died can be tried again too.
      await endDeadRuns(database, clock, new Set());
      const run = await findRun(database.pool, runId).catch(rethrowStorage);
      if (run === null) throw runNotFound(runId);
      const { chosen, failed: reopened } = await chooseOpen(deps, run, symbols);
      const asked = askWindows(chosen, run.request.timeframes, run.request.windows);
      const plan = await makePlan(database.pool, asked, { ...run.request, now: clock.now() });
      const requestsBefore = await lastRequest(database.pool, runId).catch(rethrowStorage);
      const attempt = await database.transaction('reopen the run', async (client): Promise<Attempt> => {
        const eta = new Date(clock.now() + plan.requests * settings.intervalMs);
        const number = await reopenRun(client, runId, chosen, eta);
        const next = { ...run, attempt: number, plan, failed: run.failed - reopened, requestsBefore };
        await tellOfStart(client, next);
        return next;
      });
      return begin(attempt, options);
    },

    run: async (request, options) => (await job.start(request, options)).done,
    retry: async (runId, symbols, options) => (await job.startRetry(runId, symbols, options)).done,
  };
  return job;
}

/** @throws AppError RUN_CONFLICT when another process was first. */
async function claim(client: PoolClient, { runId, session }: Attempt, now: number): Promise<void> {
  if (session === null) return;
  if (await claimSession(client, { session, runId, skipped: null, at: new Date(now) })) return;
  throw new RunConflict(runId, `The import of ${session} was started by another process.`);
}

/** @throws AppError RUN_CONFLICT when a living run fetches some of the same. */
async function refuseOverlap(client: PoolClient, { symbols, timeframes }: ImportPlan): Promise<void> {
  const overlap = await findOverlap(client, symbols, timeframes);
  if (overlap === null) return;
  throw new RunConflict(
    overlap.runId,
    `Run ${overlap.runId} is importing ${overlap.symbols} of these symbols already. Watch or cancel it, or choose other symbols or timeframes.`,
  );
}

export const runNotFound = (runId: string): AppError =>
  new AppError('RUN_NOT_FOUND', `There is no run ${runId}. See the newest with: tickstock status`);

/** The symbols to try again, failed ones and those the run did not get to, and how many of them had failed. */
async function chooseOpen(
  deps: ImportJobDeps,
  run: Run,
  symbols: readonly string[],
): Promise<{ chosen: string[]; failed: number }> {
  if (run.status === 'in_progress') {
    throw new RunConflict(
      run.runId,
      `Run ${run.runId} is still in progress. If its process has died, it can be retried half a minute later.`,
    );
  }
  const failed = (await listFailedSymbols(deps.database.pool, run.runId).catch(rethrowStorage)).map(
    ({ symbol }) => symbol,
  );
  const untried = await listUntriedSymbols(deps.database.pool, run.runId).catch(rethrowStorage);
  const open = [...failed, ...untried];
  if (open.length === 0)
    throw usageError(`Nothing to retry: every symbol of run ${run.runId} has been imported.`);
  const strangers = symbols.filter((symbol) => !open.includes(symbol));
  if (strangers.length > 0) {
    throw usageError(
      `Cannot retry ${strangers.join(', ')}: not among the failed symbols of run ${run.runId} (${open.join(', ')}).`,
    );
  }
  const chosen = symbols.length > 0 ? [...symbols] : open;
  return { chosen, failed: chosen.filter((symbol) => failed.includes(symbol)).length };
}

function describe(request: ImportRequest, plan: ImportPlan): RunRequest {
  const { refresh = false } = request;
  const base = {
    universes: request.universes,
    timeframes: plan.timeframes,
    windows: plan.windows,
    ...(refresh && { refresh }),
  };
  if (!('lookbackDays' in request.span)) return { ...base, dates: request.span };
  const { lookbackDays } = request.span;
  return {
    ...base,
    lookbackDays: Object.fromEntries(plan.timeframes.map((name) => [name, lookbackDays[name]])),
  };
}
