import { setMaxListeners } from 'node:events';
import type { Clock } from '../clock.ts';
import type { PaceRow } from '../pace-row.ts';
import { createLocalPaceRow } from './local-pace-row.ts';
import { quickened, slowedDown } from './pace.ts';
import { createWaitingLine } from './waiting-line.ts';

/** The request rate limit of one key, shared by everything in this process that uses the key. */
export interface Pacer {
  /**
   * Resolves when the next request may be sent: urgent ones first, else in the order asked; nobody waits forever.
   * Rejects at once with the signal's reason. @throws AppError STORAGE_FAILED when no slots can be had.
   */
  take(signal: AbortSignal, options?: { readonly isUrgent?: boolean }): Promise<Turn>;
  /**
   * The vendor refused a request as too fast: nobody sends anything for `pauseMs`, and from then on less often.
   * The time between requests from now on, when that is news; null when it is not.
   */
  refused(turn: Turn, pauseMs: number): Promise<number | null>;
  /** What lies between two slots now, in ms. */
  gapMs(): Promise<number>;
  /** The same, and how many slots everybody together was given since the last change of the pace. */
  state(): Promise<PaceState>;
}

export interface PaceState {
  readonly gapMs: number;
  /** Counts the changes. */
  readonly changes: number;
  readonly grants: number;
}

/** The right to send one request. */
export interface Turn {
  /** How long after the one before. */
  readonly gapMs: number;
  /** The pace at which it was granted, and its place among the slots since. */
  readonly changes: number;
  readonly nth: number;
}

// A limit of "5 a minute" is broken half the time by slots exactly 12 s apart: arrivals jitter.
const margin = 1.01;

/** What lies between two slots of a pacer, in ms. */
export const slotGapMs = (intervalMs: number): number => intervalMs * margin;

/** What is asked for ahead of its time, so that a slow answer costs nothing: where slots are rare, not even the next one. */
const AHEAD_MS = 100;
/** Whoever waits longer than this looks once more before it sends. */
const LONG_WAIT_MS = 1000;
/** A slot used later than this would bring its request too near to the next one's. */
const LATE_MS = 40;
const LATE_SHARE = 0.04;

interface Reserved {
  readonly turn: Turn;
  readonly waitMs: number;
  readonly due: Promise<void> | undefined;
  readonly dueAt: number;
  readonly refusalsKnown: number;
}

interface Waiter {
  go(turn: Turn): void;
  fail(error: unknown): void;
}

/**
 * Slots at least `intervalMs` × 1.01 apart over everybody who shares `row`, by the row's clock; without one, within
 * this process. 0 is unpaced but for pauses, and asks nothing of a shared row.
 */
