import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type MinimumRequests,
  type MissingSessions,
  type RequestBytes,
  groupByGaps,
  minimumRequests,
} from './minimum-requests.ts';

const bytes = { groupedDay: 1_300_000, rangeSession: 105, range: 300 };
const grids = 2000;

/** Rows are symbols, columns sessions; true where the bar is missing. */
interface Grid {
  readonly cells: readonly (readonly boolean[])[];
  readonly groupable: readonly boolean[];
  readonly bytes: RequestBytes;
}

const grid: fc.Arbitrary<Grid> = fc
  .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 6 }))
  .chain(([rows, columns]) => {
    const row = fc.array(fc.boolean(), { minLength: columns, maxLength: columns });
    return fc.record({
      cells: fc.array(row, { minLength: rows, maxLength: rows }),
      // Mostly groupable, or grouped days would hardly ever pay.
      groupable: fc.array(
        fc.nat(4).map((n) => n > 0),
        { minLength: columns, maxLength: columns },
      ),
      bytes: fc.record({ groupedDay: fc.nat(1000), rangeSession: fc.nat(200), range: fc.nat(300) }),
    });
  });

describe('the smallest set of requests', () => {
  it('is as small and as light as the best of all covers', () => {
    fc.assert(
      fc.property(grid, (one) => {
        expect(costOf(plan(one), one)).toEqual(bestOfAllCovers(one));
      }),
      { numRuns: grids },
    );
  });

  it('answers every missing bar and narrows each range to bars it needs', () => {
    fc.assert(
      fc.property(grid, (one) => {
        const { groupedDays, ranges } = plan(one);
        for (const place of groupedDays) expect(one.groupable[place]).toBe(true);
        for (const [row, symbol] of symbolsOf(one).entries()) {
          const left = missingPlaces(one, row).filter((place) => !groupedDays.includes(place));
          const hull = left.length === 0 ? [] : [{ symbol, from: left[0], to: left.at(-1) }];
          const asked = ranges.filter((range) => range.symbol === symbol);
          // A symbol whose bars all lie on grouped days is not asked for again.
          expect(asked).toEqual(hull);
        }
      }),
      { numRuns: grids },
    );
  });

  it('is the same for symbols grouped by their gaps as for each alone', () => {
    fc.assert(
      fc.property(grid, (one) => {
        const alone = gapsOf(one)
          .filter(({ runs }) => runs.length > 0)
          .map(({ symbol, runs }) => ({ symbols: [symbol], runs }));
        const single = minimumRequests(alone, optionsOf(one));
        expect(sorted(plan(one))).toEqual(sorted(single));
      }),
    );
  });

  it('does not depend on the order of the symbols', () => {
    fc.assert(
      fc.property(grid, (one) => {
        const backwards = minimumRequests(groupByGaps(gapsOf(one).toReversed()), optionsOf(one));
        expect(sorted(backwards)).toEqual(sorted(plan(one)));
      }),
    );
  });
});

describe('planning requests', () => {
  it.each([3, 500, 12_000])('asks two grouped days for the last two sessions of %i symbols', (count) => {
    const missing = [{ symbols: symbols(count), runs: [[1823, 1824]] as const }];
    expect(minimumRequests(missing, { sessions: 1825, bytes })).toEqual({
      groupedDays: [1823, 1824],
      ranges: [],
    });
  });

  it('asks a range for one symbol, however many its holes', () => {
    const missing = [
      {
        symbols: ['AAPL'],
        runs: [
          [3, 3],
          [7, 90],
          [99, 99],
        ] as const,
      },
    ];
    expect(minimumRequests(missing, { sessions: 100, bytes })).toEqual({
      groupedDays: [],
      ranges: [{ symbol: 'AAPL', from: 3, to: 99 }],
    });
  });

  it('asks a range a symbol for a first load', () => {
    const missing = [{ symbols: symbols(503), runs: [[0, 1824]] as const }];
    const { groupedDays, ranges } = minimumRequests(missing, { sessions: 1825, bytes });
    expect([groupedDays.length, ranges.length]).toEqual([0, 503]);
  });

  it('asks a grouped day for each missed session and a range for each new symbol', () => {
    const missing = [
      { symbols: ['OLD1', 'OLD2', 'OLD3', 'OLD4'], runs: [[97, 99]] as const },
      { symbols: ['NEW2', 'NEW1'], runs: [[0, 99]] as const },
    ];
    // New symbols need not ask for what the grouped days bring.
    expect(minimumRequests(missing, { sessions: 100, bytes })).toEqual({
      groupedDays: [97, 98, 99],
      ranges: [
        { symbol: 'NEW2', from: 0, to: 96 },
        { symbol: 'NEW1', from: 0, to: 96 },
      ],
    });
  });

  it('prefers two ranges to two grouped days, which weigh more', () => {
    const missing = [{ symbols: ['A', 'B'], runs: [[0, 1]] as const }];
    const { groupedDays, ranges } = minimumRequests(missing, { sessions: 2, bytes });
    expect([groupedDays.length, ranges.length]).toEqual([0, 2]);
  });

  it('prefers ranges where requests and bytes are the same', () => {
    const missing = [{ symbols: ['A'], runs: [[0, 0]] as const }];
    const even = { groupedDay: 405, rangeSession: 105, range: 300 };
    expect(minimumRequests(missing, { sessions: 1, bytes: even }).groupedDays).toEqual([]);
  });

  it('never pays a request to save bytes', () => {
    const missing = [{ symbols: ['A', 'B', 'C'], runs: [[0, 1]] as const }];
    const heavy = { groupedDay: 1e9, rangeSession: 0, range: 0 };
    expect(minimumRequests(missing, { sessions: 2, bytes: heavy }).groupedDays).toEqual([0, 1]);
  });

  it('asks no grouped day of a session that cannot be asked so', () => {
    const missing = [{ symbols: ['A', 'B', 'C'], runs: [[0, 1]] as const }];
    const isGroupable = (place: number) => place !== 1;
    expect(minimumRequests(missing, { sessions: 2, bytes, isGroupable })).toEqual({
      groupedDays: [],
      ranges: ['A', 'B', 'C'].map((symbol) => ({ symbol, from: 0, to: 1 })),
    });
  });

  it('asks nothing when nothing is missing', () => {
    expect(minimumRequests([], { sessions: 0, bytes })).toEqual({ groupedDays: [], ranges: [] });
  });

  it('refuses what it could not weigh exactly', () => {
    const missing = [{ symbols: ['A'], runs: [[0, 0]] as const }];
    const act = () => minimumRequests(missing, { sessions: 1, bytes: { ...bytes, groupedDay: 2 ** 52 } });
    expect(act).toThrow('Cannot plan 1 symbols over 1 sessions at once');
  });
});

