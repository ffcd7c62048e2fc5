import type { BaseTimeframe } from '../market/bar.ts';
import type { Series } from '../planning/asked-bars.ts';
import type { WorkDeps } from './import-attempt.ts';
import { type Failure, judgeSeries } from './judge-series.ts';
import type { WorkedDays } from './work-days.ts';
import { settleDoubts } from './settle-doubts.ts';
import { type SymbolAnswer, importSymbol } from './symbol-import.ts';
import type { Work } from './work.ts';

/** More evidence than this is left to the list of gaps, however small the run. */
const LEAST_EVIDENCE = 100;

interface Doubtful {
  readonly answer: SymbolAnswer;
  readonly processingTimeMs: number;
}

/**
 * Works the range requests, `parallel_workers` symbols at once, then settles what they left in doubt: symbols
 * without doubts end at once. `days`: what the days of all stocks brought before.
 */
export async function workRanges(work: Work, deps: WorkDeps, days: WorkedDays): Promise<void> {
  const { plan } = work.attempt;
  const { clock, settings } = deps;
  const doubtful: Doubtful[] = [];
  const importDeps = {
    ...work,
    vendor: deps.vendor,
    now: clock.now,
    notice: deps.notice,
    symbolTimeoutMs: settings.symbolTimeoutMs,
    seriesDone(done: Series, first: string | null) {
      if (first !== null) work.clipped.began(done, first);
      work.requestDone();
    },
  };

  const feed = symbolsInBatches(work, settings.symbolBatch);
  const worker = async (): Promise<void> => {
    for await (const symbol of feed) {
      const startedAt = clock.now();
      const covered = plan.known.get(symbol)?.covered ?? {};
      const wanted = {
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
      const answer = await importSymbol(wanted, importDeps, work.signal);
      if (answer.ticker) work.lives.push({ symbol, ...answer.ticker });
      const processingTimeMs = clock.now() - startedAt;
      const failure = days.failures.get(symbol) ?? answer.failure;
      if (failure !== null || answer.doubts.length === 0)
        work.end(symbol, failure ?? judge(answer, work), processingTimeMs);
      else doubtful.push({ answer, processingTimeMs });
      if (work.signal.aborted) return;
    }
  };
  const workers = Array.from({ length: settings.parallelWorkers }, async () => {
    try {
      await worker();
    } catch (error) {
      if (work.stopping !== null) return;
      work.abort(error);
      throw error;
    }
  });
  const ended = await Promise.allSettled(workers);
  const failed = ended.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  if (work.signal.aborted) return;

  const settled = await settleDoubts(
    doubtful.flatMap(({ answer }) => answer.doubts),
    { ...work, now: clock.now, mostDays: Math.max(LEAST_EVIDENCE, 2 * plan.requests) },
    work.signal,
  );
  for (const { answer, processingTimeMs } of doubtful) {
    const { symbol } = answer;
    const silence = settled.broken.get(symbol);
    const cut = silence === undefined ? null : await answer.lookAgain(silence, work.signal);
    const failure =
      cut ?? judge(answer, work, (timeframe, session) => settled.isExplained(symbol, timeframe, session));
    // Of a lost session the symbol is not done: the run is parked and goes on with it.
    const waits = failure !== null && answer.doubts.some(({ session }) => work.lost.has(session));
    if (!waits) work.end(symbol, failure, processingTimeMs);
  }
}

const judge = (
  { symbol, results, ticker }: SymbolAnswer,
  { settledThrough }: Work,
  isExplained?: Parameters<typeof judgeSeries>[4],
): Failure | null => judgeSeries(symbol, results, settledThrough, ticker, isExplained);

/** Symbols one by one for the workers, marked in the database a block at a time as handed over. */
async function* symbolsInBatches(work: Work, size: number): AsyncGenerator<string> {
  const symbols = [...work.attempt.plan.ranges.keys()];
  for (let at = 0; at < symbols.length; at += size) {
    const block = symbols.slice(at, at + size);
    await work.hand(block);
    yield* block;
  }
}
