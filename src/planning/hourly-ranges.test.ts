import { describe, expect, it } from 'vitest';
import { hourlyPages, hourlyRanges } from './hourly-ranges.ts';

describe('ranges of hours', () => {
  it('take one page for every 52 sessions at most', () => {
    expect([1, 52, 53, 104, 105].map(hourlyPages)).toEqual([1, 1, 2, 2, 3]);
  });

  it('join runs where that costs no page more', () => {
    expect(
      hourlyRanges([
        [0, 3],
        [10, 12],
        [60, 61],
      ]),
    ).toEqual([[0, 61]]);
  });

  it('keep runs apart where the sessions between cost more than a request', () => {
    expect(
      hourlyRanges([
        [0, 3],
        [500, 503],
      ]),
    ).toEqual([
      [0, 3],
      [500, 503],
    ]);
  });
});
