import { describe, expect, it } from 'vitest';
import { createRateLimit, parseRate } from './rate-limit.ts';

describe('a rate', () => {
  it.each([
    ['5/min', { requests: 5, perMs: 60_000 }],
    ['100/s', { requests: 100, perMs: 1000 }],
  ])('is read from %s', (text, rate) => {
    expect(parseRate(text)).toEqual(rate);
  });

  it.each(['', '5', '0/s', '5/h', '-1/s', '1.5/s', '5 / min'])('is not read from %j', (text) => {
    expect(() => parseRate(text)).toThrow('expected requests a second or a minute, such as 100/s or 5/min');
  });
});

describe('a rate limit', () => {
  const passed = (rate: string, times: readonly number[]): boolean[] => {
    const mayPass = createRateLimit(parseRate(rate));
    return times.map((time) => mayPass(time));
  };

  it('lets a full bucket through at once and then one for each interval', () => {
    expect(passed('3/min', [0, 0, 0, 0, 19_000, 20_000, 20_000])).toEqual([
      true,
      true,
      true,
      false,
      false,
      true,
      false,
    ]);
  });

  it('never refuses requests sent evenly at the limit, though they arrive with jitter', () => {
    const times = Array.from({ length: 2000 }, (_, at) => at * 10 + [0, 9, -9, 4][at % 4]!);
    expect(passed('100/s', times)).not.toContain(false);
  });

  it('refuses what is twice too fast', () => {
    const times = Array.from({ length: 1000 }, (_, at) => at * 5);
    const through = passed('100/s', times).filter(Boolean).length;
    expect(through).toBeGreaterThanOrEqual(590);
    expect(through).toBeLessThanOrEqual(610);
  });
});
