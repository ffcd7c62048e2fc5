/** Which part of the wall is shown; a session and a row may begin outside. */
export interface View {
  /** The session at the left edge, with its fraction. */
  readonly left: number;
  /** Pixels of a session. */
  readonly scale: number;
  /** The row at the upper edge, with its fraction. */
  readonly top: number;
}

/** What the view is of, in pixels of the screen, and how much there is. */
export interface Extent {
  readonly width: number;
  readonly height: number;
  readonly sessions: number;
  readonly rows: number;
  /** Pixels of the screen to one of CSS. */
  readonly density: number;
}

export interface Cell {
  readonly row: number;
  readonly session: number;
}

/** In pixels of CSS. */
export const TALLEST_ROW = 24;

/** Whole pixels of a row: as tall as a session is wide, or as fills the height. */
export function rowHeight({ scale }: Pick<View, 'scale'>, { height, rows, density }: Extent): number {
  const filling = Math.floor(height / Math.max(rows, 1));
  return Math.min(Math.max(Math.floor(scale), filling, 1), Math.round(TALLEST_ROW * density));
}

const within = (value: number, least: number, most: number): number => Math.max(least, Math.min(value, most));

/** The scales at which all sessions are seen, and a single one. */
const scalesOf = ({ width, sessions }: Extent): { all: number; one: number } => ({
  all: width / Math.max(sessions, 1),
  one: width,
});

/** The view that shows all sessions, from the first row on. */
export const wholeView = (extent: Extent): View => ({ left: 0, scale: scalesOf(extent).all, top: 0 });

/** The nearest view that shows nothing but the wall. */
export function clampView(view: View, extent: Extent): View {
  const { all, one } = scalesOf(extent);
  const scale = within(view.scale, Math.min(all, one), one);
  const shownRows = extent.height / rowHeight({ scale }, extent);
  return {
    scale,
    left: within(view.left, 0, Math.max(0, extent.sessions - extent.width / scale)),
    top: within(view.top, 0, Math.max(0, extent.rows - shownRows)),
  };
}

/** Moved by pixels: positive ones show what is further right and below. */
export const panBy = (view: View, dx: number, dy: number, extent: Extent): View =>
  clampView(
    { ...view, left: view.left + dx / view.scale, top: view.top + dy / rowHeight(view, extent) },
    extent,
  );

/** Larger by a factor, with what is at `x`, `y` staying there. */
export function zoomBy(view: View, factor: number, x: number, y: number, extent: Extent): View {
  const { all, one } = scalesOf(extent);
  const scale = within(view.scale * factor, Math.min(all, one), one);
  const session = view.left + x / view.scale;
  const row = view.top + y / rowHeight(view, extent);
  return clampView({ scale, left: session - x / scale, top: row - y / rowHeight({ scale }, extent) }, extent);
}

/** The view of the sessions from one to another, inclusive, with a row at the upper edge. */
export const viewOf = (from: number, to: number, top: number, extent: Extent): View =>
  clampView({ left: from, scale: extent.width / Math.max(to - from + 1, 1), top }, extent);

/** The first and the last session of which anything is shown. */
export function shownSessions({ left, scale }: View, { width, sessions }: Extent): [number, number] {
  // What rounding adds is no session more.
  const end = Math.ceil(left + width / scale - 1e-6);
  return [within(Math.floor(left + 1e-6), 0, sessions - 1), within(end - 1, 0, sessions - 1)];
}

/** The cell at a place; null beside the wall. */
export function cellAt(view: View, x: number, y: number, extent: Extent): Cell | null {
  if (x < 0 || y < 0 || x >= extent.width || y >= extent.height) return null;
  const session = Math.floor(view.left + x / view.scale);
  const row = Math.floor(view.top + y / rowHeight(view, extent));
  return session < extent.sessions && row < extent.rows ? { session, row } : null;
}

/** The view, moved as little as shows all of a cell. */
export function reveal(view: View, { row, session }: Cell, extent: Extent): View {
  const sessions = extent.width / view.scale;
  const rows = extent.height / rowHeight(view, extent);
  return clampView(
    {
      ...view,
      left: within(view.left, session + 1 - sessions, session),
      top: within(view.top, row + 1 - rows, row),
    },
    extent,
  );
}
