import { VendorOutage } from '../errors.ts';
import { nextSession } from '../market/calendar.ts';
import type { IsoDate } from '../market/date.ts';
import { finalThrough } from '../market/finality.ts';
import type { ImportPlan } from '../planning/import-plan.ts';
import type { PageToStore } from '../storage/batch.ts';
import type { WorkDeps } from './import-attempt.ts';
import { inParallel } from './in-parallel.ts';
import { isListed, notTraded } from './judge-series.ts';
import { settleRun } from './settle-run.ts';
import { judgeStranger, workDays } from './work-days.ts';
import { workRanges } from './work-ranges.ts';
import type { Work } from './work.ts';

/**
 * Works a plan to its end: what is known, days of all stocks, ranges, doubts, reasons.
 * @throws AppError VENDOR_NOT_READY (an outage) when the vendor has nothing of a recent session.
 */
export async function workPlan(shared: Work, deps: WorkDeps): Promise<void> {
  const { plan } = shared.attempt;
  await shared.storeAll(knownAbsences(plan, finalThrough(deps.clock.now())));
  await endIdle(shared, deps);
  const days = await workDays(shared, deps);
  await workRanges(shared, deps, days);
  await shared.writer.drain();
  if (shared.stopping !== null) return;
  await settleRun(shared, deps);
  if (shared.lost.size === 0) return;
  throw new VendorOutage(
    `Massive has nothing to speak of for ${[...shared.lost].toSorted().join(', ')}, a trading session that is over. What came of others is stored; go on when the vendor has it.`,
  );
}

/** Ends the symbols of which nothing is to be asked: all is there, or they did not trade then. */
async function endIdle(shared: Work, deps: WorkDeps): Promise<void> {
  const { plan } = shared.attempt;
  const busy = new Set([...plan.ranges.keys(), ...plan.days.flatMap(({ wantedBy }) => wantedBy.flat())]);
  const idle = plan.symbols.filter((symbol) => !busy.has(symbol));
  await shared.hand(idle);
  await inParallel(idle, deps.settings.parallelWorkers, async (symbol) => {
    const life = plan.known.get(symbol);
    const span = plan.spans.find(({ sessions }) => !sessions.some((session) => isListed(session, life)));
    if (span !== undefined) shared.end(symbol, notTraded(symbol, span.range, life), 0);
    // An import that was interrupted may have left a symbol that nobody knows.
    else shared.end(symbol, life?.isHeardOf === false ? await judgeStranger(symbol, shared, deps) : null, 0);
  });
}

function knownAbsences(plan: ImportPlan, final: IsoDate): PageToStore[] {
  return plan.absences.map(({ symbol, timeframe, sessions }) => ({
    symbol,
    timeframe,
    from: sessions[0]!,
    before: nextSession(sessions.at(-1)!),
    bars: [],
    rejects: [],
    absent: sessions,
    rejected: [],
    finalThrough: final,
    request: null,
  }));
}
