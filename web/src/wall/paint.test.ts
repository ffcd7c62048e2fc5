import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPainter } from './paint.ts';
import { BETWEEN, shadeAt } from './palette.ts';
import { buildPyramid } from './pyramid.ts';
import { clampView } from './viewport.ts';

const shades = (mark: number): Uint32Array =>
  Uint32Array.from({ length: 256 }, (_, at) => (at % 16 === BETWEEN ? 0 : at * mark));
const palette = { plain: shades(1), marked: shades(7), paper: 0, ink: '', quiet: '', font: '' };
const [WIDTH, HEIGHT, SESSIONS, ROWS] = [40, 30, 12, 50];
const rows = Array.from({ length: ROWS }, (_, row) => ({
  symbol: `S${row}`,
  runs: Array.from({ length: SESSIONS }, (__, session) => [(row * 5 + session * 3) % 14, 1]).flat(),
}));

const views = fc.record({
  left: fc.double({ min: 0, max: SESSIONS, noNaN: true }),
  top: fc.double({ min: 0, max: ROWS, noNaN: true }),
  scale: fc.constantFrom(3, 9, 20),
});

describe('painting', () => {
  it('leaves the same pixels whether or not something was painted before', () => {
    const extent = { width: WIDTH, height: HEIGHT, sessions: SESSIONS, rows: ROWS, density: 1 };
    const pyramid = buildPyramid(rows, SESSIONS, new Set());
    fc.assert(
      fc.property(views, fc.array(fc.integer({ min: -8, max: 8 }), { maxLength: 8 }), (first, steps) => {
        const moved = new Uint32Array(WIDTH * HEIGHT);
        const paint = createPainter(moved);
        let view = clampView(first, extent);
        paint({ pyramid, view, extent, palette });
        for (const step of steps) {
          view = clampView({ ...view, top: view.top + step / 5 }, extent);
          paint({ pyramid, view, extent, palette });
          const anew = new Uint32Array(WIDTH * HEIGHT);
          createPainter(anew)({ pyramid, view, extent, palette });
          expect(moved).toEqual(anew);
        }
      }),
    );
  });

  it('paints a cell in the colour of its state, with paper between cells that are large enough', () => {
    const extent = { width: 24, height: 24, sessions: 2, rows: 1, density: 1 };
    const pyramid = buildPyramid([{ symbol: 'AAPL', runs: [5, 1, 13, 1] }], 2, new Set());
    const pixels = new Uint32Array(24 * 24);
    createPainter(pixels)({ pyramid, view: { left: 0, top: 0, scale: 12 }, extent, palette });
    const at = (x: number, y: number): number => pixels[y * 24 + x]!;
    expect([at(0, 3), at(12, 3), at(5, 23)]).toEqual([0, 0, 0]);
    expect([at(5, 3), at(15, 10)]).toEqual([
      palette.marked[shadeAt(5, 3, 5)],
      palette.marked[shadeAt(15, 10, 13)],
    ]);
  });
});
