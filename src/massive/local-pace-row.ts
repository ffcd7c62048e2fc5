import type { Clock } from '../clock.ts';
import type { Pace, PaceRecord, PaceRow } from '../pace-row.ts';

/** So long without anybody who wants a slot, beyond the next one's time, breaks a record. */
const BREAK_MS = 1000;

/** Slots for this process alone. */
export function createLocalPaceRow(clock: Pick<Clock, 'now'>): PaceRow {
  let pace: Pace = { gapMs: null, refusedMs: null, heldMs: null, failedTrials: 0 };
  let slotAt = Number.NEGATIVE_INFINITY;
  let pausedUntil = Number.NEGATIVE_INFINITY;
  let changedAt = clock.now();
  let changes = 0;
  let grants = 0;
  let refusals = 0;
  let isUnbroken = true;

  const record = (): PaceRecord => ({
    ...pace,
    changes,
    ageMs: clock.now() - changedAt,
    grants,
    refusals,
    isUnbroken,
  });

  return {
    async take(setGapMs) {
      const now = clock.now();
      const gapMs = Math.max(setGapMs, pace.gapMs ?? 0);
      const free = Math.max(slotAt + gapMs, pausedUntil);
      if (grants > 0 && now > free + gapMs + BREAK_MS) isUnbroken = false;
      slotAt = Math.max(now, free);
      grants++;
      return { ...record(), waitMs: slotAt - now };
    },
    async pause(ms, seen) {
      pausedUntil = Math.max(pausedUntil, clock.now() + ms);
      if (seen === changes) refusals++;
      return record();
    },
    isPaused: async () => pausedUntil > clock.now(),
    async change(seen, next) {
      if (seen !== changes) return false;
      pace = next;
      changes++;
      changedAt = clock.now();
      grants = 0;
      refusals = 0;
      isUnbroken = true;
      return true;
    },
    read: async () => (slotAt === Number.NEGATIVE_INFINITY ? null : record()),
  };
}
