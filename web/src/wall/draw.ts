import type { Row } from './runs.ts';
import { ticksOf } from './axis.ts';
import type { Palette } from './palette.ts';
import { type Cell, type Extent, type View, rowHeight, shownSessions } from './viewport.ts';

/** What is drawn. */
export interface Scene {
  readonly view: View;
  readonly extent: Extent;
  readonly rows: readonly Row[];
  readonly sessions: readonly string[];
  /** The cell of the keyboard, and the one under the pointer. */
  readonly cursor: Cell | null;
  readonly hover: Cell | null;
}

/** What the axes take of the canvas, in pixels of CSS. */
export const MARGIN = { left: 58, top: 20 } as const;
const TEXT = 11;
const LEAST_BETWEEN_NAMES = 14;
const LEAST_BETWEEN_DATES = 52;

/** Draws the painted cells, axes and cursors. */
export function drawScene(
  context: CanvasRenderingContext2D,
  image: ImageData,
  scene: Scene,
  palette: Palette,
): void {
  const { density } = scene.extent;
  const [left, top] = [Math.round(MARGIN.left * density), Math.round(MARGIN.top * density)];
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
  context.putImageData(image, left, top);
  context.font = `${TEXT * density}px ${palette.font}`;
  context.textBaseline = 'middle';
  context.fillStyle = palette.quiet;
  drawDates(context, scene, left, top);
  drawNames(context, scene, left, top);
  for (const [cell, colour] of [
    [scene.hover, palette.quiet],
    [scene.cursor, palette.ink],
  ] as const)
    if (cell !== null) {
      drawFrame(context, cell, colour, scene, left, top);
      drawNameOf(context, cell, colour, scene, left, top);
    }
}

function drawDates(context: CanvasRenderingContext2D, scene: Scene, left: number, top: number): void {
  const { view, extent, sessions } = scene;
  const { density } = extent;
  const shown = shownSessions(view, extent);
  const ticks = ticksOf(sessions, shown, view.scale, LEAST_BETWEEN_DATES * density);
  const year = sessions[shown[0]]!.slice(0, 4);
  if (ticks[0]?.name !== year) context.fillText(year, 0, top - (TEXT - 0.5) * density);
  for (const { session, name } of ticks) {
    const x = left + Math.round(Math.max(0, (session - view.left) * view.scale));
    context.fillRect(x, top - 4 * density, density, 4 * density);
    const room = context.canvas.width - context.measureText(name).width;
    context.fillText(name, Math.min(x, room), top - (TEXT - 0.5) * density);
  }
}

/** Names of as many rows as have room. */
function drawNames(context: CanvasRenderingContext2D, scene: Scene, left: number, top: number): void {
  const { view, extent, rows } = scene;
  const tall = rowHeight(view, extent);
  const every = Math.ceil((LEAST_BETWEEN_NAMES * extent.density) / tall);
  const room = left - 4 * extent.density;
  for (let row = Math.ceil(view.top / every) * every; row < rows.length; row += every) {
    const y = Math.round((row - view.top + 0.5) * tall);
    if (y >= extent.height) return;
    context.fillText(rows[row]!.symbol, 0, top + y, room);
  }
}

/** The name of a cell's row, over those beside which there was room for. */
function drawNameOf(
  context: CanvasRenderingContext2D,
  { row }: Cell,
  colour: string,
  { view, extent, rows }: Scene,
  left: number,
  top: number,
): void {
  const y = Math.round((row - view.top + 0.5) * rowHeight(view, extent));
  if (y < 0 || y >= extent.height) return;
  const [room, half] = [left - 4 * extent.density, (LEAST_BETWEEN_NAMES * extent.density) / 2];
  context.clearRect(0, top + y - half, room, 2 * half);
  context.fillStyle = colour;
  context.fillText(rows[row]!.symbol, 0, top + y, room);
}

/** A frame around a cell, at least so large that it is seen. */
function drawFrame(
  context: CanvasRenderingContext2D,
  { row, session }: Cell,
  colour: string,
  { view, extent }: Scene,
  left: number,
  top: number,
): void {
  const { density } = extent;
  const tall = rowHeight(view, extent);
  const [wide, high] = [Math.max(view.scale, 7 * density), Math.max(tall, 7 * density)];
  const x = (session - view.left + 0.5) * view.scale - wide / 2;
  const y = (row - view.top + 0.5) * tall - high / 2;
  if (x + wide < 0 || y + high < 0 || x > extent.width || y > extent.height) return;
  context.strokeStyle = colour;
  context.lineWidth = 2 * density;
  context.strokeRect(left + x, top + y, wide, high);
}
