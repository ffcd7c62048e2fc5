import { AppError } from '../errors.ts';
import { type PlanningFacts, narrowSeries } from '../planning/import-plan.ts';
import { listBrought } from '../storage/overlaps.ts';
import type { WorkDeps } from './import-attempt.ts';
import {
  type RangeTask,
  judgeAnswer,
  plannedTask,
  rangeItemOf,
  symbolImportDeps,
  symbolToImport,
  throwStop,
} from './import-ranges.ts';
import type { Failure } from './judge-series.ts';
import { unpackAnswer } from './kept-answer.ts';
import { readFacts } from './make-plan.ts';
import { settleDoubts } from './settle-doubts.ts';
import { shareOut } from './share-out.ts';
import { type SymbolAnswer, importSymbol, lookAgain } from './symbol-import.ts';
import type { WorkedDays } from './work-days.ts';
import type { Work } from './work.ts';

/** More evidence than this is left to the list of gaps, however small the run. */
const LEAST_EVIDENCE = 100;

const LOOK_FOR_BROUGHT_MS = 1000;

/** A symbol whose worker died so often is set aside; from the first time on it is worked alone, to know that it is to blame. */
export const MOST_LOST_WORKERS = 3;

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
  // Workers of the fleet work them alone by themselves.
  const atOnce = deps.settings.parallelWorkers;
  const isSuspect = (symbol: string): boolean => atOnce > 0 && (lostWorkers.get(symbol) ?? 0) > 0;
  const importDeps = symbolImportDeps(work, deps);

  const importHere = async (task: RangeTask): Promise<void> => {
    const { symbol } = task;
    const startedAt = deps.clock.now();
    const item = rangeItemOf(task, days);
    const answer = await importSymbol(symbolToImport(item, work), importDeps, work.signal);
    if (answer.ticker) work.lives.push({ symbol, ...answer.ticker });
    const processingTimeMs = deps.clock.now() - startedAt;
    const failure = item.failure ?? answer.failure;
    if (failure !== null || answer.doubts.length === 0)
      return work.end(symbol, failure ?? judgeAnswer(answer, work), processingTimeMs);
    work.keep(answer);
    doubtful.push({ answer, processingTimeMs });
  };
  const importElsewhere = async (task: RangeTask): Promise<boolean> => {
    const { symbol } = task;
    const { runId, attempt } = work.attempt;
    const item = { runId, attempt, work: rangeItemOf(task, days) };
    const result = await deps.fleet!.work(item, work.signal);
    if (result === null) return false;
    for (const _ of item.work.ranges) work.requestDone();
    if (result.kind === 'ended') work.ended(symbol, result.failure, result.processingTimeMs);
    else {
      throwStop(result.answer);
      const answer = unpackAnswer(symbol, result.answer);
      if (answer === null)
        throw new AppError('INTERNAL', `A worker answered for ${symbol} what nobody here can read.`);
      doubtful.push({ answer, processingTimeMs: 0 });
    }
    return true;
  };
  const share = async (symbols: readonly string[], most: number): Promise<void> => {
    const feed = tasksInBatches(symbols, work, deps, days);
    const here = { atOnce: most, work: importHere };
    const helper = deps.fleet && { room: deps.fleet.room, work: importElsewhere };
    try {
      await shareOut(feed, here, helper, work.signal);
    } catch (error) {
      if (work.stopping !== null) return;
      work.abort(error);
      throw error;
    }
  };

  await share(
    asked.filter((symbol) => !isSuspect(symbol)),
    atOnce,
  );
  for (const symbol of asked.filter(isSuspect)) {
    if (work.signal.aborted) break;
    // All others are safe in the database before, so a death will be this one's doing.
    await work.writer.drain();
    await work.hand([symbol], true);
    if (lostWorkers.get(symbol)! >= MOST_LOST_WORKERS) work.end(symbol, setAside(symbol), 0);
    else await importHere(plannedTask(symbol, work.attempt));
  }
  if (work.signal.aborted) return;
  await settle(doubtful, importDeps, work, deps);
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
      judgeAnswer({ ...answer, ...again }, work, (timeframe, session) =>
        settled.isExplained(symbol, timeframe, session),
      );
    // Of a lost session the symbol is not done: the run is parked and goes on with it.
    const waits = failure !== null && answer.doubts.some(({ session }) => work.lost.has(session));
    if (!waits) work.end(symbol, failure, processingTimeMs);
  }
}

export const setAside = (symbol: string): Failure => ({
  code: 'INTERNAL',
  message: `${symbol} was set aside: ${MOST_LOST_WORKERS} processes in a row died while they worked on it. Look at their logs and their memory, then try it again by a retry.`,
});

/**
 * Symbols one by one for the workers, marked in the database a block at a time as handed over. What another run has
 * brought since the plan was made is left out.
 */
async function* tasksInBatches(
  symbols: readonly string[],
  work: Work,
  { settings, database, clock }: WorkDeps,
  days: WorkedDays,
): AsyncGenerator<RangeTask> {
  const { runId, request } = work.attempt;
  const readBrought = (block: readonly string[]): Promise<PlanningFacts | null> =>
    database.transaction('look for what others have brought', async (client) => {
      const brought = await listBrought(client, runId, block);
      return brought.length === 0 ? null : readFacts(client, brought, { ...request, now: clock.now() });
    });
  for (let at = 0; at < symbols.length; at += settings.symbolBatch) {
    const block = symbols.slice(at, at + settings.symbolBatch);
    await work.hand(block, true);
    let brought: PlanningFacts | null = null;
    let lookedAt = Number.NEGATIVE_INFINITY;
    for (const [place, symbol] of block.entries()) {
      if (performance.now() - lookedAt >= LOOK_FOR_BROUGHT_MS) {
        brought = await readBrought(block.slice(place));
        lookedAt = performance.now();
      }
      const planned = plannedTask(symbol, work.attempt);
      const task = brought?.known.has(symbol) === true ? narrowTask(planned, brought) : planned;
      for (let left = task.series.length; left < planned.series.length; left++) work.requestDone();
      if (task.series.length > 0) yield task;
      else work.end(symbol, days.failures.get(symbol) ?? null, 0);
    }
  }
}

function narrowTask({ symbol, series }: RangeTask, facts: PlanningFacts): RangeTask {
  const known = facts.known.get(symbol);
  return { symbol, series: series.flatMap((one) => narrowSeries(one, known, facts) ?? []), known };
}
