import type { Coverage } from '../api/types.ts';
import { MARGIN, type Scene, drawScene } from './draw.ts';
import { createPainter } from './paint.ts';
import { type Palette, readPalette } from './palette.ts';
import { type Pyramid, buildPyramid } from './pyramid.ts';
import { type Row, codeAt } from './runs.ts';
import type { State } from './states.ts';
import * as viewport from './viewport.ts';

/** What the wall is of. */
export interface Content {
  readonly coverage: Coverage;
  readonly rows: readonly Row[];
  /** Places of states that are not shown. */
  readonly hidden: ReadonlySet<number>;
}

/** A place on the wall by its names, so that it holds while rows and sessions come and go. */
export interface Place {
  /** The first and the last session shown; null: all of them. */
  readonly from: string | null;
  readonly to: string | null;
  readonly top: string | null;
  /** The cell of the keyboard. */
  readonly at: { readonly symbol: string; readonly session: string } | null;
}

/** What is said of a cell. */
export interface Said {
  readonly symbol: string;
  readonly session: string;
  readonly state: State;
}

export interface WallHears {
  /** Of the cell under the pointer, else of the keyboard's. */
  said(said: Said | null): void;
  moved(place: Place): void;
  opened(symbol: string): void;
}

type Move = (view: viewport.View, extent: viewport.Extent) => viewport.View;

export interface WallControl {
  show(content: Content): void;
  /** Changes the view; whether anything came of it. */
  move(change: Move): boolean;
  /** Puts the keyboard's cell somewhere and brings it in view. */
  moveCursor(
    change: (cell: viewport.Cell, extent: viewport.Extent, view: viewport.View) => viewport.Cell,
  ): void;
  /** Larger by a factor around the keyboard's cell, else the middle. */
  zoom(factor: number): void;
  seek(symbol: string): void;
  /** By pixels of CSS from the canvas's corner. */
  hover(at: { readonly x: number; readonly y: number } | null): void;
  open(): void;
  close(): void;
}

