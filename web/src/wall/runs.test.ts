import { describe, expect, it } from 'vitest';
import type { Coverage } from '../api/types.ts';
import { chooseRows, countStates, gapsOf } from './runs.ts';

const coverage: Coverage = {
  timeframe: 'daily',
  states: ['not_asked', 'complete', 'unexplained', 'owed'],
  sessions: ['2024-03-01', '2024-03-04', '2024-03-05', '2024-03-06', '2024-03-07'],
  symbols: [
    { symbol: 'AAPL', runs: [0, 1, 1, 4] },
    { symbol: 'BRK.B', runs: [1, 1, 2, 1, 1, 2, 3, 1] },
    { symbol: 'KO', runs: [1, 1, 3, 3, 1, 1] },
  ],
};
const gaps = coverage.symbols.map((row) => gapsOf(coverage, row));

describe('what is told of the wall', () => {
  it('counts sessions by state, and gaps by symbol with the newest', () => {
    expect(countStates(coverage)).toEqual([1, 9, 1, 4]);
    expect(gaps.map(({ sessions, newest }) => [sessions, newest])).toEqual([
      [0, null],
      [2, { code: 3, from: 4, before: 5 }],
      [3, { code: 3, from: 1, before: 4 }],
    ]);
  });

  it('shows symbols in their own order or by gaps, all or those with gaps', () => {
    const names = (isSortedByGaps: boolean, onlyGaps: boolean): string =>
      chooseRows(gaps, { isSortedByGaps, onlyGaps })
        .map(({ symbol }) => symbol)
        .join(' ');
    expect(names(false, false)).toBe('AAPL BRK.B KO');
    expect(names(true, false)).toBe('KO BRK.B AAPL');
    expect(names(false, true)).toBe('BRK.B KO');
  });
});
