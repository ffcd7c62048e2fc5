import type pg from 'pg';
import type { IsoDate } from '../../src/market/date.ts';
import type { Database } from '../../src/storage/database.ts';

/** Work in one transaction of the database whose today is that New York day. */
export const onDay = <T>(
  database: Database,
  day: IsoDate,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> =>
  database.transaction('work on a day', async (client) => {
    await client.query("SELECT set_config('tickstock.as_of', $1, true)", [day]);
    return work(client);
  });