export function createPacer(
  config: { readonly intervalMs: number; readonly row?: PaceRow | undefined },
  clock: Clock,
): Pacer {
  const setGapMs = slotGapMs(config.intervalMs);
  const row = (config.intervalMs > 0 ? config.row : undefined) ?? createLocalPaceRow(clock);
  const line = createWaitingLine<Waiter>();
  /** Aborts when nobody is in line any more; undefined while nobody is served. */
  let serving: AbortController | undefined;
  let refusalsKnown = 0;
  /** When the last turn was given, and whether a slot that came too late was given up since. */
  let sentAt = Number.NEGATIVE_INFINITY;
  let hasGivenUp = false;

  /** The wait is counted from the answer and by a timer, so no clock of this machine matters. */
  async function reserve(signal: AbortSignal): Promise<Reserved> {
    const known = refusalsKnown;
    const slot = await row.take(setGapMs, signal);
    const due = slot.waitMs > 0 ? clock.sleep(slot.waitMs, signal) : undefined;
    due?.catch(() => {});
    const faster = quickened(slot, setGapMs);
    // Whoever is first changes it; when it fails the next slot says the same again.
    if (faster !== null) row.change(slot.changes, faster).catch(() => {});
    return {
      turn: { gapMs: Math.max(setGapMs, slot.gapMs ?? 0), changes: slot.changes, nth: slot.grants },
      waitMs: slot.waitMs,
      due,
      dueAt: clock.now() + slot.waitMs,
      refusalsKnown: known,
    };
  }

  /** Hands the slots out until nobody is in line. A slot belongs to nobody until its time has come. */
  async function serve(signal: AbortSignal): Promise<void> {
    const reserved: Promise<Reserved>[] = [];
    let lastDueAt = 0;
    let isAsking = false;
    const reserveAhead = (): void => {
      if (signal.aborted || isAsking || reserved.length >= line.size) return;
      if (reserved.length > 0 && lastDueAt - clock.now() > AHEAD_MS) return;
      isAsking = true;
      const slot = reserve(signal);
      reserved.push(slot);
      void slot.then(arrived, () => {});
    };
    const arrived = ({ dueAt }: Reserved): void => {
      lastDueAt = dueAt;
      isAsking = false;
      reserveAhead();
    };
    for (;;) {
      reserveAhead();
      const first = reserved[0];
      if (first === undefined) return;
      const slot = await first;
      await slot.due;
      const isUsable = await mayUse(slot, signal);
      reserved.shift();
      if (signal.aborted) return;
      if (!isUsable) continue;
      sentAt = clock.now();
      hasGivenUp = false;
      line.next()?.go(slot.turn);
    }
  }

  async function mayUse(slot: Reserved, signal: AbortSignal): Promise<boolean> {
    if (slot.refusalsKnown !== refusalsKnown) return false;
    const now = clock.now();
    const tolerableMs = Math.max(LATE_MS, LATE_SHARE * slot.turn.gapMs);
    // On a machine where everything is late something must still be sent, but not several at once.
    if (now - slot.dueAt > tolerableMs && (!hasGivenUp || now - sentAt < tolerableMs)) {
      hasGivenUp = true;
      return false;
    }
    return slot.waitMs <= LONG_WAIT_MS || !(await row.isPaused(signal));
  }

  async function state(): Promise<PaceState> {
    const { gapMs = null, changes = 0, grants = 0 } = (await row.read()) ?? {};
    return { gapMs: Math.max(setGapMs, gapMs ?? 0), changes, grants };
  }

  function start(): void {
    const empty = new AbortController();
    // Every slot ahead of its time waits on it.
    setMaxListeners(0, empty.signal);
    serving = empty;
    serve(empty.signal)
      .catch((error: unknown) => {
        if (!empty.signal.aborted) for (const waiter of line.clear()) waiter.fail(error);
      })
      .finally(() => {
        if (serving !== empty) return;
        serving = undefined;
        if (line.size > 0) start();
      });
  }

  return {
    async take(signal, { isUrgent = false } = {}) {
      signal.throwIfAborted();
      return new Promise<Turn>((resolve, reject) => {
        const onAbort = (): void => {
          leave();
          reject(signal.reason);
          if (line.size > 0) return;
          serving?.abort();
          serving = undefined;
        };
        const settled = (): void => signal.removeEventListener('abort', onAbort);
        const leave = line.join(
          {
            go(turn) {
              settled();
              resolve(turn);
            },
            fail(error) {
              settled();
              reject(error);
            },
          },
          isUrgent,
        );
        signal.addEventListener('abort', onAbort, { once: true });
        if (serving === undefined) start();
      });
    },
    async refused({ gapMs, changes, nth }, pauseMs) {
      refusalsKnown++;
      const record = await row.pause(pauseMs, changes);
      // Sent before the last slow-down, of which it says nothing new; or there is no gap to widen.
      if (record.changes !== changes || setGapMs === 0) return null;
      const slower = slowedDown(record, gapMs, nth);
      if (slower === null || !(await row.change(changes, slower))) return null;
      return slower.failedTrials > record.failedTrials ? null : slower.gapMs;
    },
    gapMs: async () => (await state()).gapMs,
    state,
  };
}
