import { setMaxListeners } from 'node:events';
import type { Clock } from '../clock.ts';
import { AppError, VendorOutage, toAppError } from '../errors.ts';
import { latestSettledSession } from '../market/finality.ts';
import type { IsoDate } from '../market/date.ts';
import type { ImportPlan, Series } from '../planning/import-plan.ts';
import { type Batch, writeBatch } from '../storage/batch.ts';
import type { Database } from '../storage/database.ts';
import { type Run, type RunStatus, countGaps, getRun, listFailedSymbols } from '../storage/read-runs.ts';
import { finishRun, startSymbols } from '../storage/runs.ts';
import { earliestStoredSession, removeUnlistedSplits, writeSplits } from '../storage/splits.ts';
import { createBatchWriter } from './batch-writer.ts';
import { createClippedHistoryWatch } from './clipped-history.ts';
import { fetchSplits } from './fetch-splits.ts';
import { type ImportSummary, type WorkLeft, summarize } from './import-summary.ts';
import { type ImportProgress, createJobProgressTracker } from './job-progress-tracker.ts';
import type { Failure } from './judge-series.ts';
import { importSymbol } from './symbol-import.ts';
import type { Vendor } from './vendor.ts';
import { type VendorCost, costSince } from './vendor-cost.ts';

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
  /** The pacing, for estimates. */
  readonly intervalMs: number;
  /** How long the vendor may take over all requests of a symbol, waits for their turn aside. */
  readonly symbolTimeoutMs: number;
}

export interface AttemptDeps {
  readonly database: Database;
  readonly vendor: Vendor;
  readonly clock: Clock;
  readonly settings: AttemptSettings;
  readonly notice: (text: string) => void;
}

export interface Attempt {
  readonly runId: string;
  readonly attempt: number;
  /** Only this attempt's symbols. */
  readonly plan: ImportPlan;
  readonly totalSymbols: number;
  readonly completed: number;
  readonly failed: number;
}

const LINGER_MS = 250;
const RECONNECT_DELAYS_MS = [500, 2000, 5000];

/** How an attempt ended early. `thrown` has no result to show; `stopped` is a symbol's failure while `continue_on_error` is off. */
interface EarlyEnd {
  readonly kind: 'thrown' | 'stopped';
  readonly failure: AppError | Failure;
}

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
  const startedAt = deps.clock.now();
  const before = { ...deps.vendor.stats, failedTries: { ...deps.vendor.stats.failedTries } };
  const early = await workToEnd(attempt, deps, options);
  const thrown = early?.kind === 'thrown' ? early.failure : null;
  const cost = costSince(before, deps.vendor.stats);
  const summary = await recordEnd(attempt, early, cost, startedAt, deps).catch((error: unknown) => {
    // When storage ended the run, its end cannot be recorded either: the first failure is the one to report.
    throw thrown ?? error;
  });
  if (thrown !== null && !mayGoOn(thrown)) throw thrown;
  return summary;
}

async function workToEnd(attempt: Attempt, deps: AttemptDeps, options: RunOptions): Promise<EarlyEnd | null> {
  try {
    const failure = await work(attempt, deps, options);
    return failure && { kind: 'stopped', failure };
  } catch (error) {
    const { aborted, reason } = options.signal;
    return { kind: 'thrown', failure: aborted && reason instanceof AppError ? reason : toAppError(error) };
  }
}

/** The stages in their order; returns the failure that stopped it early when `continue_on_error` is off. */
async function work(attempt: Attempt, deps: AttemptDeps, options: RunOptions): Promise<Failure | null> {
  const { database, vendor, clock, settings } = deps;
  const { plan, runId } = attempt;
  const tracker = createJobProgressTracker(
    {
      ...attempt,
      firstSymbol: plan.symbols[0] ?? '',
      plannedRequests: plan.requests,
      intervalMs: settings.intervalMs,
    },
    clock.now,
  );
  const report = (): void => options.onProgress?.(tracker.snapshot());
  report();

  await storeSplits(plan, deps, options.signal);

  // Ends the symbols in work when the run must stop; its reason is thrown by whatever they wait for.
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  // Every request and wait listens to it.
  setMaxListeners(0, options.signal, signal);
  const writer = createBatchWriter(
    { batchRows: settings.batchRows, lingerMs: LINGER_MS, retryDelaysMs: RECONNECT_DELAYS_MS },
    async ({ pages, outcomes }) => {
      const batch: Batch = {
        runId,
        attempt: attempt.attempt,
        windows: plan.windows,
        pages,
        outcomes,
        estimatedCompletion: new Date(clock.now() + tracker.snapshot().remainingMs),
      };
      const records = await database.transaction('store a batch of bars', (client) =>
        writeBatch(client, batch, settings),
      );
      tracker.rowsStored(records.new + records.changed + records.unchanged);
      for (const outcome of outcomes)
        tracker.symbolEnded(outcome.symbol, outcome.failure === null, outcome.processingTimeMs);
      report();
    },
    clock,
  );
  const series = { series: plan.series, settledThrough: latestSettledSession(clock.now()) };
  const clipped = createClippedHistoryWatch();
  const importDeps = {
    vendor,
    now: clock.now,
    notice: deps.notice,
    clipped,
    symbolTimeoutMs: settings.symbolTimeoutMs,
    store: writer.add,
    seriesDone: (done: Series, first: IsoDate | null) => {
      if (first !== null) clipped.began(done, first);
      tracker.requestDone();
      report();
    },
  };

  let stopping: Failure | null = null;
  const feed = symbolsInBatches(attempt, deps);
  const worker = async (): Promise<void> => {
    for await (const symbol of feed) {
      const startedAt = clock.now();
      const failure = await importSymbol(symbol, series, importDeps, signal);
      writer.end({ symbol, failure, processingTimeMs: clock.now() - startedAt });
      if (failure !== null && !settings.continueOnError) {
        stopping ??= failure;
        stop.abort(new AppError('CANCELLED', `Stopped after ${symbol} failed.`));
      }
      if (signal.aborted) return;
    }
  };
  const workers = Array.from({ length: settings.parallelWorkers }, async () => {
    try {
      await worker();
    } catch (error) {
      if (stopping !== null) return;
      stop.abort(error);
      throw error;
    }
  });
  const ended = await Promise.allSettled(workers);
  // What came before the stop is kept, so storage is finished even then; its own failure says more than a cancellation.
  await writer.drain();
  for (const finding of clipped.findings()) deps.notice(finding);
  const failed = ended.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  options.signal.throwIfAborted();
  return stopping;
}

