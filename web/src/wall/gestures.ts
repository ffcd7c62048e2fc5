import type { WallControl } from './control.ts';
import { MARGIN } from './draw.ts';
import { type Cell, type Extent, type View, panBy, rowHeight, wholeView, zoomBy } from './viewport.ts';

const ZOOM = 1.5;
const ZOOM_OF_WHEEL = 0.003;
const PIXELS_OF_LINE = 16;
/** A pointer that moved less has clicked. */
const CLICK = 4;
/** With Shift, a month and ten symbols. */
const STRIDE = { session: 21, row: 10 };

const MOVES: Readonly<Record<string, (cell: Cell, isFar: boolean) => Cell>> = {
  ArrowLeft: ({ row, session }, isFar) => ({ row, session: session - (isFar ? STRIDE.session : 1) }),
  ArrowRight: ({ row, session }, isFar) => ({ row, session: session + (isFar ? STRIDE.session : 1) }),
  ArrowUp: ({ row, session }, isFar) => ({ session, row: row - (isFar ? STRIDE.row : 1) }),
  ArrowDown: ({ row, session }, isFar) => ({ session, row: row + (isFar ? STRIDE.row : 1) }),
};

/** Moves a wall by keys, wheel, mouse and fingers, until what it returns is called. */
export function followGestures(canvas: HTMLCanvasElement, wall: WallControl): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  const onKey = (event: KeyboardEvent): void => {
    if (event.altKey || event.metaKey || !press(wall, event)) return;
    event.preventDefault();
  };
  const onWheel = (event: WheelEvent): void => {
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? PIXELS_OF_LINE : 1;
    const [dx, dy] = [event.deltaX * unit, event.deltaY * unit];
    const { x, y } = placeOf(canvas, event);
    const isZoom = event.ctrlKey || event.metaKey;
    const hasMoved = wall.move((view, extent) =>
      isZoom ? zoomAt(view, Math.exp(-dy * ZOOM_OF_WHEEL), x, y, extent) : pan(view, dx, dy, extent),
    );
    // At its end the page goes on.
    if (hasMoved || isZoom) event.preventDefault();
    if (hasMoved) wall.hover({ x, y });
  };
  canvas.addEventListener('keydown', onKey, { signal });
  canvas.addEventListener('wheel', onWheel, { signal, passive: false });
  followPointers(canvas, wall, signal);
  return () => stop.abort();
}

/** Does what a key means; false for one that means nothing here. */
function press(wall: WallControl, { key, shiftKey, ctrlKey }: KeyboardEvent): boolean {
  const move = MOVES[key];
  if (move !== undefined) wall.moveCursor((cell) => move(cell, shiftKey));
  else if (key === 'PageUp' || key === 'PageDown')
    wall.moveCursor((cell, extent, view) => {
      const page = Math.max(1, Math.floor(extent.height / rowHeight(view, extent)) - 1);
      return { ...cell, row: cell.row + (key === 'PageUp' ? -page : page) };
    });
  else if (key === 'Home' || key === 'End') {
    const edge = (count: number): number => (key === 'Home' ? 0 : count - 1);
    wall.moveCursor((cell, { rows, sessions }) =>
      ctrlKey ? { ...cell, row: edge(rows) } : { ...cell, session: edge(sessions) },
    );
  } else if (key === '+' || key === '=' || key === '-') wall.zoom(key === '-' ? 1 / ZOOM : ZOOM);
  else if (key === '0') wall.move((_, extent) => wholeView(extent));
  else if (key === 'Enter') wall.open();
  else return false;
  return true;
}

/** A mouse or one finger drags, two fingers zoom as well, and what does not move clicks. */
function followPointers(canvas: HTMLCanvasElement, wall: WallControl, signal: AbortSignal): void {
  const pointers = new Map<number, { x: number; y: number }>();
  let travelled = 0;
  const middle = (): { x: number; y: number; spread: number } => {
    const [a = { x: 0, y: 0 }, b = a] = pointers.values();
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, spread: Math.hypot(a.x - b.x, a.y - b.y) };
  };
  const onDown = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    if (pointers.size === 0) travelled = 0;
    pointers.set(event.pointerId, placeOf(canvas, event));
    canvas.setPointerCapture(event.pointerId);
  };
  const onMove = (event: PointerEvent): void => {
    const at = placeOf(canvas, event);
    if (!pointers.has(event.pointerId)) return wall.hover(at);
    const before = middle();
    pointers.set(event.pointerId, at);
    const after = middle();
    travelled += Math.hypot(after.x - before.x, after.y - before.y) + Math.abs(after.spread - before.spread);
    if (travelled < CLICK) return;
    wall.hover(null);
    wall.move((view, extent) => {
      const panned = pan(view, before.x - after.x, before.y - after.y, extent);
      return before.spread === 0
        ? panned
        : zoomAt(panned, after.spread / before.spread, after.x, after.y, extent);
    });
  };
  const onUp = (event: PointerEvent): void => {
    if (!pointers.delete(event.pointerId) || pointers.size > 0 || travelled >= CLICK) return;
    wall.hover(placeOf(canvas, event));
    wall.open();
  };
  canvas.addEventListener('pointerdown', onDown, { signal });
  canvas.addEventListener('pointermove', onMove, { signal });
  canvas.addEventListener('pointerup', onUp, { signal });
  canvas.addEventListener('pointercancel', ({ pointerId }) => void pointers.delete(pointerId), { signal });
  canvas.addEventListener('pointerleave', () => wall.hover(null), { signal });
}

const placeOf = (canvas: HTMLCanvasElement, { clientX, clientY }: MouseEvent): { x: number; y: number } => {
  const { left, top } = canvas.getBoundingClientRect();
  return { x: clientX - left, y: clientY - top };
};

const pan = (view: View, dx: number, dy: number, extent: Extent): View =>
  panBy(view, dx * extent.density, dy * extent.density, extent);

const zoomAt = (view: View, factor: number, x: number, y: number, extent: Extent): View =>
  zoomBy(view, factor, (x - MARGIN.left) * extent.density, (y - MARGIN.top) * extent.density, extent);
