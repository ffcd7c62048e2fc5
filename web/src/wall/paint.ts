import { BETWEEN, type Palette, shadeAt } from './palette.ts';
import { type Pyramid, columnsOf, readLine } from './pyramid.ts';
import { type Extent, type View, rowHeight } from './viewport.ts';

/** Cells at least so wide or tall, in pixels of CSS, stand apart and have the marks of their group. */
const APART = 8;

/** Paints the cells of a view into the pixels of an image of its size, row by row. */
export function paintCells(
  pixels: Uint32Array,
  pyramid: Pyramid,
  view: View,
  extent: Extent,
  palette: Palette,
): void {
  const { width, height, rows, density } = extent;
  const tall = rowHeight(view, extent);
  const areRowsApart = tall >= APART * density;
  const shades = areRowsApart ? palette.marked : palette.plain;
  const columns = columnsOf(pyramid, width, (pixel) => view.left + pixel / view.scale);
  const edges = view.scale >= APART * density ? edgesOf(view, width) : [];
  const line = new Uint8Array(width);
  let row = Math.floor(view.top);
  for (let y = Math.round((row - view.top) * tall); y < height; y += tall, row++) {
    if (row >= rows) {
      pixels.fill(palette.paper, y * width);
      return;
    }
    readLine(pyramid, row, columns, line);
    for (const pixel of edges) line[pixel] = BETWEEN;
    const start = Math.max(y, 0);
    const end = Math.min(y + tall, height);
    for (let at = start; at < end; at++) {
      const from = at * width;
      if (areRowsApart && at === y + tall - 1) pixels.fill(palette.paper, from, from + width);
      // Marks repeat, and so do lines.
      else if (at >= start + 4) pixels.copyWithin(from, from - 4 * width, from - 3 * width);
      else for (let x = 0; x < width; x++) pixels[from + x] = shades[shadeAt(x, at, line[x]!)]!;
    }
  }
}

/** The pixels at which sessions begin. */
function edgesOf({ left, scale }: View, width: number): number[] {
  const edges: number[] = [];
  for (let session = Math.ceil(left); (session - left) * scale < width; session++)
    edges.push(Math.floor((session - left) * scale));
  return edges;
}