async function storeSplits(plan: ImportPlan, deps: AttemptDeps, signal: AbortSignal): Promise<void> {
  const { database, vendor, notice } = deps;
  const firstAsked = plan.series.map((series) => series.range.from);
  const stored = await database.transaction('read what is stored', (client) =>
    earliestStoredSession(client, plan.symbols),
  );
  // A split since the oldest stored bar matters even when this run looks back less far.
  const from = [...firstAsked, ...(stored === null ? [] : [stored])].reduce((a, b) => (a < b ? a : b));
  const asked = { from, symbols: plan.symbols };
  const splits = await fetchSplits(vendor, asked, notice, signal);
  const removed = await database.transaction('store the splits', async (client) => {
    await writeSplits(client, splits);
    return removeUnlistedSplits(client, asked, splits);
  });
  for (const { symbol, executionDate } of removed) {
    notice(
      `Massive no longer lists the split of ${symbol} on ${executionDate}; prices are no longer adjusted for it.`,
    );
  }
}

/** Symbols one by one for the workers, marked in the database a block at a time as handed over. */
async function* symbolsInBatches(
  { plan, runId, attempt }: Attempt,
  { database, settings }: AttemptDeps,
): AsyncGenerator<string> {
  for (let at = 0; at < plan.symbols.length; at += settings.symbolBatch) {
    const block = plan.symbols.slice(at, at + settings.symbolBatch);
    await database.transaction('hand symbols to workers', (client) =>
      startSymbols(client, runId, attempt, block),
    );
    yield* block;
  }
}

function recordEnd(
  { runId, plan, totalSymbols }: Attempt,
  early: EarlyEnd | null,
  cost: VendorCost,
  startedAt: number,
  { database, clock, settings }: AttemptDeps,
): Promise<ImportSummary> {
  return database.transaction('record the end of the run', async (client) => {
    const run = await getRun(client, runId);
    const enough = run.completed * 100 >= settings.successThreshold * totalSymbols;
    await finishRun(client, runId, {
      status: statusOf(early, enough),
      requests: cost.requests,
      bytes: cost.bytes,
      at: new Date(clock.now()),
      ...(early === null ? {} : { errorCode: early.failure.code, errorMessage: early.failure.message }),
    });
    const ended = await getRun(client, runId);
    return summarize(ended, {
      failures: await listFailedSymbols(client, runId),
      gaps: await countGaps(client, runId, plan.windows),
      durationMs: clock.now() - startedAt,
      cost,
      left: leftOf(ended, plan, settings.intervalMs),
    });
  });
}

/** What the run has not got to, at its pacing; null when that is nothing. */
function leftOf(
  { totalSymbols, completed, failed }: Run,
  plan: ImportPlan,
  intervalMs: number,
): WorkLeft | null {
  const symbols = totalSymbols - completed - failed;
  const requests = symbols * plan.series.length;
  return symbols === 0 ? null : { symbols, requests, seconds: Math.ceil((requests * intervalMs) / 1000) };
}

/** True for what stops a run without anything being wrong with it: the same run can go on later. */
const mayGoOn = (failure: AppError | Failure): boolean =>
  failure instanceof VendorOutage || failure.code === 'CANCELLED';

function statusOf(early: EarlyEnd | null, enough: boolean): RunStatus {
  if (early === null) return enough ? 'completed' : 'failed';
  if (early.failure instanceof VendorOutage) return 'parked';
  return early.failure.code === 'CANCELLED' ? 'cancelled' : 'failed';
}
