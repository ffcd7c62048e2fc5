import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Extent,
  cellAt,
  clampView,
  panBy,
  reveal,
  rowHeight,
  shownSessions,
  viewOf,
  wholeView,
  zoomBy,
} from './viewport.ts';

const extents: fc.Arbitrary<Extent> = fc.record({
  width: fc.integer({ min: 100, max: 2500 }),
  height: fc.integer({ min: 100, max: 1500 }),
  sessions: fc.integer({ min: 1, max: 3000 }),
  rows: fc.integer({ min: 1, max: 9000 }),
  density: fc.constantFrom(1, 1.5, 2),
});
const numbers = fc.double({ min: -10_000, max: 10_000, noNaN: true });
const scenes = fc
  .record({
    extent: extents,
    left: numbers,
    top: numbers,
    scale: fc.double({ min: 0.01, max: 5000, noNaN: true }),
  })
  .map(({ extent, ...view }) => ({ extent, view: clampView(view, extent) }));

describe('the view of the wall', () => {
  it('never shows what is not there, and has rows of whole pixels', () => {
    fc.assert(
      fc.property(scenes, numbers, numbers, ({ extent, view }, dx, dy) => {
        const moved = panBy(view, dx, dy, extent);
        expect(moved.left).toBeGreaterThanOrEqual(0);
        expect(moved.left + extent.width / moved.scale).toBeLessThanOrEqual(extent.sessions + 1e-6);
        expect(moved.top).toBeGreaterThanOrEqual(0);
        const tall = rowHeight(moved, extent);
        expect(Number.isInteger(tall) && tall >= 1).toBe(true);
        expect(clampView(moved, extent)).toEqual(moved);
      }),
    );
  });

  it('zooms from everything to one session, keeping the session under the pointer', () => {
    fc.assert(
      fc.property(scenes, fc.double({ min: 0.2, max: 5, noNaN: true }), ({ extent, view }, factor) => {
        const x = extent.width / 3;
        const zoomed = zoomBy(view, factor, x, 0, extent);
        const isAtEdge =
          zoomed.left === 0 || zoomed.left + extent.width / zoomed.scale >= extent.sessions - 1e-6;
        const drift = Math.abs(zoomed.left + x / zoomed.scale - (view.left + x / view.scale));
        expect(isAtEdge || drift < 1e-6).toBe(true);
        expect(zoomBy(view, 1e9, x, 0, extent).scale).toBe(extent.width);
        expect(zoomBy(view, 1e-9, x, 0, extent).scale).toBe(wholeView(extent).scale);
      }),
    );
  });

  it('is found again by the sessions it shows', () => {
    fc.assert(
      fc.property(scenes, ({ extent, view }) => {
        const [from, to] = shownSessions(view, extent);
        const again = viewOf(from, to, view.top, extent);
        expect(shownSessions(again, extent)).toEqual([from, to]);
      }),
    );
  });

  it('shows the cell it is brought to, and finds it under the pixel in its middle', () => {
    fc.assert(
      fc.property(scenes, fc.nat(), fc.nat(), ({ extent, view }, a, b) => {
        const cell = { row: a % extent.rows, session: b % extent.sessions };
        const shown = reveal(view, cell, extent);
        const x = (cell.session + 0.5 - shown.left) * shown.scale;
        const y = (cell.row + 0.5 - shown.top) * rowHeight(shown, extent);
        expect(cellAt(shown, x, y, extent)).toEqual(cell);
      }),
    );
  });

  it('has no cell beside the wall', () => {
    const extent = { width: 400, height: 300, sessions: 10, rows: 2, density: 1 };
    const view = wholeView(extent);
    expect(rowHeight(view, extent)).toBe(24);
    expect(cellAt(view, 399, 47, extent)).toEqual({ row: 1, session: 9 });
    for (const [x, y] of [
      [-1, 5],
      [5, -1],
      [400, 5],
      [5, 48],
    ])
      expect(cellAt(view, x!, y!, extent)).toBeNull();
  });
});
