import { packBars } from '../market/packed-bars.ts';
import type { PageToStore } from '../storage/batch.ts';

/** Pages that wait to be stored. */
export interface PackedPages {
  /** What they count in a batch: a row for each bar, and for each page without one. */
  readonly rows: number;
  unpack(): readonly PageToStore[];
}

/** Fewer are not worth it. */
const MANY = 100;

/**
 * Pages that came together, in a fifth of their memory where they are those of a day of all stocks: alike but for the symbol
 * and its bar. All others stay as they are.
 */
export function packPages(pages: readonly PageToStore[]): PackedPages[] {
  const [first] = pages;
  const alike = pages.length < MANY ? [] : pages.filter((page) => isAlike(page, first!));
  const others = alike.length === 0 ? pages : pages.filter((page) => !isAlike(page, first!));
  return [
    ...(alike.length === 0 ? [] : [packAlike(alike)]),
    ...others.map((page) => ({ rows: Math.max(page.bars.length, 1), unpack: () => [page] })),
  ];
}

function packAlike(pages: readonly PageToStore[]): PackedPages {
  const shared = pages[0]!;
  const rows = pages.length;
  if (shared.bars.length === 0) {
    const symbols = pages.map(({ symbol }) => symbol);
    return { rows, unpack: () => symbols.map((symbol) => ({ ...shared, symbol })) };
  }
  const bars = packBars(pages.flatMap((page) => [...page.bars]));
  return {
    rows,
    unpack: () => Array.from(bars, (bar) => ({ ...shared, symbol: bar.symbol, bars: [bar] })),
  };
}

function isAlike(page: PageToStore, first: PageToStore): boolean {
  return (
    page.bars.length <= 1 &&
    page.bars.length === first.bars.length &&
    page.absent.length <= 1 &&
    page.absent[0] === first.absent[0] &&
    page.rejects.length + page.rejected.length === 0 &&
    page.timeframe === first.timeframe &&
    page.from === first.from &&
    page.before === first.before &&
    page.groupedRows === first.groupedRows &&
    page.finalThrough === first.finalThrough &&
    page.request === first.request
  );
}
