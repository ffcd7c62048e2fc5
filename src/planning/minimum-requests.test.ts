import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupByGaps, minimumRequests } from './minimum-requests.ts';
import { requestBytes as bytes } from './request-cost.ts';
import type { Runs } from './wanted-sessions.ts';

/** Rows of a grid as gaps; true is a missing day. */
const gapsOf = (grid: readonly (readonly boolean[])[]): { symbol: string; runs: Runs }[] =>
  grid.map((row, index) => ({ symbol: `S${index}`, runs: runsOf(row) }));

function runsOf(row: readonly boolean[]): [number, number][] {
  const runs: [number, number][] = [];
  for (const [place, isMissing] of row.entries()) {
    if (!isMissing) continue;
    const last = runs.at(-1);
    if (last?.[1] === place - 1) last[1] = place;
    else runs.push([place, place]);
  }
  return runs;
}

const hullBytes = (row: readonly boolean[]): number =>
  bytes.range + bytes.rangeSession * (row.lastIndexOf(true) - row.indexOf(true) + 1);

/** The least requests and then bytes over all sets of sessions asked of all stocks. */
function bruteForce(
  grid: readonly (readonly boolean[])[],
  sessions: number,
): { requests: number; bytes: number } {
  let best = { requests: Infinity, bytes: Infinity };
  for (let days = 0; days < 2 ** sessions; days++) {
    const isDay = (place: number): boolean => (days & (1 << place)) !== 0;
    const rows = grid.filter((row) => row.some((isMissing, place) => isMissing && !isDay(place)));
    const dayCount = Array.from({ length: sessions }, (_, place) => isDay(place)).filter(Boolean).length;
    const found = {
      requests: dayCount + rows.length,
      bytes: dayCount * bytes.groupedDay + rows.reduce((sum, row) => sum + hullBytes(row), 0),
    };
    const isBetter =
      found.requests < best.requests || (found.requests === best.requests && found.bytes < best.bytes);
    if (isBetter) best = found;
  }
  return best;
}

const grids = fc
  .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }), fc.integer({ min: 0, max: 9 }))
  .chain(([rows, sessions, density]) =>
    fc.record({
      sessions: fc.constant(sessions),
      grid: fc.array(
        fc.array(
          fc.integer({ min: 0, max: 9 }).map((value) => value <= density),
          {
            minLength: sessions,
            maxLength: sessions,
          },
        ),
        { minLength: rows, maxLength: rows },
      ),
    }),
  );

describe('the fewest requests', () => {
  it('are as few as any set can be, with the fewest bytes of those, and cover every missing day', () => {
    fc.assert(
      fc.property(grids, ({ sessions, grid }) => {
        const { groupedDays, ranges } = minimumRequests(groupByGaps(gapsOf(grid)), { sessions, bytes });
        const asked = new Map(ranges.map((range) => [range.symbol, range]));
        const best = bruteForce(grid, sessions);
        const rowBytes = grid.map((row, index) => (asked.has(`S${index}`) ? hullBytes(row) : 0));
        expect({
          requests: groupedDays.length + ranges.length,
          bytes: groupedDays.length * bytes.groupedDay + rowBytes.reduce((a, b) => a + b, 0),
        }).toEqual(best);
        const uncovered = grid.flatMap((row, index) =>
          row.flatMap((isMissing, place) => {
            const range = asked.get(`S${index}`);
            const isCovered =
              groupedDays.includes(place) ||
              (range !== undefined && range.from <= place && place <= range.to);
            return isMissing && !isCovered ? [`S${index} ${place}`] : [];
          }),
        );
        expect(uncovered).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  it('are two days of all stocks for any universe on a nightly run', () => {
    const missing = [
      { symbols: Array.from({ length: 517 }, (_, i) => `S${i}`), runs: [[1823, 1824]] as const },
    ];
    expect(minimumRequests(missing, { sessions: 1825, bytes })).toEqual({
      groupedDays: [1823, 1824],
      ranges: [],
    });
  });

  it('are one for each session missed and one for each new symbol', () => {
    const old = Array.from({ length: 500 }, (_, i) => `OLD${i}`);
    const fresh = Array.from({ length: 20 }, (_, i) => `NEW${i}`);
    const { groupedDays, ranges } = minimumRequests(
      [
        { symbols: old, runs: [[1257, 1260]] },
        { symbols: fresh, runs: [[0, 1260]] },
      ],
      { sessions: 1261, bytes },
    );
    expect(groupedDays).toEqual([1257, 1258, 1259, 1260]);
    // What the days of all stocks bring is not asked for again.
    expect(ranges).toEqual(fresh.map((symbol) => ({ symbol, from: 0, to: 1256 })));
  });

  it('are one range for one symbol, and none for none', () => {
    expect(minimumRequests([{ symbols: ['A'], runs: [[3, 3]] }], { sessions: 9, bytes })).toEqual({
      groupedDays: [],
      ranges: [{ symbol: 'A', from: 3, to: 3 }],
    });
    expect(minimumRequests([], { sessions: 9, bytes })).toEqual({ groupedDays: [], ranges: [] });
  });

  it('do not depend on symbols being put together', () => {
    fc.assert(
      fc.property(grids, ({ sessions, grid }) => {
        const gaps = gapsOf([...grid, ...grid].map((row) => row)).filter(({ runs }) => runs.length > 0);
        const together = minimumRequests(groupByGaps(gaps), { sessions, bytes });
        const alone = minimumRequests(
          gaps.map(({ symbol, runs }) => ({ symbols: [symbol], runs })),
          { sessions, bytes },
        );
        expect(together.groupedDays.length + together.ranges.length).toBe(
          alone.groupedDays.length + alone.ranges.length,
        );
      }),
    );
  });
});
