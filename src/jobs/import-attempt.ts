import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { AppError, toAppError } from '../errors.ts';
import { newYorkDate } from '../market/new-york.ts';
import type { ImportPlan } from '../planning/import-plan.ts';
import { writeBatch } from '../storage/batch.ts';
import type { Database } from '../storage/database.ts';
import { createPatientDatabase } from '../storage/patient-database.ts';
import { createErrorReports } from './error-reports.ts';
import type { Fleet } from './fleet.ts';
import type { OtherAttempt } from '../storage/overlaps.ts';
import { listAllSymbols } from '../storage/run-symbols.ts';
import { startHeartbeat } from './heartbeat.ts';
import type { ImportObserver } from './import-observer.ts';
import type { ImportSummary } from './import-summary.ts';
import type { ImportProgress } from './job-progress-tracker.ts';
import type { Failure } from './judge-series.ts';
import { judgeSplits } from './judge-splits.ts';
import { type EarlyEnd, mayGoOn, recordEnd } from './record-end.ts';
import { type RequestJournal, createRequestJournal } from './request-journal.ts';
import { type RunFacts, errorEvent } from './run-events.ts';
import { storeSplitsOnce } from './store-splits.ts';
import type { SymbolAnswer } from './symbol-import.ts';
import type { OpenVendor, Vendor, VendorListeners } from './vendor.ts';
import { workPlan } from './work-plan.ts';
import { roundsOf } from './rounds.ts';
import { createWork } from './work.ts';

export interface RunOptions {
  /** Stops the run cleanly; its reason should be an AppError. */
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: ImportProgress) => void;
}

export interface AttemptSettings {
  /** Symbols in work at once. */
  readonly parallelWorkers: number;
  /** Symbols handed to workers at a time. */
  readonly symbolBatch: number;
  readonly continueOnError: boolean;
  /** Percent of symbols that must succeed. */
  readonly successThreshold: number;
  /** Rows that fill one COPY. */
  readonly batchRows: number;
  readonly useCopy: boolean;
  /** How long to wait for a database that is away. */
  readonly storagePatienceMs: number;
  /** The pacing, for estimates. */
  readonly intervalMs: number;
  /** How long the vendor may take over all requests of a symbol, waits for their turn aside. */
  readonly symbolTimeoutMs: number;
}

export interface AttemptDeps {
  readonly database: Database;
  /** A vendor for one attempt, which closes it; urgent requests go ahead of others. */
  openVendor(hears: VendorListeners, isUrgent: boolean): OpenVendor;
  readonly clock: Clock;
  readonly settings: AttemptSettings;
  readonly notice: (text: string) => void;
  readonly observer: ImportObserver;
  /** Reaches other processes that may work on a run; null when there is no queue for that. */
  openFleet?(run: RunFacts): Promise<Fleet | null>;
}

export interface Attempt extends RunFacts {
  /** Only this attempt's symbols. */
  readonly plan: ImportPlan;
  readonly completed: number;
  readonly failed: number;
  /** What came of symbols in an earlier attempt whose doubts are still to be settled. */
  readonly kept: ReadonlyMap<string, SymbolAnswer>;
  /** How many processes died while they worked on a symbol; absent for none. */
  readonly lostWorkers: ReadonlyMap<string, number>;
  /** Attempts of other runs that were at work when it began: what they import of its symbols is waited for. */
  readonly others: readonly OtherAttempt[];
  /** The process of the attempt before died, and what it had learned with it. */
  readonly isTakenOver: boolean;
}

/** What an attempt works with, beside what it was given. */
export type WorkDeps = AttemptDeps & {
  /** Other processes that take items of the run; null when there is no queue to reach them. */
  readonly fleet: Fleet | null;
  readonly vendor: Vendor;
  readonly errors: ReturnType<typeof createErrorReports>;
  readonly journal: RequestJournal;
};

/** Somebody waits for so few; a universe can wait for them. */
export const FEW_SYMBOLS = 5;

/**
 * Works one attempt of a recorded run to its end and records that end, whatever it is. An outage and a
 * cancellation have a summary too, which says what is left.
 * @throws AppError what else stopped it: a refused key, storage.
 */
