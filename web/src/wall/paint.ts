import { BETWEEN, type Palette, shadeAt } from './palette.ts';
import { type Columns, type Pyramid, columnsOf, readLine } from './pyramid.ts';
import { type Extent, type View, rowHeight } from './viewport.ts';

/** Cells at least so wide or tall, in pixels of CSS, stand apart and have the marks of their group. */
const APART = 8;

/** What the pixels of an image are of. */
export interface Picture {
  readonly pyramid: Pyramid;
  readonly view: View;
  readonly extent: Extent;
  readonly palette: Palette;
}

/** Paints pictures into the pixels of one image; of what has only moved up or down since, the part that is new. */
export function createPainter(pixels: Uint32Array): (picture: Picture) => void {
  let last: Picture | null = null;
  return (picture) => {
    const { width, height } = picture.extent;
    const by = last !== null && isBeside(picture, last) ? scrollOf(picture) - scrollOf(last) : height;
    last = picture;
    if (Math.abs(by) >= height) paintLines(pixels, picture, 0, height);
    else if (by > 0) {
      pixels.copyWithin(0, by * width);
      paintLines(pixels, picture, height - by, height);
    } else {
      pixels.copyWithin(-by * width, 0, (height + by) * width);
      paintLines(pixels, picture, 0, -by);
    }
  };
}

const isBeside = (a: Picture, b: Picture): boolean =>
  a.pyramid === b.pyramid &&
  a.extent === b.extent &&
  a.palette === b.palette &&
  a.view.left === b.view.left &&
  a.view.scale === b.view.scale;

/** The line of the wall that is the image's first. */
const scrollOf = ({ view, extent }: Picture): number => Math.round(view.top * rowHeight(view, extent));

/** Paints the lines from one to before another. */
function paintLines(pixels: Uint32Array, picture: Picture, from: number, before: number): void {
  const { pyramid, view, extent, palette } = picture;
  const { width, rows, density } = extent;
  const tall = rowHeight(view, extent);
  const scroll = scrollOf(picture);
  const areRowsApart = tall >= APART * density;
  const shades = areRowsApart ? palette.marked : palette.plain;
  const columns = columnsOf(pyramid, width, (pixel) => view.left + pixel / view.scale);
  const edges = view.scale >= APART * density ? edgesOf(view, width) : [];
  const states = new Uint8Array(width);
  for (let row = Math.floor((scroll + from) / tall), y = row * tall - scroll; y < before; y += tall, row++) {
    if (row >= rows) {
      pixels.fill(palette.paper, y * width, before * width);
      return;
    }
    readStates(pyramid, row, columns, edges, states);
    const start = Math.max(y, from);
    const end = Math.min(y + tall, before);
    for (let line = start; line < end; line++) {
      const at = line * width;
      if (areRowsApart && line === y + tall - 1) pixels.fill(palette.paper, at, at + width);
      // Marks repeat, and so do lines.
      else if (line >= start + 4) pixels.copyWithin(at, at - 4 * width, at - 3 * width);
      else for (let x = 0; x < width; x++) pixels[at + x] = shades[shadeAt(x, line + scroll, states[x]!)]!;
    }
  }
}

function readStates(
  pyramid: Pyramid,
  row: number,
  columns: Columns,
  edges: readonly number[],
  states: Uint8Array,
): void {
  readLine(pyramid, row, columns, states);
  for (const pixel of edges) states[pixel] = BETWEEN;
}

/** The pixels at which sessions begin. */
function edgesOf({ left, scale }: View, width: number): number[] {
  const edges: number[] = [];
  for (let session = Math.ceil(left); (session - left) * scale < width; session++)
    edges.push(Math.floor((session - left) * scale));
  return edges;
}
