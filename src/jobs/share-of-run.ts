import { setTimeout as delay } from 'node:timers/promises';
import { AppError, RunTakenOver, ServiceStopped, toAppError } from '../errors.ts';
import { newYorkDate } from '../market/new-york.ts';
import { askWindows } from '../planning/asked-bars.ts';
import type { ImportPlan } from '../planning/import-plan.ts';
import { writeLives, writeRefusedHistory } from '../storage/known-coverage.ts';
import { createPatientDatabase } from '../storage/patient-database.ts';
import { findRun } from '../storage/read-runs.ts';
import { readAnswers } from '../storage/run-answers.ts';
import { readSign } from '../storage/run-signs.ts';
import { countLost, giveBackSymbol, listAllSymbols, takeSymbol } from '../storage/run-symbols.ts';
import { fetchDay } from './day-import.ts';
import { createErrorReports } from './error-reports.ts';
import { type DayItem, type Item, type RangeItem, itemName } from './fleet.ts';
import { stopReason } from './heartbeat.ts';
import { type Attempt, type AttemptDeps, FEW_SYMBOLS, type WorkDeps } from './import-attempt.ts';
import { judgeAnswer, symbolImportDeps, symbolToImport, toStop } from './import-ranges.ts';
import { createRequestJournal } from './request-journal.ts';
import { importSymbol } from './symbol-import.ts';
import { createWork } from './work.ts';
import { MOST_LOST_WORKERS, setAside } from './work-ranges.ts';

const LOOK_MS = 1000;

/** What a worker does of one attempt of a run. */
export interface ShareOfRun {
  /** Works an item to its commit; one that is done already, or nobody's any more, is left alone. */
  work(item: Item['work']): Promise<void>;
  /** Stops what is under way, stores what came, and ends. */
  close(reason?: AppError): Promise<void>;
}

