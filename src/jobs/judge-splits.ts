import type { IsoDate } from '../market/date.ts';
import { type SplitJudgement, judgeByPrices } from '../market/split-verdict.ts';
import type { Database } from '../storage/database.ts';
import { type SplitToJudge, readSplitsToJudge, writeVerdicts } from '../storage/split-verdicts.ts';
import { lockSplits } from '../storage/splits.ts';

/**
 * Judges the symbols' splits by the raw prices that are stored now; a notice tells of each that is held back from
 * here on. Verdicts come from splits and bars alone, so the order in which they were imported is no matter.
 */
export async function judgeSplits(
  database: Database,
  { symbols, today }: { readonly symbols: readonly string[]; readonly today: IsoDate },
  notice: (text: string) => void,
): Promise<void> {
  if (symbols.length === 0) return;
  const changed = await database.transaction('judge the splits', async (client) => {
    await lockSplits(client);
    const splits = await readSplitsToJudge(client, symbols);
    const bySymbol = new Map<string, SplitToJudge[]>();
    for (const split of splits) {
      const ofSymbol = bySymbol.get(split.symbol);
      if (ofSymbol === undefined) bySymbol.set(split.symbol, [split]);
      else ofSymbol.push(split);
    }
    const differing = [...bySymbol.values()].flatMap((ofSymbol) => differingJudgements(ofSymbol, today));
    await writeVerdicts(client, differing);
    return differing;
  });
  for (const split of changed) if (split.verdict === 'held') notice(heldNotice(split));
}

function differingJudgements(splits: readonly SplitToJudge[], today: IsoDate): SplitToJudge[] {
  const judgements = judgeByPrices(splits, today);
  return splits.flatMap((split, index) => {
    const judged: SplitJudgement = judgements[index] ?? split;
    const isSame = judged.verdict === split.verdict && judged.observed === split.observed;
    return isSame ? [] : [{ ...split, ...judged }];
  });
}

/** Why a split is held back. */
export const heldNotice = ({
  symbol,
  executionDate,
  from,
  to,
  observed,
  before,
  after,
}: SplitToJudge): string =>
  `The split of ${symbol} on ${executionDate}, ${to} for ${from}, is held back: from the close of ${before?.close} on ${before?.session} ` +
  `to the open of ${after?.open} on ${after?.session} prices went by ${observed?.toFixed(4)}, not by ${(to / from).toFixed(4)}. They are not adjusted for it.`;
