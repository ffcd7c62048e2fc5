import type { Pool } from 'pg';

/** How many rows there are and what the columns hold, as one text: equal for equal contents in whatever order. `from` may have a WHERE. */
export async function digestOf(pool: Pool, from: string, columns: string): Promise<string> {
  const { rows } = await pool.query<{ digest: string }>(
    `SELECT count(*) || ' ' || coalesce(sum(hash_record_extended(t, 0)), 0) AS digest FROM (SELECT ${columns} FROM ${from}) t`,
  );
  return rows[0]!.digest;
}
