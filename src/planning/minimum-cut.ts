/** A directed graph whose edges can carry so much and no more. Nodes are numbers from 0. */
export interface FlowGraph {
  addEdge(from: number, to: number, capacity: number): void;
  /** Saturates the graph; returns the nodes still reachable from the source: the source's side of a minimum cut. */
  cut(source: number, sink: number): Uint8Array;
}

/**
 * Dinic's maximum flow over typed arrays. Capacities are whole numbers, or Infinity; those out of the source must
 * add up to a safe integer, so that sums stay exact.
 */
export function createFlowGraph(nodes: number): FlowGraph {
  // Edge e leads to heads[e]; e ^ 1 is the same edge backwards.
  const heads: number[] = [];
  const room: number[] = [];
  const next: number[] = [];
  const first = new Int32Array(nodes).fill(-1);
  const level = new Int32Array(nodes);
  const at = new Int32Array(nodes);

  const put = (from: number, to: number, capacity: number): void => {
    heads.push(to);
    room.push(capacity);
    next.push(first[from]!);
    first[from] = heads.length - 1;
  };

  /** Distances from the source over edges with room; false when the sink is out of reach. */
  function findLevels(source: number, sink: number): boolean {
    level.fill(-1);
    level[source] = 0;
    const queue = [source];
    for (let index = 0; index < queue.length; index++) {
      const node = queue[index]!;
      for (let edge = first[node]!; edge !== -1; edge = next[edge]!) {
        const head = heads[edge]!;
        if (room[edge]! <= 0 || level[head]! !== -1) continue;
        level[head] = level[node]! + 1;
        queue.push(head);
      }
    }
    return level[sink]! !== -1;
  }

  /** Sends flow along shortest paths until none has room. */
  function saturate(source: number, sink: number): void {
    at.set(first);
    const path: number[] = [];
    let node = source;
    for (;;) {
      if (node === sink) {
        const amount = path.reduce((least, edge) => Math.min(least, room[edge]!), Infinity);
        for (const edge of path) {
          room[edge]! -= amount;
          room[edge ^ 1]! += amount;
        }
        const full = path.findIndex((edge) => room[edge]! <= 0);
        node = heads[path[full]! ^ 1]!;
        path.length = full;
        continue;
      }
      let edge = at[node]!;
      while (edge !== -1 && !(room[edge]! > 0 && level[heads[edge]!] === level[node]! + 1))
        edge = next[edge]!;
      at[node] = edge;
      if (edge !== -1) {
        path.push(edge);
        node = heads[edge]!;
        continue;
      }
      const back = path.pop();
      if (back === undefined) return;
      node = heads[back ^ 1]!;
      at[node] = next[at[node]!]!;
    }
  }

  return {
    addEdge(from, to, capacity) {
      put(from, to, capacity);
      put(to, from, 0);
    },
    cut(source, sink) {
      while (findLevels(source, sink)) saturate(source, sink);
      return Uint8Array.from(level, (distance) => (distance === -1 ? 0 : 1));
    },
  };
}
