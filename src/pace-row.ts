/** What refusals have taught about the pace of a key; all in ms between slots. */
export interface Pace {
  /** In force; null while the setting alone says. */
  readonly gapMs: number | null;
  /** The widest that was refused lately. */
  readonly refusedMs: number | null;
  /** The narrowest that held, while a narrower one is on trial or after. */
  readonly heldMs: number | null;
  /** Trials refused one after the other. */
  readonly failedTrials: number;
}

/** A pace and what came of it since its last change. */
export interface PaceRecord extends Pace {
  /** Counts the changes of the pace: a slot taken before the last one says nothing about it. */
  readonly changes: number;
  readonly ageMs: number;
  /** Slots handed out, and refusals of them. */
  readonly grants: number;
  readonly refusals: number;
  /** False once a slot was free and nobody wanted it. */
  readonly isUnbroken: boolean;
}

export interface Slot extends PaceRecord {
  /** How long until the slot, from when this answer came. */
  readonly waitMs: number;
}

/**
 * The one place that hands out the slots of a key, to everybody who uses it, one at a time. All of it may throw
 * STORAGE_FAILED, once waiting for the database did not help.
 */
export interface PaceRow {
  /** The next free slot: `gapMs`, or what was learned if that is more, after the one before. Unused ones are never made up for. */
  take(gapMs: number, signal: AbortSignal): Promise<Slot>;
  /** Hands out no slot for so long, and counts a refusal of a slot that was taken at `changes`. */
  pause(ms: number, changes: number): Promise<PaceRecord>;
  isPaused(signal: AbortSignal): Promise<boolean>;
  /** Sets another pace unless that was done since `changes`; whether it did. */
  change(changes: number, pace: Pace): Promise<boolean>;
  /** Null before the first slot. */
  read(): Promise<PaceRecord | null>;
}
