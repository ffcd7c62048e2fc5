import type pg from 'pg';

/**
 * Does work that joins lists to a table by hash, inside the caller's transaction. Of a table that grows with the run the
 * planner expects a few rows, and would join thousands to them in loops that take minutes.
 */
export async function joinLists<T>(client: pg.ClientBase, work: () => Promise<T>): Promise<T> {
  await client.query('SET LOCAL enable_nestloop = off; SET LOCAL enable_mergejoin = off');
  const result = await work();
  await client.query('SET LOCAL enable_nestloop TO DEFAULT; SET LOCAL enable_mergejoin TO DEFAULT');
  return result;
}
