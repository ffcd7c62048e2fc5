import type { Clock } from '../../src/clock.ts';

/** A clock that moves only when slept on or told to; `slept` lists the waits asked for, in ms. */
export function createFakeClock(
  startAt = Date.UTC(2026, 0, 5, 12),
): Clock & { slept: number[]; advance(ms: number): void } {
  let now = startAt;
  const slept: number[] = [];
  return {
    slept,
    now: () => now,
    steady: () => now,
    advance(ms) {
      now += ms;
    },
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      slept.push(ms);
      now += ms;
    },
  };
}
