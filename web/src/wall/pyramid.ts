import { type Row, runsOf } from './runs.ts';

/**
 * The states of all sessions of some symbols. Of each symbol: its sessions, then of two of them the worst, of four, and so
 * on; a state that is larger is worse.
 */
export interface Pyramid {
  readonly cells: Uint8Array;
  /** Cells of one symbol. */
  readonly stride: number;
  readonly sessions: number;
  /** Where each level begins within a symbol's cells; the first one has the sessions themselves. */
  readonly levels: readonly number[];
}

/** Builds it; states that are `hidden` become 0. */
export function buildPyramid(rows: readonly Row[], sessions: number, hidden: ReadonlySet<number>): Pyramid {
  const { levels, stride } = layOut(sessions);
  const cells = new Uint8Array(stride * rows.length);
  for (const [n, row] of rows.entries()) {
    const base = n * stride;
    for (const { code, from, before } of runsOf(row))
      if (!hidden.has(code)) cells.fill(code, base + from, base + before);
    let [below, width] = [base, sessions];
    for (let level = 1; level < levels.length; level++) {
      const at = base + levels[level]!;
      const half = Math.ceil(width / 2);
      for (let cell = 0; cell < half; cell++) {
        const left = cells[below + 2 * cell]!;
        const right = 2 * cell + 1 < width ? cells[below + 2 * cell + 1]! : 0;
        cells[at + cell] = left > right ? left : right;
      }
      [below, width] = [at, half];
    }
  }
  return { cells, stride, sessions, levels };
}

function layOut(sessions: number): { levels: number[]; stride: number } {
  const levels = [0];
  let stride = sessions;
  for (let width = sessions; width > 1;) {
    width = Math.ceil(width / 2);
    levels.push(stride);
    stride += width;
  }
  return { levels, stride };
}

/** The fewest places within a symbol's cells that together are the sessions `from` to before `before`. */
export function placesOf({ levels, sessions }: Pyramid, from: number, before: number): number[] {
  const places: number[] = [];
  let at = Math.max(from, 0);
  const end = Math.min(before, sessions);
  while (at < end) {
    let level = 0;
    while (level + 1 < levels.length && at % (2 << level) === 0 && at + (2 << level) <= end) level++;
    places.push(levels[level]! + at / (1 << level));
    at += 1 << level;
  }
  return places;
}

/** Of every pixel column the places of its sessions: those of column `n` are `places[starts[n]]` to before `places[starts[n + 1]]`. */
export interface Columns {
  readonly starts: Uint32Array;
  readonly places: Uint32Array;
}

/** The columns of `width` pixels, the first session of each told by `sessionAt`; a column shows at least one session. */
export function columnsOf(pyramid: Pyramid, width: number, sessionAt: (pixel: number) => number): Columns {
  const starts = new Uint32Array(width + 1);
  const places: number[] = [];
  for (let pixel = 0; pixel < width; pixel++) {
    const from = Math.floor(sessionAt(pixel));
    places.push(...placesOf(pyramid, from, Math.max(from + 1, Math.floor(sessionAt(pixel + 1)))));
    starts[pixel + 1] = places.length;
  }
  return { starts, places: Uint32Array.from(places) };
}

/** Writes the worst state of each column of a symbol to `line`; 0 where there is no session. */
export function readLine({ cells, stride }: Pyramid, row: number, columns: Columns, line: Uint8Array): void {
  const { starts, places } = columns;
  const base = row * stride;
  let at = 0;
  for (let pixel = 0; pixel < line.length; pixel++) {
    const end = starts[pixel + 1]!;
    let worst = 0;
    for (; at < end; at++) {
      const state = cells[base + places[at]!]!;
      if (state > worst) worst = state;
    }
    line[pixel] = worst;
  }
}
