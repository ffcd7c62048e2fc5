import { AppError } from '../errors.ts';
import type { IsoDate } from '../market/date.ts';
import type { Split } from '../market/split.ts';
import type { Vendor } from './vendor.ts';

/**
 * The whole market's splits from an execution date on, announced ones included. A plan without splits is no reason to stop: it is noticed, and
 * the list is empty.
 */
export async function fetchSplits(
  vendor: Vendor,
  from: IsoDate,
  notice: (text: string) => void,
  signal: AbortSignal,
): Promise<Split[]> {
  const splits: Split[] = [];
  try {
    // An overloaded vendor lists nothing now and then, and prices without their splits would be wrong.
    for (let look = 1; look <= 2 && splits.length === 0; look++) {
      for await (const page of vendor.splits({ from, evidence: look > 1 }, signal)) splits.push(...page);
    }
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'VENDOR_NOT_ENTITLED') throw error;
    notice(`Splits are not known, so prices are not adjusted for them: ${error.message}`);
  }
  return splits;
}
