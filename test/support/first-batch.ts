import { once } from 'node:events';
import { Client } from 'pg';

/** Tells when the first day bars are committed to a migrated database; the end of the connection is no failure. */
export async function watchFirstBatch(
  url: string,
): Promise<{ stored: Promise<unknown>; close(): Promise<void> }> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  await client.query(`
    CREATE OR REPLACE FUNCTION tell_of_bars() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN NOTIFY first_batch; RETURN NULL; END $$;
    CREATE OR REPLACE TRIGGER tell_of_bars AFTER INSERT ON bars_daily EXECUTE FUNCTION tell_of_bars();
    LISTEN first_batch`);
  return { stored: once(client, 'notification'), close: () => client.end().catch(() => {}) };
}
