import { describe, expect, it } from 'vitest';
import { sessionsBetween } from './calendar.ts';
import { importedBars } from './imported-bars.ts';

describe('counting imported bars', () => {
  const twoWeeks = sessionsBetween('2026-03-23', '2026-04-02');

  it('counts each day once, and each touched week and month once', () => {
    const windows = {
      daily: { from: '2026-03-30', to: '2026-04-02' },
      weekly: { from: '2026-03-22', to: '2026-04-02' },
      monthly: { from: '2026-03-01', to: '2026-04-02' },
    };
    const { bars, weeks, months } = importedBars('daily', twoWeeks, windows);
    expect([bars, weeks.length, months]).toEqual([4, 2, [2026 * 12 + 3, 2026 * 12 + 4]]);
  });

  it('leaves out what lies outside a window, though it was stored for a longer one', () => {
    const windows = { daily: { from: '2026-04-01', to: '2026-04-01' } };
    expect(importedBars('daily', twoWeeks, windows)).toEqual({ bars: 1, weeks: [], months: [] });
  });

  it('does not count days for hours', () => {
    const windows = { daily: { from: '2026-03-01', to: '2026-04-30' } };
    expect(importedBars('hourly', twoWeeks, windows)).toEqual({ bars: 0, weeks: [], months: [] });
  });
});
