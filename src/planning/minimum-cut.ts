/** Edges of a flow network between numbered nodes, by columns: a million objects would cost more than the cut. */
export interface Edges {
  readonly from: number[];
  readonly to: number[];
  /** Whole numbers, or Infinity. */
  readonly capacity: number[];
}

/** Edges in pairs: edge `e` and its reverse `e ^ 1`. A node's edges are a list by `head` and `next`, ended by -1. */
interface Residual {
  readonly head: Int32Array;
  readonly next: Int32Array;
  readonly to: Int32Array;
  readonly capacity: Float64Array;
}

/**
 * Cuts source from sink at the least total capacity, by Dinic's algorithm: edges from the source's side to the
 * other are cut. Of all such cuts it takes the one with the fewest nodes on the source's side; there is only one,
 * whatever the order of the edges.
 *
 * Nodes are 0 to `nodes - 1`. Every path needs a finite edge, and the source's capacities must add up to at most
 * 2^53: then no sum of flows loses a unit.
 * @returns for every node 1 on the source's side, else 0.
 */
export function minimumCut(
  nodes: number,
  edges: Edges,
  source: number,
  sink: number,
): Uint8Array<ArrayBuffer> {
  const residual = residualOf(nodes, edges);
  const level = new Int32Array(nodes);
  while (findLevels(residual, level, source, sink)) blockShortestPaths(residual, level, source, sink);
  return Uint8Array.from(level, (steps) => (steps < 0 ? 0 : 1));
}

function residualOf(nodes: number, { from, to: targets, capacity: units }: Edges): Residual {
  const head = new Int32Array(nodes).fill(-1);
  const next = new Int32Array(from.length * 2);
  const to = new Int32Array(from.length * 2);
  const capacity = new Float64Array(from.length * 2);
  const link = (edge: number, tail: number, target: number) => {
    next[edge] = head[tail]!;
    head[tail] = edge;
    to[edge] = target;
  };
  for (let index = 0; index < from.length; index++) {
    link(2 * index, from[index]!, targets[index]!);
    link(2 * index + 1, targets[index]!, from[index]!);
    capacity[2 * index] = units[index]!;
  }
  return { head, next, to, capacity };
}

/** Sets each node's steps from the source, -1 where none lead to it; false when the sink cannot be reached. */
function findLevels(
  { head, next, to, capacity }: Residual,
  level: Int32Array,
  source: number,
  sink: number,
): boolean {
  const queue = new Int32Array(level.length);
  let queued = 0;
  level.fill(-1);
  level[source] = 0;
  queue[queued++] = source;
  for (let at = 0; at < queued && level[sink]! < 0; at++) {
    const node = queue[at]!;
    for (let edge = head[node]!; edge >= 0; edge = next[edge]!) {
      const target = to[edge]!;
      if (capacity[edge]! <= 0 || level[target]! >= 0) continue;
      level[target] = level[node]! + 1;
      queue[queued++] = target;
    }
  }
  return level[sink]! >= 0;
}

/** Sends flow until every path that goes up one level a step has a full edge. A stack of its own: no deep recursion. */
function blockShortestPaths(
  { head, next, to, capacity }: Residual,
  level: Int32Array,
  source: number,
  sink: number,
): void {
  const path = new Int32Array(level.length);
  const open = head.slice(); // the first edge of each node that may still lead to the sink
  let steps = 0;
  let node = source;
  for (;;) {
    if (node === sink) {
      steps = sendAlong(path, steps, capacity);
      node = to[path[steps]! ^ 1]!;
    }
    let edge = open[node]!;
    while (edge >= 0 && (capacity[edge]! <= 0 || level[to[edge]!]! !== level[node]! + 1)) edge = next[edge]!;
    open[node] = edge;
    if (edge >= 0) {
      path[steps++] = edge;
      node = to[edge]!;
    } else {
      if (steps === 0) return;
      const entered = path[--steps]!;
      node = to[entered ^ 1]!;
      open[node] = next[entered]!;
    }
  }
}

/** Sends what the path can carry; returns where on the path its first full edge is. */
function sendAlong(path: Int32Array, steps: number, capacity: Float64Array): number {
  let narrowest = 0;
  for (let step = 1; step < steps; step++)
    if (capacity[path[step]!]! < capacity[path[narrowest]!]!) narrowest = step;
  const flow = capacity[path[narrowest]!]!;
  for (let step = 0; step < steps; step++) {
    const edge = path[step]!;
    capacity[edge]! -= flow;
    capacity[edge ^ 1]! += flow;
  }
  return narrowest;
}
