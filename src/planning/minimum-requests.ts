import { usageError } from '../errors.ts';
import { type Edges, minimumCut } from './minimum-cut.ts';

/** Places in the plan's list of sessions as inclusive runs [first, last]: ascending, disjoint, not touching. */
export type Runs = readonly (readonly [first: number, last: number])[];

/** Symbols that lack the same sessions. */
export interface MissingSessions {
  readonly symbols: readonly string[];
  /** Never empty. */
  readonly runs: Runs;
}

/** One symbol's bars over places of sessions, both inclusive. */
export interface RangeRequest {
  readonly symbol: string;
  readonly from: number;
  readonly to: number;
}

export interface MinimumRequests {
  /** Places of sessions to ask for all stocks at once, ascending. */
  readonly groupedDays: readonly number[];
  /** In the order the symbols were given. */
  readonly ranges: readonly RangeRequest[];
}

/** What answers are expected to weigh, in bytes. */
export interface RequestBytes {
  readonly groupedDay: number;
  /** Each session of a range request, from its first missing one to its last. */
  readonly rangeSession: number;
  /** What a range request weighs besides. */
  readonly range: number;
}

/**
 * The fewest requests that answer every missing session of every symbol, and of equally few those with the fewest
 * bytes; where that leaves a choice, ranges. A range answers one symbol, a grouped day all symbols; each is one
 * request. Bytes are weighed to the whole byte and before a range is narrowed to what no grouped day answers.
 *
 * Symbols and sessions are the two sides of a bipartite graph and a missing bar is an edge, so this is a minimum
 * vertex cover, found as a minimum cut (König's theorem, weighted).
 * @param options.sessions number of sessions in the plan: places are below it.
 * @param options.isGroupable whether the session at a place may be asked as a grouped day; all may when absent.
 * @throws AppError CONFIG_INVALID when the plan is too large to be weighed exactly, beyond some 170,000 symbols over
 * ten years.
 */
export function minimumRequests(
  missing: readonly MissingSessions[],
  options: {
    readonly sessions: number;
    readonly bytes: RequestBytes;
    readonly isGroupable?: (place: number) => boolean;
  },
): MinimumRequests {
  const { sessions, bytes, isGroupable = () => true } = options;
  if (missing.length === 0) return { groupedDays: [], ranges: [] };

  const weights = weigh(missing, sessions, bytes);
  const dayWeights = Array.from({ length: sessions }, (_, place) =>
    isGroupable(place) ? weights.groupedDay : Infinity,
  );
  const { edges, nodes, source, sink, symbolsNode, sessionNode } = networkOf(
    missing,
    weights.ranges,
    dayWeights,
  );
  const onSourceSide = minimumCut(nodes, edges, source, sink);

  const isGroupedDay = onSourceSide.subarray(sessionNode(0), sessionNode(sessions));
  const ranges = missing.flatMap(({ symbols, runs }, index) => {
    if (onSourceSide[symbolsNode(index)] === 1) return [];
    const { from, to } = hullOutside(isGroupedDay, runs);
    return symbols.map((symbol) => ({ symbol, from, to }));
  });
  const groupedDays = [...isGroupedDay.keys()].filter((place) => isGroupedDay[place] === 1);
  return { groupedDays, ranges };
}

/** Puts symbols with equal gaps together, in the order of their first; those without a gap are left out. */
export function groupByGaps(
  gaps: Iterable<{ readonly symbol: string; readonly runs: Runs }>,
): MissingSessions[] {
  const groups = new Map<string, { symbols: string[]; runs: Runs }>();
  for (const { symbol, runs } of gaps) {
    if (runs.length === 0) continue;
    const key = runs.join(' ');
    const group = groups.get(key);
    if (group) group.symbols.push(symbol);
    else groups.set(key, { symbols: [symbol], runs });
  }
  return [...groups.values()];
}

/**
 * One number orders by requests first and bytes second: a request weighs more than the bytes of all requests
 * together, so no saving of bytes pays for one. Whole numbers up to 2^53 keep that exact.
 */
function weigh(missing: readonly MissingSessions[], sessions: number, bytes: RequestBytes) {
  const dayBytes = Math.round(bytes.groupedDay);
  const rangeBytes = missing.map(({ runs }) =>
    Math.round(bytes.range + bytes.rangeSession * (runs.at(-1)![1] - runs[0]![0] + 1)),
  );
  let symbols = 0;
  let allBytes = sessions * dayBytes;
  for (const [index, group] of missing.entries()) {
    symbols += group.symbols.length;
    allBytes += group.symbols.length * rangeBytes[index]!;
  }
  const request = allBytes + 1;
  if (symbols * request + allBytes > Number.MAX_SAFE_INTEGER) {
    throw usageError(
      `Cannot plan ${symbols} symbols over ${sessions} sessions at once: ask for fewer symbols or a shorter range.`,
    );
  }
  return {
    groupedDay: request + dayBytes,
    // Symbols with equal gaps are equally well off: a best cover takes all of them or none.
    ranges: missing.map((group, index) => group.symbols.length * (request + rangeBytes[index]!)),
  };
}

/**
 * Source → symbols → their missing sessions → sink. Cutting the first edge asks by ranges, the last a grouped day;
 * those between cannot be cut. They go through a segment tree over the sessions, whose parents lead to their
 * children, so that a run of any length takes O(log sessions) edges. As in a heap the root is node 1, the children
 * of k are 2k and 2k + 1, and the leaves come last.
 */
function networkOf(
  missing: readonly MissingSessions[],
  rangeWeights: readonly number[],
  dayWeights: readonly number[],
) {
  const leaves = dayWeights.length;
  const source = 0; // the number a heap leaves free
  const sink = 2 * leaves;
  const symbolsNode = (index: number) => sink + 1 + index;
  const sessionNode = (place: number) => leaves + place;
  const edges: Edges = { from: [], to: [], capacity: [] };
  const connect = (from: number, to: number, capacity = Infinity) => {
    edges.from.push(from);
    edges.to.push(to);
    edges.capacity.push(capacity);
  };
  for (let node = 2; node < 2 * leaves; node++) connect(node >> 1, node);
  for (const [place, weight] of dayWeights.entries()) connect(sessionNode(place), sink, weight);
  for (const [index, { runs }] of missing.entries()) {
    const group = symbolsNode(index);
    connect(source, group, rangeWeights[index]!);
    for (const [first, last] of runs) {
      let left = sessionNode(first);
      let right = sessionNode(last + 1);
      for (; left < right; left >>= 1, right >>= 1) {
        if (left % 2 === 1) connect(group, left++);
        if (right % 2 === 1) connect(group, --right);
      }
    }
  }
  return { edges, nodes: symbolsNode(missing.length), source, sink, symbolsNode, sessionNode };
}

/** From the first to the last place of the runs that is no grouped day; a smallest cover leaves one at least. */
function hullOutside(isGroupedDay: Uint8Array, runs: Runs): { from: number; to: number } {
  let from = -1;
  let to = -1;
  for (let [first, last] of runs) {
    while (first <= last && isGroupedDay[first] === 1) first++;
    while (last >= first && isGroupedDay[last] === 1) last--;
    if (first > last) continue;
    if (from < 0) from = first;
    to = last;
  }
  return { from, to };
}
