import type { Clock } from '../clock.ts';

/** Lets a loop rest until something may have happened. */
export interface Waker {
  /** Ends the rest under way, or else the next one. */
  wake(): void;
  /** Resolves after `ms`, or earlier when woken or when the signal aborts. */
  rest(ms: number, signal: AbortSignal): Promise<void>;
}

export function createWaker(clock: Clock): Waker {
  let isWoken = false;
  let resting: AbortController | undefined;
  return {
    wake() {
      isWoken = true;
      resting?.abort();
    },
    async rest(ms, signal) {
      if (!isWoken && !signal.aborted) {
        const own = (resting = new AbortController());
        const end = (): void => own.abort();
        signal.addEventListener('abort', end, { once: true });
        await clock.sleep(ms, own.signal).catch(() => {});
        signal.removeEventListener('abort', end);
      }
      isWoken = false;
    },
  };
}
