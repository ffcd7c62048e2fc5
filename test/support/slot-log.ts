import type { Pool } from 'pg';

/** A slot that was handed out; ms since the epoch by the server's clock. */
export interface LoggedSlot {
  readonly at: number;
  /** What was learned by then; 0 when nothing was. */
  readonly gapMs: number;
  readonly pausedUntil: number;
}

/** From now on the database writes down every slot it hands out, to whomever. */
export async function logSlots(pool: Pool): Promise<void> {
  await pool.query(`
    CREATE TABLE slot_log (n bigint GENERATED ALWAYS AS IDENTITY, slot_at timestamptz, gap_ms float8, paused_until timestamptz);
    CREATE FUNCTION log_slot() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN INSERT INTO slot_log (slot_at, gap_ms, paused_until) VALUES (NEW.slot_at, NEW.gap_ms, NEW.paused_until); RETURN NULL; END $$;
    CREATE TRIGGER log_slot AFTER INSERT OR UPDATE OF slot_at ON pacing FOR EACH ROW EXECUTE FUNCTION log_slot()`);
}

/** The slots in the order they were handed out. */
export async function loggedSlots(pool: Pool): Promise<LoggedSlot[]> {
  const { rows } = await pool.query<LoggedSlot>(
    `SELECT extract(epoch FROM slot_at)::float8 * 1000 AS at, coalesce(gap_ms, 0) AS "gapMs",
            extract(epoch FROM paused_until)::float8 * 1000 AS "pausedUntil" FROM slot_log ORDER BY n`,
  );
  return rows;
}

/** The least time between one slot and the next; Infinity for fewer than two. */
export const leastGap = (slots: readonly LoggedSlot[]): number =>
  Math.min(...slots.slice(1).map(({ at }, before) => at - slots[before]!.at), Number.POSITIVE_INFINITY);
