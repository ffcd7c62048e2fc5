import type { Clock } from '../clock.ts';

/** The request rate limit of one key, shared by everything that uses the key. */
export interface Pacer {
  /** Resolves when the next request may be sent, in the order asked; rejects at once with the signal's reason. */
  take(signal: AbortSignal): Promise<void>;
  /** Hands out no slot before `until` (ms since the epoch, the pacer's clock). */
  pause(until: number): void;
}

// A limit of "5 a minute" is broken half the time by slots exactly 12 s apart: arrivals jitter.
const margin = 1.01;

/** What lies between two slots of a pacer, in ms. */
export const slotGapMs = (intervalMs: number): number => intervalMs * margin;

/** Slots at least `intervalMs` × 1.01 apart within this process; unused ones are never made up for. 0 is unpaced. */
export function createPacer(config: { intervalMs: number }, clock: Clock): Pacer {
  const gap = slotGapMs(config.intervalMs);
  let nextSlot = 0;
  let pausedUntil = 0;
  let lastInLine: Promise<void> = Promise.resolve();

  return {
    async take(signal) {
      signal.throwIfAborted();
      const ahead = lastInLine;
      let leave!: () => void;
      const left = new Promise<void>((resolve) => (leave = resolve));
      // Whoever comes next waits for all ahead, also when this one gives up early.
      lastInLine = ahead.then(() => left);
      try {
        await untilAborted(ahead, signal);
        // Counted from the slot, not from when a late timer fired, or lateness would add up.
        let slot = Math.max(clock.now(), nextSlot, pausedUntil);
        while (slot > clock.now()) {
          await clock.sleep(slot - clock.now(), signal);
          // A pause may have begun in the meantime.
          slot = Math.max(slot, pausedUntil);
        }
        nextSlot = slot + gap;
      } finally {
        leave();
      }
    },
    pause(until) {
      pausedUntil = Math.max(pausedUntil, until);
    },
  };
}

function untilAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    void promise.then(resolve).finally(() => signal.removeEventListener('abort', abort));
  });
}