export async function runAttempt(
  attempt: Attempt,
  deps: AttemptDeps,
  options: RunOptions,
): Promise<ImportSummary> {
  const { clock, observer } = deps;
  const patienceMs = deps.settings.storagePatienceMs;
  const database = createPatientDatabase(deps.database, { clock, patienceMs }, (error) => {
    deps.notice(`Waiting for the database: ${error.message}`);
    observer.unrecorded(errorEvent(attempt, error, {}, clock.now()));
  });
  const patient = { ...deps, database };
  const startedAt = clock.now();
  const errors = createErrorReports(attempt, database, clock);
  const stop = new AbortController();
  const endHeartbeat = startHeartbeat(deps.database, attempt, (reason) => stop.abort(reason));
  const signal = AbortSignal.any([options.signal, stop.signal]);
  observer.started({ runId: attempt.runId, attempt: attempt.attempt, symbols: attempt.plan.symbols.length });
  const journal = createRequestJournal(attempt.attempt, clock.now);
  const vendor = deps.openVendor(
    {
      onRetry(retry) {
        observer.retrying(attempt.runId, retry);
        errors.retrying(retry);
      },
      onRequest: journal.heard,
    },
    attempt.plan.symbols.length <= FEW_SYMBOLS || (attempt.attempt > 1 && !attempt.isTakenOver),
  );
  const fleet = (await deps.openFleet?.(attempt).catch(() => null)) ?? null;
  try {
    const early = await workToEnd(
      attempt,
      { ...patient, vendor, errors, journal, fleet },
      { ...options, signal },
    );
    await errors.written();
    await writeRest(attempt, journal, patient);
    const thrown = early?.kind === 'thrown' ? early.failure : null;
    const summary = await recordEnd(attempt, early, vendor.stats, startedAt, patient).catch(
      (error: unknown) => {
        const failure = toAppError(thrown ?? error);
        observer.unrecorded(errorEvent(attempt, failure, { stops: true }, clock.now()));
        // When storage ended the run, its end cannot be recorded either: the first failure is the one to report.
        throw failure;
      },
    );
    observer.ended(attempt.runId, summary);
    if (thrown !== null && !mayGoOn(thrown)) throw thrown;
    return summary;
  } finally {
    endHeartbeat();
    await fleet?.close();
    await vendor.close();
  }
}

async function workToEnd(attempt: Attempt, deps: WorkDeps, options: RunOptions): Promise<EarlyEnd | null> {
  try {
    const failure = await work(attempt, deps, options);
    return failure && { kind: 'stopped', failure };
  } catch (error) {
    const { aborted, reason } = options.signal;
    return { kind: 'thrown', failure: aborted && reason instanceof AppError ? reason : toAppError(error) };
  }
}

/** The stages in their order; returns the failure that stopped it early when `continue_on_error` is off. */
async function work(attempt: Attempt, deps: WorkDeps, options: RunOptions): Promise<Failure | null> {
  let stopping: Failure | null = null;
  try {
    let isFirst = true;
    for await (const round of roundsOf(attempt, deps, options.signal)) {
      stopping = await workRound(round, isFirst ? attempt.plan : null, deps, options);
      if (stopping !== null) break;
      isFirst = false;
    }
  } catch (error) {
    // What stopped it says more than a judgement that fails after it.
    await judgeAll(attempt, deps).catch(() => {});
    throw error;
  }
  await judgeAll(attempt, deps);
  options.signal.throwIfAborted();
  return stopping;
}

async function judgeAll({ plan, runId, isTakenOver }: Attempt, deps: WorkDeps): Promise<void> {
  const { database, clock, notice } = deps;
  // The bars of a dead process were not judged with its last breath.
  const symbols = isTakenOver
    ? await database.transaction('read the symbols of the run', (client) => listAllSymbols(client, runId))
    : plan.symbols;
  await judgeSplits(database, { symbols, today: newYorkDate(clock.now()) }, notice);
}

/** The attempt's plan in its first round, which brings the splits. */
async function workRound(
  round: Attempt,
  splitsFor: ImportPlan | null,
  deps: WorkDeps,
  options: RunOptions,
): Promise<Failure | null> {
  const shared = await createWork(round, deps, options);
  try {
    if (splitsFor !== null) await storeSplitsOnce(round, splitsFor, deps, options.signal);
    await workPlan(shared, deps);
  } catch (error) {
    if (shared.stopping === null) {
      shared.abort(error);
      throw error;
    }
  } finally {
    // What came before the stop is kept, so storage is finished even then; its own failure says more than a cancellation.
    await shared.writer.drain();
    for (const finding of shared.clipped.findings()) deps.notice(finding);
  }
  return shared.stopping;
}

/** Logs the requests that brought nothing to store; the run's end does not depend on it. */
async function writeRest(
  { runId, attempt, plan }: Attempt,
  journal: RequestJournal,
  { database, clock, settings }: AttemptDeps,
): Promise<void> {
  const nothing = { pages: [], outcomes: [], answers: [], estimatedCompletion: new Date(clock.now()) };
  const rest = {
    ...nothing,
    id: randomUUID(),
    runId,
    attempt,
    windows: plan.windows,
    requests: journal.takeAll(),
  };
  if (rest.requests.length === 0) return;
  await database
    .transaction('log the requests', (client) => writeBatch(client, rest, settings))
    .catch(() => {});
}