describe('grouping by gaps', () => {
  it('puts equal gaps together and leaves out symbols without one', () => {
    const grouped = groupByGaps([
      {
        symbol: 'A',
        runs: [
          [0, 1],
          [4, 4],
        ],
      },
      { symbol: 'B', runs: [[0, 14]] },
      { symbol: 'C', runs: [] },
      {
        symbol: 'D',
        runs: [
          [0, 1],
          [4, 4],
        ],
      },
    ]);
    expect(grouped.map((group) => group.symbols)).toEqual([['A', 'D'], ['B']]);
    expect(grouped[0]?.runs).toEqual([
      [0, 1],
      [4, 4],
    ]);
  });
});

const symbols = (count: number) => Array.from({ length: count }, (_, n) => `S${n}`);
const symbolsOf = (one: Grid) => symbols(one.cells.length);

const missingPlaces = (one: Grid, row: number) =>
  one.cells[row]!.flatMap((missing, place) => (missing ? [place] : []));

function gapsOf(one: Grid): { symbol: string; runs: MissingSessions['runs'] }[] {
  return symbolsOf(one).map((symbol, row) => {
    const runs: [number, number][] = [];
    for (const place of missingPlaces(one, row)) {
      if (runs.at(-1)?.[1] === place - 1) runs.at(-1)![1] = place;
      else runs.push([place, place]);
    }
    return { symbol, runs };
  });
}

const optionsOf = (one: Grid) => ({
  sessions: one.groupable.length,
  bytes: one.bytes,
  isGroupable: (place: number) => one.groupable[place]!,
});

const plan = (one: Grid) => minimumRequests(groupByGaps(gapsOf(one)), optionsOf(one));

const sorted = ({ groupedDays, ranges }: MinimumRequests) => ({
  groupedDays,
  ranges: ranges.toSorted((a, b) => (a.symbol < b.symbol ? -1 : 1)),
});

/** Bytes of a row's range before narrowing. */
function rangeBytes(one: Grid, row: number): number {
  const places = missingPlaces(one, row);
  return one.bytes.range + one.bytes.rangeSession * (places.at(-1)! - places[0]! + 1);
}

function costOf({ groupedDays, ranges }: MinimumRequests, one: Grid) {
  const rows = ranges.map((range) => symbolsOf(one).indexOf(range.symbol));
  return {
    requests: groupedDays.length + rows.length,
    bytes: rows.reduce((sum, row) => sum + rangeBytes(one, row), groupedDays.length * one.bytes.groupedDay),
  };
}

/** Tries every set of symbols with every set of groupable sessions. */
function bestOfAllCovers(one: Grid) {
  const wanted = one.cells.map(maskOf);
  const lacking = wanted.flatMap((cells, row) => (cells === 0 ? [] : [row]));
  const best = { requests: Infinity, bytes: Infinity };
  for (const rows of subsets(lacking)) {
    const rowBytes = rows.reduce((sum, row) => sum + rangeBytes(one, row), 0);
    const open = wanted.reduce((mask, cells, row) => (rows.includes(row) ? mask : mask | cells), 0);
    for (const days of subsets(one.groupable.flatMap((may, place) => (may ? [place] : [])))) {
      const grouped = days.reduce((mask, place) => mask | (1 << place), 0);
      if ((open & ~grouped) !== 0) continue;
      const requests = rows.length + days.length;
      const total = rowBytes + days.length * one.bytes.groupedDay;
      if (requests < best.requests || (requests === best.requests && total < best.bytes))
        Object.assign(best, { requests, bytes: total });
    }
  }
  return best;
}

const subsets = (items: readonly number[]): number[][] =>
  items.reduce<number[][]>((sets, item) => sets.concat(sets.map((set) => [...set, item])), [[]]);

const maskOf = (bits: readonly boolean[]) =>
  bits.reduce((mask, bit, place) => (bit ? mask | (1 << place) : mask), 0);
