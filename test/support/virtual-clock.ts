import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../src/clock.ts';
import type { Pacer } from '../../src/massive/pacing.ts';

/** Turns of the event loop without anything under way before time jumps: enough for what was just woken to go on. */
const IDLE_TURNS = 20;

/**
 * A clock for one process that does real network I/O: time stands still while a request is under way and
 * jumps to the next sleeper when none is, so that an hour of pacing passes in seconds.
 */
export function createVirtualClock(startAt: number) {
  let now = startAt;
  let underWay = 0;
  const stop = new AbortController();
  const sleepers = new Set<{ readonly at: number; wake(): void }>();

  const clock: Clock = {
    now: () => now,
    steady: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const sleeper = {
          at: now + ms,
          wake() {
            sleepers.delete(sleeper);
            signal?.removeEventListener('abort', abort);
            resolve();
          },
        };
        const abort = (): void => {
          sleepers.delete(sleeper);
          reject(signal?.reason);
        };
        signal?.addEventListener('abort', abort, { once: true });
        sleepers.add(sleeper);
      }),
  };

  async function run(): Promise<void> {
    for (let idle = 0; !stop.signal.aborted;) {
      await setImmediate();
      idle = underWay === 0 ? idle + 1 : 0;
      if (idle < IDLE_TURNS || sleepers.size === 0) continue;
      idle = 0;
      now = Math.min(...[...sleepers].map(({ at }) => at));
      for (const sleeper of [...sleepers].filter(({ at }) => at <= now)) sleeper.wake();
    }
  }
  void run();

  return {
    ...clock,
    /** A pacer whose granted slots count as under way until `requestEnded`. */
    watch: (pacer: Pacer): Pacer => ({
      ...pacer,
      async take(signal, options) {
        const turn = await pacer.take(signal, options);
        underWay++;
        return turn;
      },
    }),
    /** Counts as under way while it runs. */
    async during<T>(work: () => Promise<T>): Promise<T> {
      underWay++;
      try {
        return await work();
      } finally {
        underWay--;
      }
    },
    requestEnded(): void {
      underWay--;
    },
    stop(): void {
      stop.abort();
    },
  };
}
