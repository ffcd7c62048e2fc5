import { describe, expect, it } from 'vitest';
import { sortedOnce, toBar } from './bar-rows.ts';

// NYSE session Friday 2026-08-07; the vendor stamps its range bar 04:00Z and its grouped bar 20:00Z.
const midnight = Date.UTC(2026, 7, 7, 4);
const afternoon = 1_786_132_800_000;
const row = { v: 9099.618093, vw: 10.2, o: 10, c: 10.5, h: 11, l: 9.5, t: midnight, n: 12 };
const bar = (startsAt: number, volume: number) => ({ ...toBar(row, 'A', 'daily')!, startsAt, volume });

describe('turning rows into bars', () => {
  it('keys a day by its New York session wherever it is stamped', () => {
    const stamped = [midnight, afternoon].map((t) => toBar({ ...row, t }, 'A', 'daily'));
    expect(stamped[0]).toEqual(stamped[1]);
    expect(stamped[0]).toMatchObject({ session: '2026-08-07', startsAt: midnight, volume: 9099.618093 });
  });

  it('gives an evening hour of winter to the New York day, not the next UTC one', () => {
    const made = toBar({ ...row, t: Date.UTC(2026, 0, 6, 0) }, 'A', 'hourly');
    expect(made).toMatchObject({ session: '2026-01-05', startsAt: Date.UTC(2026, 0, 6, 0) });
  });

  it('says null for an average or a number of trades that was not sent', () => {
    const { vw: _vw, n: _n, ...bare } = row;
    expect(toBar(bare, 'A', 'daily')).toMatchObject({ vwap: null, trades: null });
  });

  it('makes prices that are no numbers NaN, for the row rules to reject', () => {
    const made = toBar({ ...row, o: null, h: '11', v: undefined }, 'A', 'daily');
    expect(made).toMatchObject({ open: Number.NaN, high: Number.NaN, volume: Number.NaN, low: 9.5 });
  });

  it.each([[undefined], [null], ['1786132800000'], [1.5], [-1], [1e17]])(
    'has no bar for a time of %s',
    (t) => {
      expect(toBar({ ...row, t }, 'A', 'daily')).toBeNull();
    },
  );
});

describe('sorting bars', () => {
  it('keeps the larger volume of one start', () => {
    const bars = sortedOnce([bar(2, 5), bar(1, 1), bar(2, 9), bar(2, 7)]);
    expect(bars.map((b) => [b.startsAt, b.volume])).toEqual([
      [1, 1],
      [2, 9],
    ]);
  });

  it('prefers any volume to none', () => {
    expect(sortedOnce([bar(1, Number.NaN), bar(1, 3)])[0]?.volume).toBe(3);
    expect(sortedOnce([bar(1, 3), bar(1, Number.NaN)])[0]?.volume).toBe(3);
  });
});
