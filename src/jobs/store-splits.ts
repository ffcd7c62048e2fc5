import type { Clock } from '../clock.ts';
import { type IsoDate, addDays } from '../market/date.ts';
import { newYorkDate } from '../market/new-york.ts';
import type { ImportPlan } from '../planning/import-plan.ts';
import type { Database } from '../storage/database.ts';
import { keepAnswers, readAnswers } from '../storage/run-answers.ts';
import {
  type SplitLook,
  earliestStoredSession,
  findSplitLook,
  lockSplits,
  symbolsOfDueSplits,
  withdrawUnlistedSplits,
  writeSplitLook,
  writeSplits,
} from '../storage/splits.ts';
import { fetchSplits } from './fetch-splits.ts';
import { judgeSplits } from './judge-splits.ts';
import type { Vendor } from './vendor.ts';

/** How long before the last look splits are read again: the vendor cancels and corrects some later. */
const READ_AGAIN_DAYS = 92;

/** The item under which a run keeps that it has the splits of a day. */
const LOOK = 'look at the splits';

export interface SplitDeps {
  readonly database: Database;
  readonly vendor: Vendor;
  readonly clock: Clock;
  readonly notice: (text: string) => void;
}

/** Brings the splits up to date once a run: whoever takes it over on the same day does not ask again. */
export async function storeSplitsOnce(
  { runId, isTakenOver }: { readonly runId: string; readonly isTakenOver: boolean },
  plan: Pick<ImportPlan, 'symbols' | 'spans'>,
  deps: SplitDeps,
  signal: AbortSignal,
): Promise<void> {
  const { database } = deps;
  const today = newYorkDate(deps.clock.now());
  if (isTakenOver) {
    const [look] = await database.transaction('look for an answer', (client) =>
      readAnswers(client, runId, [LOOK]),
    );
    if (look?.answer === today) return;
  }
  await storeSplits(plan, deps, signal);
  await database.transaction('remember the look at the splits', (client) =>
    keepAnswers(client, runId, [{ item: LOOK, answer: today }]),
  );
}

/** Brings the whole market's splits up to date, back to the oldest bar stored or asked for of the plan's symbols. */
export async function storeSplits(
  plan: Pick<ImportPlan, 'symbols' | 'spans'>,
  { database, vendor, clock, notice }: SplitDeps,
  signal: AbortSignal,
): Promise<void> {
  const today = newYorkDate(clock.now());
  const { stored, look } = await database.transaction('read what is stored', async (client) => ({
    stored: await earliestStoredSession(client, plan.symbols),
    look: await findSplitLook(client),
  }));
  const needed = plan.spans.map(({ range }) => range.from);
  // A split since the oldest stored bar matters even when this run looks back less far.
  if (stored !== null) needed.push(stored);
  const from = splitsFrom(look, needed.length === 0 ? today : needed.reduce((a, b) => (a < b ? a : b)));
  const splits = await fetchSplits(vendor, from, notice, signal);
  // Nothing listed, even at a second look, proves nothing: the next run asks for the same again.
  if (splits.length === 0) return;
  const { affected, withdrawn } = await database.transaction('store the splits', async (client) => {
    await lockSplits(client);
    const changed = await writeSplits(client, splits, today);
    const unlisted = await withdrawUnlistedSplits(client, { from, today }, splits);
    await writeSplitLook(client, { from, today });
    const due = await symbolsOfDueSplits(client, today);
    return { affected: [...changed, ...unlisted.map(({ symbol }) => symbol), ...due], withdrawn: unlisted };
  });
  const ofRun = new Set(plan.symbols);
  for (const { symbol, executionDate, hasBars } of withdrawn) {
    if (!hasBars && !ofRun.has(symbol)) continue;
    notice(
      `Massive no longer lists the split of ${symbol} on ${executionDate}; prices are no longer adjusted for it.`,
    );
  }
  await judgeSplits(database, { symbols: [...new Set(affected)], today }, notice);
}

/** From which execution date to ask, so that all since the earliest session needed are known and recent ones read again. */
export function splitsFrom(look: SplitLook | null, earliestNeeded: IsoDate): IsoDate {
  if (look === null || look.knownFrom > earliestNeeded) return earliestNeeded;
  return addDays(look.lookedOn, -READ_AGAIN_DAYS);
}
