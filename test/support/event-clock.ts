import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../src/clock.ts';

/** A clock for what does no I/O: time stands still until run, and then jumps from sleeper to sleeper. */
export function createEventClock(startAt = 0): Clock & { runUntil(time: number): Promise<void> } {
  let now = startAt;
  let sleepers: { readonly at: number; wake(): void }[] = [];
  return {
    now: () => now,
    steady: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const abort = (): void => {
          sleepers = sleepers.filter((one) => one !== sleeper);
          reject(signal?.reason);
        };
        const sleeper = {
          at: now + ms,
          wake() {
            signal?.removeEventListener('abort', abort);
            resolve();
          },
        };
        signal?.addEventListener('abort', abort, { once: true });
        const after = sleepers.findIndex(({ at }) => at > sleeper.at);
        sleepers.splice(after === -1 ? sleepers.length : after, 0, sleeper);
      }),
    /** Resolves at `time`, with all done that was due before. */
    async runUntil(time) {
      for (;;) {
        await setImmediate();
        const next = sleepers[0];
        if (next === undefined || next.at > time) break;
        sleepers.shift();
        now = Math.max(now, next.at);
        next.wake();
      }
      now = Math.max(now, time);
    },
  };
}
