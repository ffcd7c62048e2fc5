import { describe, expect, it } from 'vitest';
import type { Bar } from '../api/types.ts';
import { barWords, summaryWords } from './bar-words.ts';
import { type Column, placeOf } from './places.ts';

const column = (date: string, values: Partial<Bar> = {}, marks: Column['marks'] = []): Column => ({
  place: placeOf(date),
  bar: {
    date,
    open: 10,
    high: 12,
    low: 9,
    close: 11,
    volume: 1234567.4,
    vwap: null,
    trades: null,
    final: true,
    ...values,
  },
  marks,
});
const split = { kind: 'split', text: 'split 4 for 1', label: '4:1' } as const;

describe('the words of a bar', () => {
  it('have its prices, volume, state and marks', () => {
    expect(barWords(column('2025-03-06', { close: 0.12345, final: false }, [split]))).toBe(
      'open 10.00 · high 12.00 · low 9.00 · close 0.1235 · volume 1,234,567 · may still change · split 4 for 1',
    );
    expect(barWords({ place: 0, bar: null, marks: [{ ...split, text: 'no bar: no trade' }] })).toBe(
      'no bar: no trade',
    );
  });
});

describe('the summary of a chart', () => {
  it('tells how many there are, the first, the last, the highest and the lowest, blanks left out', () => {
    const columns = [
      column('2025-03-06', { high: 20 }),
      { place: placeOf('2025-03-07'), bar: null, marks: [split] },
      column('2025-03-10', { low: 1, close: 3.5 }),
    ];
    expect(summaryWords(columns, 'daily')).toBe(
      '2 bars; first Thu, Mar 6, 2025, close 11.00; last Mon, Mar 10, 2025, close 3.50; ' +
        'highest 20.00, Thu, Mar 6, 2025; lowest 1.00, Mon, Mar 10, 2025; 1 marked',
    );
    expect(summaryWords([], 'daily')).toBe('No bars.');
  });
});
