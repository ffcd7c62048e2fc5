import { type Group, type State, meaningOf } from './states.ts';

/** The colours of the wall as the page's style has them, as its pixels want them. */
export interface Palette {
  /** By `shadeAt`: without marks, for cells of few pixels, and with them, so that groups differ without any hue. */
  readonly plain: Uint32Array;
  readonly marked: Uint32Array;
  readonly paper: number;
  readonly ink: string;
  readonly quiet: string;
  readonly font: string;
}

/** The state of a pixel between two cells. */
export const BETWEEN = 15;

/** Where a pixel's colour is: marks repeat every four pixels. */
export const shadeAt = (x: number, y: number, state: number): number =>
  ((y & 3) << 6) | ((x & 3) << 4) | state;

/** Whether a pixel belongs to the mark of a group. */
const MARKS: Readonly<Record<Group, (x: number, y: number) => boolean>> = {
  outside: () => false,
  complete: () => false,
  explained: (x, y) => x === 1 && y === 1,
  provisional: (_, y) => y === 1,
  gap: (x, y) => x === 3 - y,
};

/** Reads them inside an element; `.swatch` of the style has them by state. */
export function readPalette(within: HTMLElement, states: readonly State[]): Palette {
  const probe = document.createElement('span');
  within.append(probe);
  const style = getComputedStyle(probe);
  const colourOf = (name: string): number => {
    probe.className = `swatch ${name}`;
    return toPixel(style.backgroundColor);
  };
  const paper = colourOf('paper');
  const plain = new Uint32Array(256).fill(paper);
  const marked = new Uint32Array(256).fill(paper);
  for (const [code, state] of states.entries()) {
    const colour = colourOf(state);
    const isMark = MARKS[meaningOf(state).group];
    for (let x = 0; x < 4; x++)
      for (let y = 0; y < 4; y++) {
        plain[shadeAt(x, y, code)] = colour;
        marked[shadeAt(x, y, code)] = isMark(x, y) ? paper : colour;
      }
  }
  probe.className = 'quiet';
  const { color: ink, fontFamily: font } = getComputedStyle(within);
  const palette = { plain, marked, paper, ink, quiet: style.color, font };
  probe.remove();
  return palette;
}

/** `rgb(1, 2, 3)` as a pixel of ImageData, whose first byte is red. */
function toPixel(colour: string): number {
  const [red = 0, green = 0, blue = 0] = (colour.match(/\d+/g) ?? []).map(Number);
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}
