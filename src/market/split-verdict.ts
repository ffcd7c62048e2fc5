import { type IsoDate, toDayNumber } from './date.ts';

/**
 * What the raw prices say of a split: not executed yet, nothing to judge by, too small to be seen, seen, or
 * contradicted. One that is held is not applied, the others are.
 */
export type SplitVerdict = 'announced' | 'pending' | 'unverifiable' | 'confirmed' | 'held';

/** A split and the raw prices nearest to it; null where there is no bar. */
export interface SplitAndPrices {
  readonly executionDate: IsoDate;
  readonly from: number;
  readonly to: number;
  /** The last close before the execution date. */
  readonly before: { readonly session: IsoDate; readonly close: number } | null;
  /** The first open on or after it. */
  readonly after: { readonly session: IsoDate; readonly open: number } | null;
}

export interface SplitJudgement {
  readonly verdict: SplitVerdict;
  /** Raw close before / raw open after, where they were compared with the ratio. */
  readonly observed: number | null;
}

/** |ln ratio| below this drowns in a day's move: 5 for 4 is about the smallest that shows. */
const SMALLEST_SEEN = 0.22;
/** How far |ln| the open may be off: real 60 for 1 splits opened 0.3 off. */
const TOLERANCE = 0.4;
/** Prices further from the execution date than this tell too little. */
const MOST_DAYS = 10;

/** Judges one symbol's standing splits, in the order given; those between the same two bars are judged as one. */
export function judgeByPrices(splits: readonly SplitAndPrices[], today: IsoDate): SplitJudgement[] {
  const key = ({ before, after }: SplitAndPrices): string => `${before?.session} ${after?.session}`;
  const executed = splits.filter((split) => split.executionDate <= today);
  const together = new Map<string, SplitAndPrices[]>();
  for (const split of executed) together.set(key(split), [...(together.get(key(split)) ?? []), split]);
  const judged = new Map([...together].map(([bars, group]) => [bars, judgeGroup(group)]));
  return splits.map((split) =>
    split.executionDate > today
      ? { verdict: 'announced', observed: null }
      : (judged.get(key(split)) ?? { verdict: 'pending', observed: null }),
  );
}

function judgeGroup(splits: readonly SplitAndPrices[]): SplitJudgement {
  const due = splits.reduce((sum, { from, to }) => sum + Math.log(to / from), 0);
  if (Math.abs(due) < SMALLEST_SEEN) return { verdict: 'unverifiable', observed: null };
  const { before = null, after = null } = splits[0] ?? {};
  const isFar = (session: IsoDate): boolean =>
    splits.some(
      ({ executionDate }) => Math.abs(toDayNumber(executionDate) - toDayNumber(session)) > MOST_DAYS,
    );
  if (before === null || after === null || isFar(before.session) || isFar(after.session))
    return { verdict: 'pending', observed: null };
  const observed = before.close / after.open;
  const isOff = Math.abs(Math.log(observed) - due) > Math.max(TOLERANCE, Math.abs(due) / 2);
  return { verdict: isOff ? 'held' : 'confirmed', observed };
}
