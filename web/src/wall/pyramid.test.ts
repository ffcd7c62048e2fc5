import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildPyramid, columnsOf, placesOf, readLine } from './pyramid.ts';
import { codeAt } from './runs.ts';

const STATES = 14;

/** Rows of the same number of sessions, as states one by one. */
const walls = fc
  .integer({ min: 1, max: 70 })
  .chain((sessions) =>
    fc.array(
      fc.array(fc.integer({ min: 0, max: STATES - 1 }), { minLength: sessions, maxLength: sessions }),
      { minLength: 1, maxLength: 4 },
    ),
  );

const toRow = (states: readonly number[]) => ({ symbol: 'AAPL', runs: states.flatMap((code) => [code, 1]) });
const none = new Set<number>();

describe('the pyramid', () => {
  it('gives of any sessions the worst state that a look at each of them finds', () => {
    fc.assert(
      fc.property(walls, fc.nat(75), fc.nat(75), (wall, a, b) => {
        const pyramid = buildPyramid(wall.map(toRow), wall[0]!.length, none);
        const [from, before] = [Math.min(a, b), Math.max(a, b)];
        for (const [row, states] of wall.entries()) {
          const seen = placesOf(pyramid, from, before).map(
            (place) => pyramid.cells[row * pyramid.stride + place]!,
          );
          expect(Math.max(0, ...seen)).toBe(Math.max(0, ...states.slice(from, before)));
        }
      }),
    );
  });

  it('needs no more places than twice the levels', () => {
    const pyramid = buildPyramid([toRow(Array(2500).fill(1))], 2500, none);
    fc.assert(
      fc.property(fc.nat(2500), fc.nat(2500), (a, b) => {
        expect(placesOf(pyramid, Math.min(a, b), Math.max(a, b)).length).toBeLessThanOrEqual(
          2 * pyramid.levels.length,
        );
      }),
    );
  });

  it('shows nothing of states that are hidden, however bad', () => {
    fc.assert(
      fc.property(walls, fc.uniqueArray(fc.nat(STATES - 1)), (wall, hidden) => {
        const [states] = wall;
        const pyramid = buildPyramid([toRow(states!)], states!.length, new Set(hidden));
        const shown = states!.filter((state) => !hidden.includes(state));
        const top = pyramid.levels.at(-1)!;
        expect(pyramid.cells[top]).toBe(Math.max(0, ...shown));
      }),
    );
  });

  it('fills every column of pixels with its sessions, many to a pixel or many pixels to one', () => {
    fc.assert(
      fc.property(walls, fc.integer({ min: 1, max: 200 }), fc.nat(20), (wall, width, left) => {
        const sessions = wall[0]!.length;
        const sessionAt = (pixel: number): number => left + (pixel * sessions) / width;
        const pyramid = buildPyramid(wall.map(toRow), sessions, none);
        const line = new Uint8Array(width);
        for (const [row, states] of wall.entries()) {
          readLine(pyramid, row, columnsOf(pyramid, width, sessionAt), line);
          const scanned = Array.from(line, (_, pixel) => {
            const from = Math.floor(sessionAt(pixel));
            return Math.max(0, ...states.slice(from, Math.max(from + 1, Math.floor(sessionAt(pixel + 1)))));
          });
          expect([...line]).toEqual(scanned);
        }
      }),
    );
  });

  it('has the sessions of runs as they are', () => {
    const row = { symbol: 'AAPL', runs: [3, 2, 0, 1, 9, 4] };
    const pyramid = buildPyramid([row], 7, none);
    const states = [3, 3, 0, 9, 9, 9, 9];
    expect(Array.from(pyramid.cells.subarray(0, 7))).toEqual(states);
    expect(states.map((_, session) => codeAt(row, session))).toEqual(states);
  });
});
