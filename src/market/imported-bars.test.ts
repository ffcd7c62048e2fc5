import { describe, expect, it } from 'vitest';
import { sessionsBetween } from './calendar.ts';
import { countImported } from './imported-bars.ts';

describe('counting imported bars', () => {
  const twoWeeks = sessionsBetween('2026-03-23', '2026-04-02');

  it('counts each day once, and each touched week and month once', () => {
    const windows = {
      daily: { from: '2026-03-30', to: '2026-04-02' },
      weekly: { from: '2026-03-22', to: '2026-04-02' },
      monthly: { from: '2026-03-01', to: '2026-04-02' },
    };
    expect(countImported('daily', twoWeeks, windows)).toBe(4 + 2 + 2);
  });

  it('leaves out what lies outside a window, though it was stored for a longer one', () => {
    expect(countImported('daily', twoWeeks, { daily: { from: '2026-04-01', to: '2026-04-01' } })).toBe(1);
  });

  it('does not count days for hours', () => {
    expect(countImported('hourly', twoWeeks, { daily: { from: '2026-03-01', to: '2026-04-30' } })).toBe(0);
  });
});
