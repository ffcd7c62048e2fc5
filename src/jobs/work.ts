import { setMaxListeners } from 'node:events';
import { AppError } from '../errors.ts';
import { expectSymbols } from '../heap.ts';
import type { BaseTimeframe } from '../market/bar.ts';
import { previousSession } from '../market/calendar.ts';
import { type IsoDate, hull } from '../market/date.ts';
import { latestSettledSession } from '../market/finality.ts';
import type { SymbolLife } from '../storage/known-coverage.ts';
import { readMarketDays } from '../storage/market-days.ts';
import type { PageToStore } from '../storage/batch.ts';
import { startSymbols } from '../storage/runs.ts';
import { createBatchStore } from './batch-store.ts';
import { type BatchWriter, createBatchWriter } from './batch-writer.ts';
import { type ClippedHistoryWatch, createClippedHistoryWatch } from './clipped-history.ts';
import type { Attempt, RunOptions, WorkDeps } from './import-attempt.ts';
import { createJobProgressTracker } from './job-progress-tracker.ts';
import type { Failure } from './judge-series.ts';
import { packAnswer } from './kept-answer.ts';
import { type MarketDays, createMarketDays } from './market-days.ts';
import type { SymbolAnswer } from './symbol-import.ts';

const LINGER_MS = 250;
/** So many sessions long one of which the vendor has nothing is waited for. */
const RECENT_SESSIONS = 5;

/** What the stages of an attempt share. */
export interface Work {
  readonly attempt: Attempt;
  /** Aborts when the attempt must stop, whatever for. */
  readonly signal: AbortSignal;
  readonly writer: BatchWriter;
  readonly marketDays: MarketDays;
  readonly clipped: ClippedHistoryWatch;
  /** Sessions up to here are due. */
  readonly settledThrough: IsoDate;
  /** Per base timeframe the newest session due of all that the run wants. */
  readonly newestDue: Partial<Readonly<Record<BaseTimeframe, IsoDate>>>;
  /** From here on a session without anything is waited for. */
  readonly recentFrom: IsoDate;
  /** Recent sessions of which the vendor has nothing to speak of. */
  readonly lost: ReadonlySet<IsoDate>;
  /** What the vendor said of symbols, to be remembered. */
  readonly lives: SymbolLife[];
  /** Why the run stops early while `continue_on_error` is off. */
  readonly stopping: Failure | null;
  /** Takes a page for storage; holds the caller back while too much waits. */
  store(page: PageToStore): Promise<void>;
  storeAll(pages: readonly PageToStore[]): Promise<void>;
  /** Marks symbols as handed to workers, a block at a time; `ownRequests` when each asks for something of its own. */
  hand(symbols: readonly string[], ownRequests?: boolean): Promise<void>;
  /** Keeps what came of a symbol until its doubts are settled, for whoever goes on if this process dies. */
  keep(answer: SymbolAnswer): void;
  end(symbol: string, failure: Failure | null, processingTimeMs: number): void;
  /** Hears that a symbol was ended by another process. */
  ended(symbol: string, failure: Failure | null, processingTimeMs: number): void;
  requestDone(): void;
  nothingServed(session: IsoDate, isRecent: boolean): void;
  /** Ends everything; `reason` is thrown by whatever waits. */
  abort(reason: unknown): void;
}

export async function createWork(attempt: Attempt, deps: WorkDeps, options: RunOptions): Promise<Work> {
  const { vendor, clock, settings, database, journal } = deps;
  const { plan, runId } = attempt;
  expectSymbols(attempt.totalSymbols);
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

  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  // Every request and wait listens to it.
  setMaxListeners(0, options.signal, signal);
  const save = createBatchStore(attempt, deps);
  const writer = createBatchWriter(
    { batchRows: settings.batchRows, lingerMs: LINGER_MS },
    async (batch) => {
      const { remainingMs } = tracker.snapshot();
      const records = await save({ ...batch, estimatedCompletion: new Date(clock.now() + remainingMs) });
      tracker.rowsStored(records.new + records.changed + records.unchanged);
      for (const outcome of batch.outcomes)
        tracker.symbolEnded(outcome.symbol, outcome.failure === null, outcome.processingTimeMs);
      report();
    },
    clock,
  );
  const settledThrough = latestSettledSession(clock.now());
  const clipped = createClippedHistoryWatch();
  const lost = new Set<IsoDate>();
  let stopping: Failure | null = null;
  const storeAll = (pages: readonly PageToStore[]): Promise<void> => {
    for (const { request } of pages) if (request !== null) journal.arrived(request);
    return writer.addAll(pages);
  };
  const stopAfter = (symbol: string, failure: Failure | null): void => {
    if (failure === null || settings.continueOnError) return;
    stopping ??= failure;
    stop.abort(new AppError('CANCELLED', `Stopped after ${symbol} failed.`));
  };
  const known = await database.transaction('read the market days', (client) =>
    readMarketDays(client, hull(plan.spans.map(({ range }) => range))),
  );

  return {
    attempt,
    signal,
    writer,
    marketDays: createMarketDays({ vendor, database, clipped, settledThrough, known }),
    clipped,
    settledThrough,
    newestDue: Object.fromEntries(
      plan.spans.map(({ timeframe, sessions }) => [
        timeframe,
        sessions.findLast((session) => session <= settledThrough),
      ]),
    ),
    recentFrom: sessionsBefore(settledThrough, RECENT_SESSIONS - 1),
    lost,
    lives: [],
    get stopping() {
      return stopping;
    },
    store: (page) => storeAll([page]),
    storeAll,
    async hand(symbols, ownRequests = false) {
      for (let at = 0; at < symbols.length; at += settings.symbolBatch) {
        const block = symbols.slice(at, at + settings.symbolBatch);
        await database.transaction('hand symbols to workers', (client) =>
          startSymbols(client, runId, attempt.attempt, block, ownRequests),
        );
      }
    },
    keep: (answer) => writer.keep({ item: answer.symbol, answer: packAnswer(answer) }),
    end(symbol, failure, processingTimeMs) {
      writer.end({ symbol, failure, processingTimeMs });
      stopAfter(symbol, failure);
    },
    ended(symbol, failure, processingTimeMs) {
      tracker.symbolEnded(symbol, failure === null, processingTimeMs);
      report();
      stopAfter(symbol, failure);
    },
    requestDone() {
      tracker.requestDone();
      report();
    },
    nothingServed(session, isRecent) {
      if (isRecent) lost.add(session);
      else deps.notice(`Massive has nothing of ${session}, a trading session; see: tickstock gaps`);
    },
    abort: (reason) => stop.abort(reason),
  };
}

function sessionsBefore(session: IsoDate, count: number): IsoDate {
  let before = session;
  for (let step = 0; step < count; step++) before = previousSession(before);
  return before;
}
