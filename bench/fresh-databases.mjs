// One PostgreSQL that stays up, and in it an empty database for each import.
import pg from 'pg';
import { finish, stopDatabase } from './programs.mjs';

/** The embedded server, in a folder of its own. To be stopped. */
export async function startDatabases(folder) {
  const env = { TICKSTOCK_DATA_DIR: `${folder}/databases` };
  let client;
  let made = 0;
  const stop = async () => {
    await client?.end();
    stopDatabase(env);
  };
  try {
    const url = new URL((await finish(['db', 'start'], env)).out.trim());
    await finish(['migrate'], env);
    const template = url.pathname.slice(1);
    // Nobody may be connected to what is copied.
    client = new pg.Client(databaseUrl(url, 'postgres'));
    // A connection that is lost is the next query's failure, not the end of this process.
    client.on('error', () => {});
    await client.connect();
    return {
      stop,
      /** Does some work on a database with all tables, and nothing in them; it is gone afterwards. */
      async withEmpty(work) {
        const name = `bench_${++made}`;
        await client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
        try {
          return await work({ DATABASE_URL: databaseUrl(url, name) });
        } finally {
          await client.query(`DROP DATABASE ${name} WITH (FORCE)`);
        }
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function databaseUrl(url, name) {
  return url.href.replace(url.pathname, `/${name}`);
}
