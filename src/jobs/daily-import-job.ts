import { randomUUID } from 'node:crypto';
import type { PoolClient } from 'pg';
import { RunConflict } from '../errors.ts';
import { latestClosedSession } from '../market/calendar.ts';
import type { IsoDate } from '../market/date.ts';
import type { Timeframe } from '../market/timeframe.ts';
import { type AskedBars, type Span, askBars, askWindows } from '../planning/asked-bars.ts';
import type { ImportPlan } from '../planning/import-plan.ts';
import { barsAtMost } from '../planning/plan-report.ts';
import type { Room } from '../room.ts';
import { claimBarSource } from '../storage/bar-source.ts';
import { appendEvents } from '../storage/outbox.ts';
import { type OtherAttempt, listOthersAtWork } from '../storage/overlaps.ts';
import { readAnswers } from '../storage/run-answers.ts';
import { readLostWorkers } from '../storage/run-symbols.ts';
import {
  getRun,
  listUntriedSymbols,
  readProgress,
  type Run,
  type RunRequest,
  type Trigger,
} from '../storage/read-runs.ts';
import { type OpenRun, findOverlap, findSameRun, takeOver, takeTurnToStart } from '../storage/run-signs.ts';
import { claimSession } from '../storage/schedule.ts';
import { createRun, planRequests, reopenRun } from '../storage/runs.ts';
import { chooseOpen, findIdleRun, watchForDeath } from './choose-open.ts';
import {
  type Attempt,
  type AttemptDeps,
  FEW_SYMBOLS,
  type RunOptions,
  runAttempt,
} from './import-attempt.ts';
import type { ImportSummary } from './import-summary.ts';
import { unpackAnswer } from './kept-answer.ts';
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
  /** Records a run and begins to work it. @throws AppError RUN_CONFLICT for an exclusive one that overlaps, or a session that is taken; INTERNAL or STORAGE_FAILED, retryable, when memory or disk are too small. */
  start(request: ImportRequest, options: RunOptions): Promise<StartedImport>;
  /** Goes on with a run that ended: its failed symbols and those it did not get to, or those named, as its next attempt. @throws AppError RUN_NOT_FOUND, RUN_CONFLICT while it is in progress, CONFIG_INVALID for other symbols. */
  startRetry(runId: string, symbols: readonly string[], options: RunOptions): Promise<StartedImport>;
  /** Goes on with the symbols that a paused, parked or cancelled run did not get to. Throws as `startRetry`. */
  resume(runId: string, options: RunOptions): Promise<StartedImport>;
  /** Goes on with a run nobody works on; null when somebody does after all. */
  adopt(open: OpenRun, options: RunOptions): Promise<StartedImport | null>;
  /** A run to its end; one of the same request whose process died is gone on with. */
  run(request: ImportRequest, options: RunOptions): Promise<ImportSummary>;
  /** A retry to its end. */
  retry(runId: string, symbols: readonly string[], options: RunOptions): Promise<ImportSummary>;
}

