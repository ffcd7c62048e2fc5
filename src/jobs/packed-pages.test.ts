import { describe, expect, it } from 'vitest';
import { dayBar, pageOf } from '../../test/support/made-bars.ts';
import type { PageToStore } from '../storage/batch.ts';
import { absentPage } from './absent-page.ts';
import { packPages } from './packed-pages.ts';

const SESSION = '2026-01-05';
const symbols = Array.from({ length: 150 }, (_, n) => `S${n}`);
const withBar = symbols.map((symbol, n) =>
  pageOf([dayBar(symbol, SESSION, n % 3 === 0 ? { vwap: null, trades: null } : { close: 10 + n / 100 })]),
);
const absent = (symbol: string, sessions = [SESSION]): PageToStore =>
  absentPage({ symbol, timeframe: 'daily', sessions, groupedRows: 9000 }, SESSION);

const unpacked = (pages: readonly PageToStore[]): PageToStore[] =>
  packPages(pages).flatMap((packed) => [...packed.unpack()]);
const bySymbol = (pages: readonly PageToStore[]): unknown[] =>
  pages
    .map((page) => ({ ...page, bars: [...page.bars] }))
    .toSorted((a, b) => a.symbol.localeCompare(b.symbol));

describe('pages of a day of all stocks', () => {
  it('come out as they went in, as one group', () => {
    expect(packPages(withBar).map(({ rows }) => rows)).toEqual([150]);
    expect(bySymbol(unpacked(withBar))).toEqual(bySymbol(withBar));
  });

  it('without a bar too', () => {
    const pages = symbols.map((symbol) => absent(symbol));
    expect(packPages(pages).map(({ rows }) => rows)).toEqual([150]);
    expect(bySymbol(unpacked(pages))).toEqual(bySymbol(pages));
  });

  it.each<[string, PageToStore]>([
    ['a session without a bar', absent('X')],
    ['two bars', pageOf([dayBar('X', SESSION), dayBar('X', '2026-01-06')])],
    ['a rejected bar', { ...absent('X'), rejected: [SESSION] }],
    ['another session', pageOf([dayBar('X', '2026-01-06')])],
    ['another timeframe', { ...withBar[1]!, symbol: 'X', timeframe: 'hourly' }],
    ['another request', { ...withBar[1]!, symbol: 'X', request: 7 }],
    ['values that are not final', { ...withBar[1]!, symbol: 'X', finalThrough: '2026-01-02' }],
  ])('leave one with %s as it is', (_, other) => {
    const pages = [...withBar, other];
    expect(packPages(pages)).toHaveLength(2);
    expect(bySymbol(unpacked(pages))).toEqual(bySymbol(pages));
  });
});

it('a few pages are left as they are', () => {
  const few = withBar.slice(0, 3);
  expect(packPages(few).map(({ rows }) => rows)).toEqual([1, 1, 1]);
  expect(unpacked(few)).toEqual(few);
});
