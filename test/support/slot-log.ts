import type { Pool } from 'pg';

/** From now on the database writes down every slot it hands out, to whomever. */
export async function logSlots(pool: Pool): Promise<void> {
  await pool.query(`
    CREATE TABLE slot_log (n bigint GENERATED ALWAYS AS IDENTITY, slot_at timestamptz NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp());
    CREATE FUNCTION log_slot() RETURNS trigger LANGUAGE plpgsql
      AS $$ BEGIN INSERT INTO slot_log (slot_at) VALUES (NEW.slot_at); RETURN NULL; END $$;
    CREATE TRIGGER log_slot AFTER INSERT OR UPDATE OF slot_at ON pacing FOR EACH ROW EXECUTE FUNCTION log_slot()`);
}

/** The slots in the order they were handed out, ms since the epoch. */
export async function loggedSlots(pool: Pool): Promise<number[]> {
  const { rows } = await pool.query<{ at: number }>(
    'SELECT extract(epoch FROM slot_at)::float8 * 1000 AS at FROM slot_log ORDER BY n',
  );
  return rows.map(({ at }) => at);
}

/** The least time between one and the next; Infinity for fewer than two. */
export const leastGap = (times: readonly number[]): number =>
  Math.min(...times.slice(1).map((time, before) => time - times[before]!), Number.POSITIVE_INFINITY);
