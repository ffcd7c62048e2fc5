import type { Coverage } from '../api/types.ts';
import { isGap } from './states.ts';

export type Row = Coverage['symbols'][number];

/** Some sessions of a symbol that stand alike: the place of their state, and places of sessions, half-open. */
export interface Run {
  readonly code: number;
  readonly from: number;
  readonly before: number;
}

export function runsOf({ runs }: Row): Run[] {
  let from = 0;
  return Array.from({ length: runs.length / 2 }, (_, n) => {
    const before = from + runs[2 * n + 1]!;
    const run = { code: runs[2 * n]!, from, before };
    from = before;
    return run;
  });
}

/** The state of a session, as its place. */
export const codeAt = (row: Row, session: number): number =>
  runsOf(row).find(({ before }) => session < before)?.code ?? 0;

/** A symbol's sessions that a person should look at. */
export interface Gaps {
  readonly row: Row;
  readonly sessions: number;
  /** The newest run of them; null when there is none. */
  readonly newest: Run | null;
}

export function gapsOf({ states }: Coverage, row: Row): Gaps {
  const gaps = runsOf(row).filter(({ code }) => isGap(states[code]!));
  return {
    row,
    sessions: gaps.reduce((sum, { from, before }) => sum + before - from, 0),
    newest: gaps.at(-1) ?? null,
  };
}

/** How many sessions of all symbols stand so, by the place of the state. */
export function countStates({ states, symbols }: Coverage): number[] {
  const counts = states.map(() => 0);
  for (const { runs } of symbols)
    for (let at = 0; at < runs.length; at += 2) counts[runs[at]!]! += runs[at + 1]!;
  return counts;
}

/** The symbols that are shown, in their order. */
export function chooseRows(
  gaps: readonly Gaps[],
  { isSortedByGaps, onlyGaps }: { readonly isSortedByGaps: boolean; readonly onlyGaps: boolean },
): readonly Row[] {
  const chosen = onlyGaps ? gaps.filter(({ sessions }) => sessions > 0) : gaps;
  return (isSortedByGaps ? chosen.toSorted((a, b) => b.sessions - a.sessions) : chosen).map(({ row }) => row);
}