/** Null when the run is not in progress or its attempt is another by now. `worker` names the process. */
export async function openShare(
  { runId, attempt: number }: Pick<Item, 'runId' | 'attempt'>,
  deps: AttemptDeps,
  worker: string,
): Promise<ShareOfRun | null> {
  const { clock, settings } = deps;
  const patience = { clock, patienceMs: settings.storagePatienceMs };
  const database = createPatientDatabase(deps.database, patience, (error) =>
    deps.notice(`Waiting for the database: ${error.message}`),
  );
  const run = await database.transaction('read a run', (client) => findRun(client, runId));
  if (run === null || run.attempt !== number || run.status !== 'in_progress') return null;
  const attempt: Attempt = {
    ...run,
    plan: { ...askWindows([], run.request.timeframes, run.request.windows), ...noPlan },
    kept: new Map(),
    lostWorkers: new Map(),
    others: [],
    isTakenOver: false,
  };
  const stop = new AbortController();
  const errors = createErrorReports(attempt, database, clock);
  const journal = createRequestJournal(number, clock.now);
  const vendor = deps.openVendor(
    { onRetry: errors.retrying, onRequest: journal.heard },
    run.totalSymbols <= FEW_SYMBOLS,
  );
  const workDeps: WorkDeps = { ...deps, database, vendor, errors, journal, fleet: null };
  const work = await createWork(attempt, workDeps, { signal: stop.signal });
  const alone = createGate();
  let symbols: Promise<string[]> | undefined;

  const workRanges = async (item: RangeItem): Promise<void> => {
    const { symbol } = item;
    const of = { runId, attempt: number, symbol, worker };
    const lost = await database.transaction('take a symbol', (client) => takeSymbol(client, of));
    if (lost === null) return;
    if (lost >= MOST_LOST_WORKERS) return work.end(symbol, setAside(symbol), 0);
    const startedAt = clock.now();
    try {
      const answer = await importSymbol(
        symbolToImport(item, work),
        symbolImportDeps(work, workDeps),
        stop.signal,
      );
      const { ticker } = answer;
      if (ticker)
        await database.transaction('remember what was learned', (client) =>
          writeLives(client, [{ symbol, ...ticker }], newYorkDate(clock.now())),
        );
      const failure = item.failure ?? answer.failure;
      if (failure === null && answer.doubts.length > 0) work.keep(answer);
      else work.end(symbol, failure ?? judgeAnswer(answer, work), clock.now() - startedAt);
    } catch (error) {
      await giveBackSymbol(deps.database.pool, runId, symbol).catch(() => {});
      throw error;
    }
  };

  const workDay = async ({ session, without }: DayItem): Promise<void> => {
    const name = itemName({ work: { kind: 'day', session, without } });
    const answered = await database.transaction('look for an answer', (client) =>
      readAnswers(client, runId, [name]),
    );
    if (answered.length > 0) return;
    symbols ??= database.transaction('read the symbols of a run', (client) => listAllSymbols(client, runId));
    const left = new Set(without);
    const wantedBy = [(await symbols).filter((symbol) => !left.has(symbol))];
    const brief = await fetchDay({ session, wantedBy }, { ...work, now: clock.now }, stop.signal);
    work.writer.keep({ item: name, answer: brief });
  };

  const watch = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await delay(LOOK_MS, undefined, { signal: stop.signal }).catch(() => {});
      const sign = await readSign(deps.database.pool, runId).catch(() => undefined);
      if (sign === undefined) continue;
      if (sign === null || sign.attempt !== number || sign.status !== 'in_progress')
        stop.abort(new RunTakenOver(runId));
      else if (sign.stopRequested !== null) stop.abort(stopReason(runId, sign.stopRequested));
    }
  };
  const watching = watch();

  return {
    async work(item) {
      if (stop.signal.aborted) return;
      const isSuspect =
        item.kind === 'ranges' &&
        (await database.transaction('look at a symbol', (client) => countLost(client, runId, item.symbol))) >
          0;
      const leave = await alone.enter(isSuspect);
      try {
        await (item.kind === 'ranges' ? workRanges(item) : workDay(item));
        const { refusals } = work.clipped;
        // Before the item ends: with the last one the conductor gives the reasons.
        if (refusals.size > 0)
          await database.transaction('remember what was refused', async (client) => {
            for (const refusal of refusals) await writeRefusedHistory(client, ...refusal);
          });
        await work.writer.drain();
      } catch (thrown) {
        const error = toAppError(thrown);
        // Whoever conducts the run knows of its end, or will hear of it from the database.
        if (error.code === 'CANCELLED') return;
        work.writer.keep({ item: itemName({ work: item }), answer: toStop(error) });
        await work.writer.drain();
      } finally {
        leave();
      }
    },
    async close(reason = new ServiceStopped()) {
      stop.abort(reason);
      await work.writer.drain().catch(() => {});
      await Promise.all([watching, errors.written(), vendor.close()]);
    },
  };
}

const noPlan: Omit<ImportPlan, 'symbols' | 'timeframes' | 'windows' | 'spans'> = {
  days: [],
  ranges: new Map(),
  absences: [],
  known: new Map(),
  requests: 0,
};

/** Lets many in together, or one alone. */
function createGate(): { enter(isAlone: boolean): Promise<() => void> } {
  const inside = new Set<Promise<void>>();
  let turn: Promise<unknown> = Promise.resolve();
  const empty = async (): Promise<void> => {
    while (inside.size > 0) await Promise.all(inside);
  };
  return {
    enter(isAlone) {
      const entered = turn.then(async () => {
        if (isAlone) await empty();
        let leave!: () => void;
        const left = new Promise<void>((resolve) => (leave = resolve));
        inside.add(left);
        return () => {
          inside.delete(left);
          leave();
        };
      });
      // Whoever comes after one who is alone waits until that one has left.
      turn = isAlone ? entered.then(empty) : entered;
      return entered;
    },
  };
}
