import type { Clock } from '../clock.ts';
import type { PaceRecord, PaceRow } from '../pace-row.ts';
import type { Database } from './database.ts';
import { toStorageError } from './storage-error.ts';

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 2000;

const record = `gap_ms AS "gapMs", refused_ms AS "refusedMs", held_ms AS "heldMs", failed_trials AS "failedTrials", changes,
  extract(epoch FROM clock_timestamp() - changed_at)::float8 * 1000 AS "ageMs", grants, refusals, unbroken AS "isUnbroken"`;

/**
 * The row of a key, by its fingerprint. Each call is one statement that commits by itself, so nobody ever waits for a
 * process that holds the row; and all time is the server's.
 */
export function createPaceRow(
  { slots }: Pick<Database, 'slots'>,
  fingerprint: Buffer,
  { clock, patienceMs }: { readonly clock: Pick<Clock, 'now' | 'sleep'>; readonly patienceMs: number },
): PaceRow {
  // One patience for all, as the writers of bars have it: whoever comes late waits no longer than the others.
  let awaySince: number | null = null;

  async function ask<T extends object>(
    attempted: string,
    query: { readonly name: string; readonly text: string },
    values: readonly unknown[],
    signal?: AbortSignal,
  ): Promise<T[]> {
    for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(2 * delayMs, LONGEST_DELAY_MS)) {
      try {
        const { rows } = await slots.query<T>({ ...query, values: [fingerprint, ...values] });
        awaySince = null;
        return rows;
      } catch (error) {
        const failure = toStorageError(attempted, error);
        if (!failure.retryable) throw failure;
        awaySince ??= clock.now();
        if (clock.now() - awaySince >= patienceMs) throw failure;
        await clock.sleep(delayMs, signal);
      }
    }
  }

  return {
    async take(gapMs, signal) {
      const [slot] = await ask<PaceRecord & { waitMs: number }>(
        'take a request slot',
        takeSlot,
        [gapMs],
        signal,
      );
      return { ...slot!, waitMs: Math.max(0, slot!.waitMs) };
    },
    async pause(ms, changes) {
      const [paused] = await ask<PaceRecord>('pause the requests', pause, [ms, changes]);
      return paused!;
    },
    async isPaused(signal) {
      const [row] = await ask<{ paused: boolean }>('look whether requests are paused', isPaused, [], signal);
      return row?.paused ?? false;
    },
    async change(changes, { gapMs, refusedMs, heldMs, failedTrials }) {
      const values = [changes, gapMs, refusedMs, heldMs, failedTrials];
      return (await ask('change the pace of requests', change, values)).length === 1;
    },
    read: async () => (await ask<PaceRecord>('read the pace of requests', read, []))[0] ?? null,
  };
}

/**
 * The time is read once the row is ours. A slot further ahead than any line of processes can bring it comes from a
 * clock of the server that was set back since; and so long without anybody who wants a slot breaks a record.
 */
const takeSlot = {
  name: 'take-slot',
  text: `
INSERT INTO pacing AS p (fingerprint) VALUES ($1)
ON CONFLICT (fingerprint) DO UPDATE SET
  (slot_at, unbroken) = (
    SELECT CASE WHEN free > now + interval '10 minutes' + 100 * gap THEN now + gap ELSE greatest(now, free) END,
           p.unbroken AND now < free + gap + interval '1 second'
      FROM (SELECT now, gap, greatest(p.slot_at + gap, p.paused_until) AS free
              FROM (SELECT clock_timestamp() AS now, greatest($2, p.gap_ms) * interval '1 ms' AS gap) clock) clocked),
  grants = p.grants + 1
RETURNING extract(epoch FROM slot_at - clock_timestamp())::float8 * 1000 AS "waitMs", ${record}`,
};

const pause = {
  name: 'pause-slots',
  text: `
INSERT INTO pacing AS p (fingerprint, paused_until) VALUES ($1, clock_timestamp() + $2 * interval '1 ms')
ON CONFLICT (fingerprint) DO UPDATE SET
  paused_until = greatest(p.paused_until, excluded.paused_until),
  refusals = p.refusals + (p.changes = $3)::integer
RETURNING ${record}`,
};

const isPaused = {
  name: 'slots-paused',
  text: 'SELECT paused_until > clock_timestamp() AS paused FROM pacing WHERE fingerprint = $1',
};

const change = {
  name: 'change-pace',
  text: `
UPDATE pacing SET gap_ms = $3, refused_ms = $4, held_ms = $5, failed_trials = $6,
       changes = changes + 1, changed_at = clock_timestamp(), grants = 0, refusals = 0, unbroken = true
 WHERE fingerprint = $1 AND changes = $2 RETURNING changes`,
};

const read = { name: 'read-pace', text: `SELECT ${record} FROM pacing WHERE fingerprint = $1` };
