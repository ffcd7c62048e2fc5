import type { Pace, PaceRecord } from '../pace-row.ts';

/** What holds for so long, and for some requests, may be narrowed. */
const HOLD_MS = 5000;
const HOLD_REQUESTS = 5;
/** Each refused trial makes the next one wait so much longer. */
const PATIENCE_FACTOR = 4;
/** How far towards the refused gap a trial goes, as ratios. */
const TRIAL_SHARE = 1 / 3;
/** A gap this near to a refused one is not worth a trial: a single refusal may have been by chance, more were not. */
const NEAR_ENOUGH = 1.1;
const NEAR_ENOUGH_ONCE_TRIED = 1.3;
/** A plan may have been upgraded meanwhile. */
const FORGET_AFTER_MS = 3_600_000;
/** The least step away from a refused gap. */
const STEP = 1.1;

/**
 * The pace after a request was refused that had been sent `gapMs` after the one before; null when that teaches nothing.
 * `nth`: which slot since the last change was refused.
 */
export function slowedDown(record: PaceRecord, gapMs: number, nth: number): Pace | null {
  const refusedMs = Math.max(gapMs, record.refusedMs ?? 0);
  if (record.heldMs !== null && record.heldMs > gapMs) {
    return {
      gapMs: record.heldMs,
      refusedMs,
      heldMs: record.heldMs,
      failedTrials: record.failedTrials + 1,
    };
  }
  const passed = nth - record.refusals;
  // The first after a pause: the pause was too short, whatever the gap.
  if (record.gapMs !== null && passed < 1) return null;
  // A bucket that was empty at the last refusal and is empty again gave out just what flowed in between.
  const isMeasured = record.gapMs !== null && record.isUnbroken;
  const wider = isMeasured ? Math.max(record.ageMs / passed, STEP * gapMs) : 2 * gapMs;
  return { gapMs: wider, refusedMs, heldMs: null, failedTrials: record.failedTrials };
}

/** The pace after the one in force has held: half-way back towards what was refused, or was set; null to stay. */
export function quickened(record: PaceRecord, setGapMs: number): Pace | null {
  const { gapMs } = record;
  if (gapMs === null) return null;
  const isForgotten = record.ageMs >= FORGET_AFTER_MS;
  const refusedMs = isForgotten ? null : record.refusedMs;
  const failedTrials = isForgotten ? 0 : record.failedTrials;
  const hold = Math.max(HOLD_REQUESTS, HOLD_MS / gapMs) * PATIENCE_FACTOR ** failedTrials;
  if (!isForgotten && record.grants - record.refusals < hold) return null;
  const floorMs = Math.max(setGapMs, refusedMs ?? 0);
  if (gapMs > floorMs * (failedTrials === 0 ? NEAR_ENOUGH : NEAR_ENOUGH_ONCE_TRIED)) {
    return { gapMs: gapMs * (floorMs / gapMs) ** TRIAL_SHARE, refusedMs, heldMs: gapMs, failedTrials };
  }
  return refusedMs === null ? unlearned : null;
}

const unlearned: Pace = { gapMs: null, refusedMs: null, heldMs: null, failedTrials: 0 };
