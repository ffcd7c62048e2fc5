import { VendorOutage } from '../errors.ts';
import { finalThrough } from '../market/finality.ts';
import { askedSymbols } from '../planning/import-plan.ts';
import { absentPage } from './absent-page.ts';
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
  const final = finalThrough(deps.clock.now());
  await shared.storeAll(plan.absences.map((known) => absentPage({ ...known, groupedRows: null }, final)));
  await endIdle(shared, deps);
  const days = await workDays(shared, deps);
  // A worker ends a symbol by itself. What is known of its days must be stored by then, or it is lost with this process.
  if (deps.fleet !== null) await shared.writer.drain();
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
  const busy = askedSymbols(plan);
  const { kept } = shared.attempt;
  const idle = plan.symbols.filter((symbol) => !busy.has(symbol) && !kept.has(symbol));
  await shared.hand(idle);
  await inParallel(idle, Math.max(1, deps.settings.parallelWorkers), async (symbol) => {
    const life = plan.known.get(symbol);
    const span = plan.spans.find(({ sessions }) => !sessions.some((session) => isListed(session, life)));
    if (span !== undefined) shared.end(symbol, notTraded(symbol, span.range, life), 0);
    // An import that was interrupted may have left a symbol that nobody knows.
    else shared.end(symbol, life?.isHeardOf === false ? await judgeStranger(symbol, shared, deps) : null, 0);
  });
}
