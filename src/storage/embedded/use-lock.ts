import type { Client } from 'pg';

/*
 * Every process that uses the server holds this advisory lock shared, in a session kept for it; whoever stops
 * the server holds it exclusively. A process that dies loses its session, and with it the lock.
 */
const key = 1_953_063_787;

/** False when somebody is stopping the server. */
export async function holdShared(client: Client): Promise<boolean> {
  return isTrue(client, `SELECT pg_try_advisory_lock_shared(${key}) AS yes`);
}

/** False when others use the server. */
export async function holdExclusive(client: Client): Promise<boolean> {
  return isTrue(client, `SELECT pg_try_advisory_lock(${key}) AS yes`);
}

export async function letGoShared(client: Client): Promise<void> {
  await client.query(`SELECT pg_advisory_unlock_shared(${key})`);
}

/** Who else is connected, by the names they gave. */
export async function listSessions(client: Client): Promise<string[]> {
  const found = await client.query<{ name: string }>(
    `SELECT DISTINCT coalesce(nullif(application_name, ''), 'a program without a name') AS name
       FROM pg_stat_activity
      WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
      ORDER BY name`,
  );
  return found.rows.map((row) => row.name);
}

async function isTrue(client: Client, sql: string): Promise<boolean> {
  const found = await client.query<{ yes: boolean }>(sql);
  return found.rows[0]?.yes === true;
}
