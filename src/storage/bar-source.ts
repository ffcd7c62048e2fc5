import type pg from 'pg';
import { usageError } from '../errors.ts';

/**
 * Marks the database as holding bars of one source, the first time; later only compares.
 * @throws AppError CONFIG_INVALID when it holds another's: mixed histories cannot be told apart again.
 */
export async function claimBarSource(client: pg.ClientBase | pg.Pool, source: string): Promise<void> {
  await client.query('INSERT INTO bar_source (source) VALUES ($1) ON CONFLICT DO NOTHING', [source]);
  const found = await client.query<{ source: string }>('SELECT source FROM bar_source');
  const present = found.rows[0]?.source ?? source;
  if (present !== source) {
    throw usageError(
      `This database holds bars from ${present}; bars from ${source} are never mixed in. ` +
        'Use another database: set TICKSTOCK_DATA_DIR to a new folder, or DATABASE_URL.',
    );
  }
}
