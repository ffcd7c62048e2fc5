import { createFlowGraph } from './minimum-cut.ts';
import type { Runs } from './wanted-sessions.ts';

/** Symbols that lack the same sessions. */
export interface MissingSessions {
  readonly symbols: readonly string[];
  /** Places of sessions; never empty. */
  readonly runs: Runs;
}

/** A range request; places of sessions, inclusive. */
export interface RangeRequest {
  readonly symbol: string;
  readonly from: number;
  readonly to: number;
}

export interface MinimumRequests {
  /** Places of the sessions to ask of all stocks at once, ascending. */
  readonly groupedDays: readonly number[];
  readonly ranges: readonly RangeRequest[];
}

/** What answers weigh, in whole bytes. */
export interface RequestBytes {
  readonly groupedDay: number;
  /** Of a range, whatever its length. */
  readonly range: number;
  /** For each session between a range's ends. */
  readonly rangeSession: number;
}

/** Puts symbols with equal gaps together, in the order they come; symbols without gaps are left out. */
export function groupByGaps(
  gaps: Iterable<{ readonly symbol: string; readonly runs: Runs }>,
): MissingSessions[] {
  const groups = new Map<string, { symbols: string[]; runs: Runs }>();
  for (const { symbol, runs } of gaps) {
    if (runs.length === 0) continue;
    const key = runs.join(' ');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { symbols: [symbol], runs });
    else group.symbols.push(symbol);
  }
  return [...groups.values()];
}

const SOURCE = 0;
const SINK = 1;

/**
 * The smallest set of requests that brings all missing days: each by a range of its symbol or by all stocks of its
 * session. Symbols and sessions are the two sides of a bipartite graph, missing days its edges, a set of requests a
 * vertex cover; the smallest one is a minimum cut (König). Of equally small sets the one with the fewest bytes.
 */
export function minimumRequests(
  missing: readonly MissingSessions[],
  options: { readonly sessions: number; readonly bytes: RequestBytes },
): MinimumRequests {
  const { sessions, bytes } = options;
  const rangeBytes = missing.map(
    ({ runs }) => bytes.range + bytes.rangeSession * (runs.at(-1)![1] - runs[0]![0] + 1),
  );
  const symbols = missing.reduce((sum, group) => sum + group.symbols.length, 0);
  // One request more outweighs all bytes there can be, so that one cut settles both: first requests, then bytes.
  const request =
    1 +
    sessions * bytes.groupedDay +
    missing.reduce((sum, group, row) => sum + group.symbols.length * rangeBytes[row]!, 0);
  if (!Number.isSafeInteger((symbols + sessions + 1) * request))
    throw new RangeError(`Cannot plan ${symbols} symbols over ${sessions} sessions exactly.`);

  // A tree over the sessions carries each run by a few of its nodes: as an edge a missing day it would not fit.
  const rowNode = 2;
  const treeNode = rowNode + missing.length;
  const graph = createFlowGraph(treeNode + 2 * sessions);
  for (let node = 1; node < sessions; node++) {
    graph.addEdge(treeNode + node, treeNode + 2 * node, Infinity);
    graph.addEdge(treeNode + node, treeNode + 2 * node + 1, Infinity);
  }
  for (let place = 0; place < sessions; place++)
    graph.addEdge(treeNode + sessions + place, SINK, request + bytes.groupedDay);
  for (const [row, { symbols: members, runs }] of missing.entries()) {
    // Symbols that lack the same are all in a smallest set or none of them is.
    graph.addEdge(SOURCE, rowNode + row, members.length * (request + rangeBytes[row]!));
    for (const node of treeNodes(runs, sessions)) graph.addEdge(rowNode + row, treeNode + node, Infinity);
  }

  const onSourceSide = graph.cut(SOURCE, SINK);
  const isGrouped = onSourceSide.subarray(treeNode + sessions);
  const groupedDays = Array.from(isGrouped.keys()).filter((place) => isGrouped[place] === 1);
  const ranges = missing.flatMap(({ symbols: members, runs }, row) => {
    if (onSourceSide[rowNode + row] === 1) return [];
    const [from, to] = hullWithout(runs, isGrouped);
    return members.map((symbol) => ({ symbol, from, to }));
  });
  return { groupedDays, ranges };
}

/** The tree's nodes whose leaves together are the places of the runs; leaves are nodes `sessions + place`. */
function* treeNodes(runs: Runs, sessions: number): Generator<number> {
  for (const [first, last] of runs) {
    let left = first + sessions;
    let right = last + sessions + 1;
    for (; left < right; left >>= 1, right >>= 1) {
      if (left & 1) yield left++;
      if (right & 1) yield --right;
    }
  }
}

/** The ends of what runs have besides days asked of all stocks; a range in a smallest set always has something. */
function hullWithout(runs: Runs, isGrouped: Uint8Array): readonly [number, number] {
  let from = runs[0]![0];
  let to = runs.at(-1)![1];
  const isOwn = (place: number): boolean =>
    isGrouped[place] === 0 && runs.some(([first, last]) => first <= place && place <= last);
  while (from < to && !isOwn(from)) from++;
  while (to > from && !isOwn(to)) to--;
  return [from, to];
}
