import type { BaseTimeframe } from '../market/bar.ts';
import type { Series } from '../planning/asked-bars.ts';
import type { WorkDeps } from './import-attempt.ts';
import { type Failure, judgeSeries } from './judge-series.ts';
import type { WorkedDays } from './work-days.ts';
import { settleDoubts } from './settle-doubts.ts';
import { type SymbolAnswer, type SymbolToImport, importSymbol, lookAgain } from './symbol-import.ts';
import type { Work } from './work.ts';

/** More evidence than this is left to the list of gaps, however small the run. */
const LEAST_EVIDENCE = 100;

/** A symbol whose worker died so often is set aside; from the first time on it is worked alone, to know that it is to blame. */
const MOST_LOST_WORKERS = 3;

interface Doubtful {
  readonly answer: SymbolAnswer;
  readonly processingTimeMs: number;
}

/**
 * Works the range requests, `parallel_workers` symbols at once, then settles what they and earlier attempts left in
 * doubt: symbols without doubts end at once. `days`: what the days of all stocks brought before.
 */
export async function workRanges(work: Work, deps: WorkDeps, days: WorkedDays): Promise<void> {
  const { plan, kept, lostWorkers } = work.attempt;
  const doubtful: Doubtful[] = [...kept.values()].map((answer) => ({ answer, processingTimeMs: 0 }));
  const asked = [...plan.ranges.keys()].filter((symbol) => !kept.has(symbol));
  const isSuspect = (symbol: string): boolean => (lostWorkers.get(symbol) ?? 0) > 0;
  const importDeps = symbolImportDeps(work, deps);

  const importOne = async (symbol: string): Promise<void> => {
    const startedAt = deps.clock.now();
    const answer = await importSymbol(wantedOf(symbol, work, days), importDeps, work.signal);
    if (answer.ticker) work.lives.push({ symbol, ...answer.ticker });
    const processingTimeMs = deps.clock.now() - startedAt;
    const failure = days.failures.get(symbol) ?? answer.failure;
    if (failure !== null || answer.doubts.length === 0)
      return work.end(symbol, failure ?? judge(answer, work), processingTimeMs);
    work.keep(answer);
    doubtful.push({ answer, processingTimeMs });
  };

  const usual = symbolsInBatches(
    asked.filter((symbol) => !isSuspect(symbol)),
    work,
    deps.settings.symbolBatch,
  );
  await workTogether(usual, deps.settings.parallelWorkers, importOne, work);
  for (const symbol of asked.filter(isSuspect)) {
    if (work.signal.aborted) break;
    // All others are safe in the database before, so a death will be this one's doing.
    await work.writer.drain();
    await work.hand([symbol], true);
    if (lostWorkers.get(symbol)! >= MOST_LOST_WORKERS) work.end(symbol, setAside(symbol), 0);
    else await workTogether([symbol], 1, importOne, work);
  }
  if (work.signal.aborted) return;
  await settle(doubtful, importDeps, work, deps);
}

/** Works symbols, so many at once. The first failure that concerns the whole run ends it. */
async function workTogether(
  feed: Iterable<string> | AsyncIterable<string>,
  atOnce: number,
  importOne: (symbol: string) => Promise<void>,
  work: Work,
): Promise<void> {
  const worker = async (): Promise<void> => {
    try {
      for await (const symbol of feed) {
        await importOne(symbol);
        if (work.signal.aborted) return;
      }
    } catch (error) {
      if (work.stopping !== null) return;
      work.abort(error);
      throw error;
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: atOnce }, worker));
  const failed = ended.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** Settles doubts by evidence and ends their symbols. */
async function settle(
  doubtful: readonly Doubtful[],
  importDeps: ReturnType<typeof symbolImportDeps>,
  work: Work,
  { clock }: WorkDeps,
): Promise<void> {
  const settled = await settleDoubts(
    doubtful.flatMap(({ answer }) => answer.doubts),
    { ...work, now: clock.now, mostDays: Math.max(LEAST_EVIDENCE, 2 * work.attempt.plan.requests) },
    work.signal,
  );
  await work.hand(doubtful.map(({ answer }) => answer.symbol));
  for (const { answer, processingTimeMs } of doubtful) {
    const { symbol } = answer;
    const silence = settled.broken.get(symbol);
    const again = silence === undefined ? null : await lookAgain(answer, silence, importDeps, work.signal);
    const failure =
      again?.failure ??
      judge({ ...answer, ...again }, work, (timeframe, session) =>
        settled.isExplained(symbol, timeframe, session),
      );
    // Of a lost session the symbol is not done: the run is parked and goes on with it.
    const waits = failure !== null && answer.doubts.some(({ session }) => work.lost.has(session));
    if (!waits) work.end(symbol, failure, processingTimeMs);
  }
}

const symbolImportDeps = (work: Work, { vendor, clock, notice, settings }: WorkDeps) => ({
  ...work,
  vendor,
  now: clock.now,
  notice,
  symbolTimeoutMs: settings.symbolTimeoutMs,
  seriesDone(done: Series, first: string | null): void {
    if (first !== null) work.clipped.began(done, first);
    work.requestDone();
  },
});

/** A symbol's range requests, and what is known of it otherwise. */
function wantedOf(symbol: string, work: Work, days: WorkedDays): SymbolToImport {
  const { plan } = work.attempt;
  const covered = plan.known.get(symbol)?.covered ?? {};
  return {
    symbol,
    series: plan.ranges.get(symbol)!,
    settledThrough: work.settledThrough,
    newestDue: work.newestDue,
    known: new Set([
      ...(Object.keys(covered) as BaseTimeframe[]),
      ...(days.seen.has(symbol) ? (['daily'] as const) : []),
    ]),
    coveredFrom: { hourly: covered.hourly?.sessions[0]?.from, daily: covered.daily?.sessions[0]?.from },
  };
}

const judge = (
  { symbol, results, ticker }: SymbolAnswer,
  { settledThrough }: Work,
  isExplained?: Parameters<typeof judgeSeries>[4],
): Failure | null => judgeSeries(symbol, results, settledThrough, ticker, isExplained);

const setAside = (symbol: string): Failure => ({
  code: 'INTERNAL',
  message: `${symbol} was set aside: ${MOST_LOST_WORKERS} processes in a row died while they worked on it. Look at their logs and their memory, then try it again by a retry.`,
});

/** Symbols one by one for the workers, marked in the database a block at a time as handed over. */
async function* symbolsInBatches(
  symbols: readonly string[],
  work: Work,
  size: number,
): AsyncGenerator<string> {
  for (let at = 0; at < symbols.length; at += size) {
    const block = symbols.slice(at, at + size);
    await work.hand(block, true);
    yield* block;
  }
}
