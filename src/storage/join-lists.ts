import type pg from 'pg';

/** From so many rows on a list is joined by a hash. */
const MANY = 50;

/**
 * Does work that joins a list of so many rows to a table, inside the caller's transaction. Of a table that grows with the
 * run the planner expects a few rows, and would join a list of thousands to it in loops that take minutes.
 */
export async function joinLists<T>(client: pg.ClientBase, rows: number, work: () => Promise<T>): Promise<T> {
  if (rows < MANY) return work();
  await client.query('SET LOCAL enable_nestloop = off; SET LOCAL enable_mergejoin = off');
  const result = await work();
  await client.query('SET LOCAL enable_nestloop TO DEFAULT; SET LOCAL enable_mergejoin TO DEFAULT');
  return result;
}
