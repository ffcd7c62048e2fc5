import { describe, expect, it } from 'vitest';
import { backoffMs, parseRetryAfter } from './backoff.ts';

describe('backing off', () => {
  const policy = { baseMs: 500, capMs: 30_000 };

  it('doubles from the base up to the cap', () => {
    const waits = [1, 2, 3, 7, 8, 60].map((attempt) => backoffMs(attempt, policy, () => 1));
    expect(waits).toEqual([500, 1000, 2000, 30_000, 30_000, 30_000]);
  });

  it('spreads each wait over its upper half by chance', () => {
    expect(backoffMs(3, policy, () => 0)).toBe(1000);
    expect(backoffMs(3, policy, () => 0.5)).toBe(1500);
  });
});

describe('reading Retry-After', () => {
  const now = Date.UTC(2026, 0, 5, 12);

  it('takes seconds and HTTP dates', () => {
    expect(parseRetryAfter('30', now)).toBe(30_000);
    expect(parseRetryAfter('Mon, 05 Jan 2026 12:00:45 GMT', now)).toBe(45_000);
  });

  it('clamps to between one second and two minutes', () => {
    expect(parseRetryAfter('0', now)).toBe(1000);
    expect(parseRetryAfter('86400', now)).toBe(120_000);
    expect(parseRetryAfter('Sun, 04 Jan 2026 12:00:00 GMT', now)).toBe(1000);
  });

  it('ignores what says nothing', () => {
    expect([undefined, '', 'soon'].map((header) => parseRetryAfter(header, now))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
