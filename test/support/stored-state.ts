import type { Pool } from 'pg';

/** Every table's rows as one digest each, with the transaction that wrote each: equal only if nothing was written between. */
export async function storedState(pool: Pool, only?: readonly string[]): Promise<Record<string, string>> {
  const state: Record<string, string> = {};
  for (const table of only ?? (await tables(pool))) {
    const { rows } = await pool.query<{ digest: string }>(
      `SELECT count(*) || ' ' || coalesce(md5(string_agg(t.xmin || ' ' || t::text, chr(10) ORDER BY t::text)), '') AS digest
         FROM ${table} t`,
    );
    state[table] = rows[0]?.digest ?? '';
  }
  return state;
}

/** The tables with a row that holds a text anywhere. */
export async function tablesHolding(pool: Pool, text: string): Promise<string[]> {
  const found: string[] = [];
  for (const table of await tables(pool)) {
    const { rowCount } = await pool.query(`SELECT FROM ${table} t WHERE strpos(t::text, $1) > 0 LIMIT 1`, [
      text,
    ]);
    if (rowCount !== 0) found.push(table);
  }
  return found;
}

async function tables(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
}
