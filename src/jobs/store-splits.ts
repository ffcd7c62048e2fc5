import { earliestStoredSession, removeUnlistedSplits, writeSplits } from '../storage/splits.ts';
import type { Database } from '../storage/database.ts';
import type { ImportPlan } from '../planning/import-plan.ts';
import { fetchSplits } from './fetch-splits.ts';
import type { Vendor } from './vendor.ts';

/** Brings the splits of a plan's symbols up to date, back to the oldest bar stored or asked for. */
export async function storeSplits(
  plan: ImportPlan,
  { database, vendor, notice }: { database: Database; vendor: Vendor; notice: (text: string) => void },
  signal: AbortSignal,
): Promise<void> {
  const firstAsked = plan.spans.map((series) => series.range.from);
  const stored = await database.transaction('read what is stored', (client) =>
    earliestStoredSession(client, plan.symbols),
  );
  // A split since the oldest stored bar matters even when this run looks back less far.
  const from = [...firstAsked, ...(stored === null ? [] : [stored])].reduce((a, b) => (a < b ? a : b));
  const asked = { from, symbols: plan.symbols };
  const splits = await fetchSplits(vendor, asked, notice, signal);
  const removed = await database.transaction('store the splits', async (client) => {
    await writeSplits(client, splits);
    return removeUnlistedSplits(client, asked, splits);
  });
  for (const { symbol, executionDate } of removed) {
    notice(
      `Massive no longer lists the split of ${symbol} on ${executionDate}; prices are no longer adjusted for it.`,
    );
  }
}
