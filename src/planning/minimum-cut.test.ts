import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Edges, minimumCut } from './minimum-cut.ts';

const SOURCE = 0;
const SINK = 5;

const network: fc.Arbitrary<Edges> = fc
  .array(fc.tuple(fc.nat(SINK), fc.nat(SINK), fc.nat(9)), { maxLength: 20 })
  .map((edges) => ({
    from: edges.map(([from]) => from),
    to: edges.map(([, to]) => to),
    capacity: edges.map(([, , capacity]) => capacity),
  }));

describe('a minimum cut', () => {
  it('is the least of all cuts, with the fewest nodes on the source side', () => {
    fc.assert(
      fc.property(network, (edges) => {
        const cuts = allCuts().map((side) => ({ side, capacity: capacityOf(side, edges) }));
        const least = Math.min(...cuts.map((cut) => cut.capacity));
        const smallest = cuts
          .filter((cut) => cut.capacity === least)
          .reduce((a, b) => (sizeOf(a.side) <= sizeOf(b.side) ? a : b));
        expect([...minimumCut(SINK + 1, edges, SOURCE, SINK)]).toEqual(smallest.side);
      }),
      { numRuns: 1000 },
    );
  });

  it('never cuts an endless edge', () => {
    const edges = { from: [0, 1, 2], to: [1, 2, 3], capacity: [7, Infinity, 8] };
    expect([...minimumCut(4, edges, 0, 3)]).toEqual([1, 0, 0, 0]);
  });

  it('follows a path of a hundred thousand edges', () => {
    const from = Array.from({ length: 100_000 }, (_, node) => node);
    const edges = { from, to: from.map((node) => node + 1), capacity: from.map((node) => 200_000 - node) };
    expect(minimumCut(100_001, edges, 0, 100_000).indexOf(0)).toBe(100_000);
  });
});

/** For every set of nodes with the source and without the sink, 1 for the nodes in it. */
const allCuts = (): number[][] =>
  Array.from({ length: 2 ** (SINK - 1) }, (_, bits) =>
    Array.from({ length: SINK + 1 }, (__, node) =>
      node === SOURCE ? 1 : node === SINK ? 0 : (bits >> (node - 1)) & 1,
    ),
  );

const capacityOf = (side: readonly number[], { from, to, capacity }: Edges) =>
  capacity.reduce(
    (sum, units, edge) => (side[from[edge]!] === 1 && side[to[edge]!] === 0 ? sum + units : sum),
    0,
  );

const sizeOf = (side: readonly number[]) => side.reduce((sum, node) => sum + node, 0);
