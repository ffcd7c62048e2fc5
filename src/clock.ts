import { setTimeout as delay } from 'node:timers/promises';

/** Time as an argument, so that tests need no waiting. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds since some moment, for how long something takes: no clock that is set makes it jump. */
  steady(): number;
  /** Resolves no earlier than `ms` from now; rejects with the signal's reason when it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's clock, or one that started at `startAt` (ms since the epoch) and advances in real time. */
export function createClock(startAt?: number): Clock {
  const offset = startAt === undefined ? 0 : startAt - Date.now();
  return {
    now: () => Date.now() + offset,
    steady: () => performance.now(),
    async sleep(ms, signal) {
      const until = performance.now() + ms;
      // Timers may fire up to a millisecond early; callers rely on "no earlier than".
      for (let left = ms; left > 0; left = until - performance.now()) {
        try {
          await delay(Math.ceil(left), undefined, { signal });
        } catch (error) {
          throw signal?.reason ?? error;
        }
      }
    },
  };
}
