import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayOfWeek, fromDayNumber, toDayNumber } from './date.ts';
import { newYorkMidnight } from './new-york.ts';
import { baseOf, lookbackWindow, monthOf, snapToTimeframe, timeframes, weekOf } from './timeframe.ts';

const anyDate = fc
  .integer({ min: toDayNumber('1990-01-01'), max: toDayNumber('2030-12-31') })
  .map(fromDayNumber);

describe('timeframes', () => {
  it('are fetched as hours or days; weeks and months come from days', () => {
    expect(timeframes.map((timeframe) => [timeframe, baseOf(timeframe)])).toEqual([
      ['hourly', 'hourly'],
      ['daily', 'daily'],
      ['weekly', 'daily'],
      ['monthly', 'daily'],
    ]);
  });

  it('stamp a week with its Sunday, which itself belongs to the week it begins', () => {
    expect(weekOf('2025-01-10')).toBe('2025-01-05');
    expect(weekOf('2025-01-05')).toBe('2025-01-05');
    expect(weekOf('2025-01-04')).toBe('2024-12-29');
    fc.assert(
      fc.property(anyDate, (date) => {
        const week = weekOf(date);
        expect(dayOfWeek(week)).toBe(0);
        expect(toDayNumber(date) - toDayNumber(week)).toBeLessThan(7);
        expect(week <= date).toBe(true);
      }),
    );
  });

  it('stamp a month with its 1st, trading day or not', () => {
    expect(monthOf('2023-01-31')).toBe('2023-01-01');
    expect(monthOf('2023-10-01')).toBe('2023-10-01');
  });

  it("agree with the vendor's stamps", () => {
    // Recorded answers: TSLA 1/week, the Sunday of 2022-07-05; months of 2023 on both sides of DST.
    expect(newYorkMidnight(weekOf('2022-07-05'))).toBe(1_656_820_800_000);
    expect(newYorkMidnight(monthOf('2023-01-17'))).toBe(1_672_549_200_000);
    expect(newYorkMidnight(monthOf('2023-04-28'))).toBe(1_680_321_600_000);
  });
});

describe('windows', () => {
  it('snap down to whole weeks and months at the start, never at the end', () => {
    const range = { from: '2025-01-15', to: '2025-02-12' };
    expect(snapToTimeframe('hourly', range)).toEqual(range);
    expect(snapToTimeframe('daily', range)).toEqual(range);
    expect(snapToTimeframe('weekly', range)).toEqual({ from: '2025-01-12', to: '2025-02-12' });
    expect(snapToTimeframe('monthly', range)).toEqual({ from: '2025-01-01', to: '2025-02-12' });
  });

  it('of N days count the last session as one of them', () => {
    expect(lookbackWindow('daily', 1, '2025-01-10')).toEqual({ from: '2025-01-10', to: '2025-01-10' });
    expect(lookbackWindow('daily', 365, '2025-01-10')).toEqual({ from: '2024-01-12', to: '2025-01-10' });
    expect(lookbackWindow('weekly', 1, '2025-01-10')).toEqual({ from: '2025-01-05', to: '2025-01-10' });
    expect(lookbackWindow('monthly', 1825, '2025-01-10')).toEqual({ from: '2020-01-01', to: '2025-01-10' });
  });
});
