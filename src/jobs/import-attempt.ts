import { setMaxListeners } from 'node:events';
import type { Clock } from '../clock.ts';
import { AppError, toAppError } from '../errors.ts';
import { latestSettledSession } from '../market/finality.ts';
import type { IsoDate } from '../market/date.ts';
import type { ImportPlan, Series } from '../planning/import-plan.ts';
import { type Batch, writeBatch } from '../storage/batch.ts';
import type { Database } from '../storage/database.ts';
import { appendEvents } from '../storage/outbox.ts';
import { startSymbols } from '../storage/runs.ts';
import { createBatchWriter } from './batch-writer.ts';
import { createClippedHistoryWatch } from './clipped-history.ts';
import { createErrorReports } from './error-reports.ts';
import { startHeartbeat } from './heartbeat.ts';
import type { ImportObserver } from './import-observer.ts';
import type { ImportSummary } from './import-summary.ts';
import { type ImportProgress, createJobProgressTracker } from './job-progress-tracker.ts';
import type { Failure } from './judge-series.ts';
import { type EarlyEnd, mayGoOn, recordEnd } from './record-end.ts';
import { type RunFacts, createProgressGate, errorEvent, progressEvents, symbolEvents } from './run-events.ts';
import { storeSplits } from './store-splits.ts';
import { importSymbol } from './symbol-import.ts';
import type { OpenVendor, Vendor, VendorRetry } from './vendor.ts';

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
  /** A vendor for one attempt, which closes it; `onRetry` hears of tries that failed. */
  openVendor(onRetry: (retry: VendorRetry) => void): OpenVendor;
  readonly clock: Clock;
  readonly settings: AttemptSettings;
  readonly notice: (text: string) => void;
  readonly observer: ImportObserver;
}

export interface Attempt extends RunFacts {
  /** Only this attempt's symbols. */
  readonly plan: ImportPlan;
  readonly completed: number;
  readonly failed: number;
}

const LINGER_MS = 250;
const RECONNECT_DELAYS_MS = [500, 2000, 5000];

/** What an attempt works with, beside what it was given. */
type WorkDeps = AttemptDeps & {
  readonly vendor: Vendor;
  readonly errors: ReturnType<typeof createErrorReports>;
};

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
  const { database, clock, observer } = deps;
  const startedAt = clock.now();
  const errors = createErrorReports(attempt, database, clock);
  const stop = new AbortController();
  const endHeartbeat = startHeartbeat(database, attempt, (reason) => stop.abort(reason));
  const signal = AbortSignal.any([options.signal, stop.signal]);
  observer.started({ runId: attempt.runId, attempt: attempt.attempt, symbols: attempt.plan.symbols.length });
  const vendor = deps.openVendor((retry) => {
    observer.retrying(attempt.runId, retry);
    errors.retrying(retry);
  });
  try {
    const early = await workToEnd(attempt, { ...deps, vendor, errors }, { ...options, signal });
    await errors.written();
    const thrown = early?.kind === 'thrown' ? early.failure : null;
    const summary = await recordEnd(attempt, early, vendor.stats, startedAt, deps).catch((error: unknown) => {
      const failure = toAppError(thrown ?? error);
      observer.unrecorded(errorEvent(attempt, failure, { stops: true }, clock.now()));
      // When storage ended the run, its end cannot be recorded either: the first failure is the one to report.
      throw failure;
    });
    observer.ended(attempt.runId, summary);
    if (thrown !== null && !mayGoOn(thrown)) throw thrown;
    return summary;
  } finally {
    endHeartbeat();
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
  const { vendor, clock, settings } = deps;
  const { plan } = attempt;
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
  const store = createBatchStore(attempt, deps);
  const writer = createBatchWriter(
    { batchRows: settings.batchRows, lingerMs: LINGER_MS, retryDelaysMs: RECONNECT_DELAYS_MS },
    async ({ pages, outcomes }) => {
      const { remainingMs } = tracker.snapshot();
      const records = await store({
        runId: attempt.runId,
        attempt: attempt.attempt,
        windows: plan.windows,
        pages,
        outcomes,
        estimatedCompletion: new Date(clock.now() + remainingMs),
      });
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

/** Writes a batch and the events it makes true, in one transaction. */
function createBatchStore(
  attempt: Attempt,
  { database, clock, settings, errors, observer }: WorkDeps,
): (batch: Batch) => Promise<{ new: number; changed: number; unchanged: number }> {
  const gate = createProgressGate(clock.now());
  return async (batch) => {
    const at = clock.now();
    const { written, isAnnounced } = await database.transaction('store a batch of bars', async (client) => {
      const result = await writeBatch(client, batch, settings);
      const { progress } = result;
      const isLast = progress !== null && progress.completed + progress.failed === progress.totalSymbols;
      const announced = progress !== null && (isLast || gate.isOpen(at));
      await appendEvents(client, [
        ...symbolEvents(attempt, result.ended, at),
        ...errors.ofEnded(result.ended, at),
        ...(announced ? progressEvents(attempt, progress, at) : []),
      ]);
      return { written: result, isAnnounced: announced };
    });
    if (isAnnounced) gate.passed(at);
    observer.stored(attempt.runId, written.records, written.ended);
    return written.records;
  };
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
