import type pg from 'pg';
import type { Database } from './database.ts';

/**
 * Runs `work` while this process alone holds the lock of that name in the database; false, at once, when another
 * holds it. The lock is the connection's that `work` is given: whatever is done over it is done by the holder.
 */
export async function whileHolding(
  { pool }: Pick<Database, 'pool'>,
  name: string,
  work: (client: pg.PoolClient) => Promise<void>,
): Promise<boolean> {
  const client = await pool.connect();
  // A lost connection has lost its lock too.
  let isLost = true;
  try {
    const { rows } = await client.query<{ held: boolean }>(
      'SELECT pg_try_advisory_lock(hashtext($1), hashtext(current_schema())) AS held',
      [name],
    );
    if (rows[0]?.held !== true) {
      isLost = false;
      return false;
    }
    try {
      await work(client);
    } finally {
      isLost = await client
        .query('SELECT pg_advisory_unlock(hashtext($1), hashtext(current_schema()))', [name])
        .then(
          () => false,
          () => true,
        );
    }
    return true;
  } finally {
    client.release(isLost);
  }
}