export type ImportJobDeps = AttemptDeps & {
  /** Names where the bars come from; a database holds one source. */
  readonly barSource: string;
  readonly room: Room;
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

  /** Records what an attempt means to do and, when that is news, tells of its start, in one transaction. */
  const recordStart = async (client: PoolClient, attempt: Attempt, isNews = true): Promise<void> => {
    await planRequests(client, attempt, attempt.plan.requests);
    if (!isNews) return;
    const progress = await readProgress(client, attempt.runId);
    if (progress !== null) await appendEvents(client, startEvents(attempt, progress, clock.now()));
  };

  /** What an attempt of a recorded run is to do for some of its symbols, and what is known of them. */
  const prepare = async (run: Run, symbols: readonly string[]) => {
    const asked = askWindows(symbols, run.request.timeframes, run.request.windows);
    const plan = await makePlan(database.pool, asked, { ...run.request, now: clock.now() });
    const [answers, lostWorkers] = await Promise.all([
      readAnswers(database.pool, run.runId),
      readLostWorkers(database.pool, run.runId),
    ]).catch(rethrowStorage);
    const kept = answers.flatMap(({ item, answer }) => {
      const own = symbols.includes(item) ? unpackAnswer(item, answer) : null;
      return own === null ? [] : [[item, own] as const];
    });
    return { plan, kept: new Map(kept), lostWorkers };
  };

  const goOn = async (
    run: Run,
    symbols: readonly string[],
    reopened: number,
    options: RunOptions,
  ): Promise<StartedImport> => {
    const prepared = await prepare(run, symbols);
    const attempt = await database.transaction('reopen the run', async (client): Promise<Attempt> => {
      await takeTurnToStart(client);
      const eta = new Date(clock.now() + prepared.plan.requests * settings.intervalMs);
      const number = await reopenRun(client, run.runId, symbols, eta);
      const next = {
        ...run,
        ...prepared,
        attempt: number,
        failed: run.failed - reopened,
        others: await othersOf(client, run.runId, symbols),
        isTakenOver: false,
      };
      await recordStart(client, next);
      return next;
    });
    return begin(attempt, options);
  };

  const job: DailyImportJob = {
    async start(request, options) {
      deps.room.requireMemory();
      const lastSession = latestClosedSession(clock.now());
      const asked = askBars(request.symbols, request.timeframes, request.span, lastSession);
      await claimBarSource(database.pool, deps.barSource).catch(rethrowStorage);
      const plan = await makePlan(database.pool, asked, { ...request, now: clock.now() });
      await deps.room.requireDisk(barsAtMost(plan));
      const fresh = {
        runId: randomUUID(),
        attempt: 1,
        plan,
        request: describe(request, plan),
        trigger: request.trigger ?? 'manual',
        session: request.session ?? null,
        totalSymbols: plan.symbols.length,
        completed: 0,
        failed: 0,
        kept: new Map(),
        lostWorkers: new Map(),
        isTakenOver: false,
      };
      const attempt = await database.transaction('record the run', async (client): Promise<Attempt> => {
        await takeTurnToStart(client);
        if (request.isExclusive === true) await refuseOverlap(client, plan);
        const begun = { ...fresh, others: await othersOf(client, fresh.runId, plan.symbols) };
        await createRun(client, {
          ...begun,
          symbols: plan.symbols,
          estimatedCompletion: new Date(clock.now() + plan.requests * settings.intervalMs),
        });
        if (request.claimsSession === true) await claim(client, begun, clock.now());
        await recordStart(client, begun);
        return begun;
      });
      return begin(attempt, options);
    },

    async startRetry(runId, symbols, options) {
      deps.room.requireMemory();
      const run = await findIdleRun(deps, runId);
      const { chosen, failed: reopened } = await chooseOpen(database.pool, run, symbols, 'retry');
      return goOn(run, chosen, reopened, options);
    },

    async resume(runId, options) {
      deps.room.requireMemory();
      const run = await findIdleRun(deps, runId);
      const { chosen } = await chooseOpen(database.pool, run, [], 'resume');
      return goOn(run, chosen, 0, options);
    },

    async adopt(open, options) {
      const others = await database.transaction('take over a run', async (client) => {
        await takeTurnToStart(client);
        return (await takeOver(client, open)) ? listOthersAtWork(client, open.runId) : null;
      });
      if (others === null) return null;
      const run = await getRun(database.pool, open.runId).catch(rethrowStorage);
      const symbols = await listUntriedSymbols(database.pool, run.runId).catch(rethrowStorage);
      const attempt: Attempt = { ...run, ...(await prepare(run, symbols)), others, isTakenOver: true };
      // The end of a run whose process was told to stop was told of.
      const isNews = open.sign === null;
      await database.transaction('tell of a start', (client) => recordStart(client, attempt, isNews));
      return begin(attempt, options);
    },

    async run(request, options) {
      const lastSession = latestClosedSession(clock.now());
      const asked = askBars(request.symbols, request.timeframes, request.span, lastSession);
      const same = await findSameRun(database.pool, describe(request, asked), asked.symbols).catch(
        rethrowStorage,
      );
      const dead = same === null ? null : await watchForDeath(deps, same);
      const adopted = dead === null ? null : await job.adopt(dead, options);
      if (adopted !== null) deps.notice(`Going on with run ${adopted.runId}, whose process had died.`);
      return (adopted ?? (await job.start(request, options))).done;
    },
    retry: async (runId, symbols, options) => (await job.startRetry(runId, symbols, options)).done,
  };
  return job;
}

/** For few symbols somebody waits, so nobody is waited for: the others leave out what these have brought. */
const othersOf = (
  client: PoolClient,
  runId: string,
  symbols: readonly string[],
): Promise<readonly OtherAttempt[]> =>
  symbols.length <= FEW_SYMBOLS ? Promise.resolve([]) : listOthersAtWork(client, runId);

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

function describe(request: ImportRequest, plan: AskedBars): RunRequest {
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
