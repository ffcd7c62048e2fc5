import { describe, expect, it } from 'vitest';
import { describeStrike, placeOf } from './faults.ts';
import { FAULTS_A_CASE, scheduleOf, strikeVariety } from './schedule.ts';

const seeds = Array.from({ length: 40 }, (_, seed) => seed);

describe('a schedule of faults', () => {
  it('is the same for the same seed and another for another', () => {
    expect(scheduleOf(7)).toEqual(scheduleOf(7));
    expect(scheduleOf(7)).not.toEqual(scheduleOf(7 + strikeVariety));
  });

  it('has a beginning that does not depend on how many faults follow, their time aside', () => {
    const strikes = (count: number): unknown[] =>
      scheduleOf(3, count).map(({ aim, strike }) => ({ aim, strike }));
    expect(strikes(5).slice(0, 2)).toEqual(strikes(2));
  });

  it('strikes in order, after the import has begun and before it ends', () => {
    for (const seed of seeds) {
      const times = scheduleOf(seed).map(({ at }) => at);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      expect(times[0]).toBeGreaterThan(0);
      expect(times.at(-1)).toBeLessThan(0.9);
    }
  });

  it('goes through everything that can happen within as many faults', () => {
    const strikes = seeds.flatMap((seed) => scheduleOf(seed)).slice(0, strikeVariety);
    expect(new Set(strikes.map(({ strike }) => placeOf(strike)))).toEqual(
      new Set(['process', 'database', 'redis', 'link', 'vendor']),
    );
    const all = seeds.flatMap((seed) => scheduleOf(seed));
    expect(new Set(strikes.map(({ strike }) => strike.kind))).toEqual(
      new Set(all.map(({ strike }) => strike.kind)),
    );
    expect(all).toHaveLength(seeds.length * FAULTS_A_CASE);
  });

  it('is told in words', () => {
    expect(describeStrike({ kind: 'redis-flush' })).toBe('redis-flush');
    expect(describeStrike({ kind: 'partition', link: 'database', forMs: 1500, endsBy: 'cut' })).toBe(
      'partition (database, for 1500 ms, cut)',
    );
    expect(describeStrike({ kind: 'cut-copy', bytes: 12 })).toBe('cut-copy (bytes 12)');
  });
});
