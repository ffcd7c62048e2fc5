import { VendorOutage } from '../errors.ts';
import { sessionsBetween } from '../market/calendar.ts';
import { hull } from '../market/date.ts';
import { newYorkDate } from '../market/new-york.ts';
import { askedSymbols } from '../planning/import-plan.ts';
import { listSilentSymbols, settleAbsences } from '../storage/absence-reasons.ts';
import { forgetSymbols } from '../storage/coverage.ts';
import { type SymbolLife, writeLives, writeRefusedHistory } from '../storage/known-coverage.ts';
import { listAllSymbols } from '../storage/run-symbols.ts';
import type { WorkDeps } from './import-attempt.ts';
import { inParallel } from './in-parallel.ts';
import { askAbout } from './symbol-import.ts';
import type { Work } from './work.ts';

/**
 * Once everything is stored: remembers what was learned of symbols and of the plan's history, looks up the
 * listing of symbols that have fallen silent, and gives the absences of the run their reasons.
 */
export async function settleRun(work: Work, { database, vendor, clock, settings }: WorkDeps): Promise<void> {
  const { plan, runId, isTakenOver } = work.attempt;
  const today = newYorkDate(clock.now());
  const range = hull(plan.spans.map((span) => span.range));
  const asked = askedSymbols(plan);
  for (const { symbol } of plan.absences) asked.add(symbol);
  // What a dead process had learned of its symbols died with it.
  const inherited = isTakenOver
    ? await database.transaction('read the symbols of the run', (client) => listAllSymbols(client, runId))
    : [];
  for (const symbol of inherited) asked.add(symbol);
  const silent = await database.transaction('remember what was learned', async (client) => {
    await writeLives(client, work.lives, today);
    for (const [timeframe, through] of work.clipped.refusals)
      await writeRefusedHistory(client, timeframe, through);
    return listSilentSymbols(client, [...asked]);
  });
  const lives: SymbolLife[] = [];
  const unknown: string[] = [];
  await inParallel(silent, Math.max(1, settings.parallelWorkers), async (symbol) => {
    const ticker = await askAbout(symbol, vendor, undefined, work.signal);
    if (ticker === null) unknown.push(symbol);
    if (ticker) lives.push({ symbol, ...ticker });
  }).catch((error: unknown) => {
    // All bars are stored; the next run asks again.
    if (!(error instanceof VendorOutage)) throw error;
  });
  await database.transaction('give absences their reasons', async (client) => {
    await writeLives(client, lives, today);
    await forgetSymbols(client, unknown);
    await settleAbsences(client, {
      symbols: plan.symbols,
      range,
      lives: [...inherited, ...[...work.lives, ...lives].map(({ symbol }) => symbol)],
      marketDays: isTakenOver ? sessionsBetween(range.from, range.to) : work.marketDays.asked(),
    });
  });
}