/** Draws a wall on a canvas whenever something has changed, and only then. */
export function createWall(canvas: HTMLCanvasElement, start: Place, hears: WallHears): WallControl {
  const context = canvas.getContext('2d')!;
  let content: Content | null = null;
  let pyramid: Pyramid | null = null;
  let palette: Palette | null = null;
  let image: ImageData | null = null;
  let paint = createPainter(new Uint32Array());
  let extent: viewport.Extent = { width: 1, height: 1, sessions: 0, rows: 0, density: 1 };
  let view: viewport.View | null = null;
  let cursor: viewport.Cell | null = null;
  let hovered: viewport.Cell | null = null;
  let due = 0;

  const draw = (): void => {
    due = 0;
    if (content === null || pyramid === null || view === null || image === null) return;
    palette ??= readPalette(canvas.parentElement!, content.coverage.states);
    const { rows, coverage } = content;
    paint({ pyramid, view, extent, palette });
    const scene: Scene = { view, extent, rows, sessions: coverage.sessions, cursor, hover: hovered };
    drawScene(context, image, scene, palette);
  };
  const change = (): void => {
    if (due === 0) due = requestAnimationFrame(draw);
  };

  const measure = (): void => {
    const density = devicePixelRatio;
    const { width, height } = canvas.getBoundingClientRect();
    canvas.width = Math.round(width * density);
    canvas.height = Math.round(height * density);
    extent = {
      ...extent,
      density,
      width: Math.max(1, canvas.width - Math.round(MARGIN.left * density)),
      height: Math.max(1, canvas.height - Math.round(MARGIN.top * density)),
    };
    image = new ImageData(extent.width, extent.height);
    paint = createPainter(new Uint32Array(image.data.buffer));
  };
  const resized = new ResizeObserver(() => {
    const place = placeNow();
    measure();
    if (place !== null) view = viewAt(place);
    change();
  });
  resized.observe(canvas);
  const looks = ['(prefers-color-scheme: dark)', 'print'].map((query) => matchMedia(query));
  const lookChanged = (): void => {
    palette = null;
    // What is printed is taken at once.
    draw();
  };
  for (const look of looks) look.addEventListener('change', lookChanged);

  const rowOf = (symbol: string | null): number =>
    content?.rows.findIndex((row) => row.symbol === symbol) ?? -1;

  /** The view of a place, as far as it is there. */
  const viewAt = ({ from, to, top }: Place): viewport.View => {
    const sessions = content?.coverage.sessions ?? [];
    const at = (date: string | null, usual: number): number => {
      const found = date === null ? -1 : sessions.findIndex((session) => session >= date);
      return found === -1 ? usual : found;
    };
    const first = at(from, 0);
    return viewport.viewOf(
      first,
      Math.max(first, at(to, sessions.length - 1)),
      Math.max(0, rowOf(top)),
      extent,
    );
  };
  const placeNow = (): Place | null => {
    if (content === null || view === null || extent.sessions === 0) return null;
    const { rows, coverage } = content;
    const [first, last] = viewport.shownSessions(view, extent);
    const isWhole = first === 0 && last === extent.sessions - 1;
    return {
      from: isWhole ? null : coverage.sessions[first]!,
      to: isWhole ? null : coverage.sessions[last]!,
      top: view.top < 1 ? null : (rows[Math.floor(view.top)]?.symbol ?? null),
      at: cursor === null ? null : namesOf(cursor),
    };
  };
  const namesOf = ({ row, session }: viewport.Cell) => ({
    symbol: content!.rows[row]!.symbol,
    session: content!.coverage.sessions[session]!,
  });
  const cellOf = ({ at }: Place): viewport.Cell | null => {
    const row = at === null ? -1 : rowOf(at.symbol);
    const session = at === null ? -1 : (content?.coverage.sessions.indexOf(at.session) ?? -1);
    return row === -1 || session === -1 ? null : { row, session };
  };
  const say = (): void => {
    const cell = hovered ?? cursor;
    if (cell === null || content === null) return hears.said(null);
    const { states } = content.coverage;
    hears.said({ ...namesOf(cell), state: states[codeAt(content.rows[cell.row]!, cell.session)]! });
  };
  const tellPlace = (): void => {
    const place = placeNow();
    if (place !== null) hears.moved(place);
  };

  const control: WallControl = {
    show(next) {
      const place = placeNow();
      const before = view;
      const fraction = (at: number): number => at - Math.floor(at);
      const leftmost = content?.coverage.sessions[Math.floor(view?.left ?? 0)];
      content = next;
      extent = { ...extent, sessions: next.coverage.sessions.length, rows: next.rows.length };
      if (image === null) measure();
      pyramid = buildPyramid(next.rows, extent.sessions, next.hidden);
      view = viewAt(place ?? start);
      if (before !== null && place !== null && place.from !== null && leftmost !== undefined) {
        // Not by the dates of its edges alone, lest what is looked at jumps by a part of a session.
        const left = Math.max(0, next.coverage.sessions.indexOf(leftmost)) + fraction(before.left);
        view = viewport.clampView({ ...view, left, scale: before.scale }, extent);
      }
      cursor = cellOf(place ?? start);
      hovered = null;
      say();
      change();
    },
    move(by) {
      if (view === null) return false;
      const moved = by(view, extent);
      if (moved.left === view.left && moved.top === view.top && moved.scale === view.scale) return false;
      view = moved;
      change();
      tellPlace();
      return true;
    },
    moveCursor(by) {
      if (view === null || extent.rows === 0 || extent.sessions === 0) return;
      const [, last] = viewport.shownSessions(view, extent);
      const wanted = cursor === null ? { row: Math.ceil(view.top), session: last } : by(cursor, extent, view);
      cursor = {
        row: Math.max(0, Math.min(wanted.row, extent.rows - 1)),
        session: Math.max(0, Math.min(wanted.session, extent.sessions - 1)),
      };
      hovered = null;
      view = viewport.reveal(view, cursor, extent);
      say();
      change();
      tellPlace();
    },
    zoom(factor) {
      control.move((before) => {
        const tall = viewport.rowHeight(before, extent);
        const x = cursor === null ? extent.width / 2 : (cursor.session + 0.5 - before.left) * before.scale;
        const y = cursor === null ? extent.height / 2 : (cursor.row + 0.5 - before.top) * tall;
        return viewport.zoomBy(before, factor, x, y, extent);
      });
    },
    seek(symbol) {
      const row = rowOf(symbol);
      if (row === -1) return;
      cursor ??= { row, session: extent.sessions - 1 };
      control.moveCursor(({ session }) => ({ row, session }));
    },
    hover(at) {
      const { density } = extent;
      const cell =
        at === null || view === null
          ? null
          : viewport.cellAt(view, (at.x - MARGIN.left) * density, (at.y - MARGIN.top) * density, extent);
      if (cell?.row === hovered?.row && cell?.session === hovered?.session) return;
      hovered = cell;
      say();
      change();
    },
    open() {
      const cell = hovered ?? cursor;
      if (cell !== null) hears.opened(namesOf(cell).symbol);
    },
    close() {
      cancelAnimationFrame(due);
      resized.disconnect();
      for (const look of looks) look.removeEventListener('change', lookChanged);
    },
  };
  return control;
}
