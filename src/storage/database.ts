import pg from 'pg';
import { AppError } from '../errors.ts';
import type { IsoDate } from '../market/date.ts';
import { joinEmbedded } from './embedded/join.ts';
import { migrate, readMigrations, schemaVersion } from './migrate.ts';
import { toStorageError } from './storage-error.ts';

export interface DatabaseConfig {
  /** undefined: the embedded server under `dataDir`. */
  readonly databaseUrl: string | undefined;
  readonly dataDir: string;
  readonly schema: string;
  /** Refuses a schema that is not up to date instead of bringing it there. */
  readonly isMigrated?: boolean | undefined;
  /** The New York day views read as today, asked at each connection; undefined leaves it to the server's clock. */
  readonly asOf: (() => IsoDate) | undefined;
}

export interface Database {
  readonly pool: pg.Pool;
  /** One connection for request slots, which no batch can keep busy; opened when needed. */
  readonly slots: pg.Pool;
  /** Runs `work` in one transaction; what it throws undoes all of it and comes out as an AppError naming `attempted`. */
  transaction<T>(attempted: string, work: (client: pg.PoolClient) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

const OLDEST_SERVER = 150_000;

/**
 * Connects to the database, starting the embedded one when no URL is set, and brings its schema up to date.
 * @throws AppError STORAGE_FAILED when it cannot be reached, CONFIG_INVALID when it is the wrong one.
 */
export async function openDatabase(config: DatabaseConfig): Promise<Database> {
  const embedded =
    config.databaseUrl === undefined ? await joinEmbedded({ dataDir: config.dataDir }) : undefined;
  const connection = embedded?.connection ?? { connectionString: config.databaseUrl };
  const pool = openPool(connection, () => sessionSettings(config), {
    max: 8,
    // A connection keeps the day it began on: a new one must come soon after midnight.
    ...(config.asOf !== undefined && { maxLifetimeSeconds: 60 }),
  });
  // A slot that was handed out stays so whatever the server's defaults, and one whose answer is lost is soon given up.
  const slots = openPool(connection, () => `${sessionSettings(config)}; ${strictSettings}`, {
    max: 1,
    idleTimeoutMillis: 60_000,
    query_timeout: 10_000,
  });
  const close = async (): Promise<void> => {
    await Promise.allSettled([pool.end(), slots.end()]);
    await embedded?.release();
  };
  try {
    await checkServer(pool);
    if (config.isMigrated === true) await checkVersion(pool, config.schema);
    else await migratePool(pool, config.schema);
  } catch (error) {
    await close();
    throw toStorageError(
      `open the database (${embedded === undefined ? 'DATABASE_URL' : 'embedded'})`,
      error,
    );
  }
  return {
    pool,
    slots,
    close,
    transaction: (attempted, work) => inTransaction(pool, config, attempted, work),
  };
}

const strictSettings = "SET synchronous_commit TO on; SET default_transaction_isolation TO 'read committed'";

function openPool(connection: pg.PoolConfig, settings: () => string, limits: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool({
    ...connection,
    application_name: 'tickstock',
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    ...limits,
    onConnect: async (client) => {
      await client.query(settings());
    },
  });
  // Without listeners, a server that goes away would end the process.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

/** Dates are read as text, so their style may not be left to the server's settings. */
function sessionSettings(config: DatabaseConfig): string {
  const settings = `SET idle_in_transaction_session_timeout = '60s'; SET search_path TO ${pg.escapeIdentifier(config.schema)}; SET datestyle TO 'ISO, YMD'`;
  return config.asOf === undefined
    ? settings
    : `${settings}; SET tickstock.as_of = ${pg.escapeLiteral(config.asOf())}`;
}

async function checkServer(pool: pg.Pool): Promise<void> {
  const answer = await pool.query<{ server_version_num: string }>('SHOW server_version_num');
  const version = Number(answer.rows[0]?.server_version_num);
  if (version < OLDEST_SERVER) {
    throw new AppError(
      'CONFIG_INVALID',
      `The database server is PostgreSQL ${Math.floor(version / 10_000)}; tickstock needs 15 or newer. Point DATABASE_URL at one, or unset it for the embedded one.`,
    );
  }
}

async function checkVersion(pool: pg.Pool, schema: string): Promise<void> {
  const version = await schemaVersion(pool, schema);
  const known = readMigrations().at(-1)?.version ?? 0;
  if (version === known) return;
  throw new AppError(
    'CONFIG_INVALID',
    `The database's schema "${schema}" is at version ${version}, this program works with ${known}. ${version < known ? 'Bring it up to date when all processes of the old version have ended: tickstock migrate' : 'Upgrade this program.'}`,
  );
}

async function migratePool(pool: pg.Pool, schema: string): Promise<void> {
  const client = await pool.connect();
  try {
    await migrate(client, { schema });
  } finally {
    client.release();
  }
}

async function inTransaction<T>(
  pool: pg.Pool,
  { asOf }: DatabaseConfig,
  attempted: string,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  let client: pg.PoolClient | undefined;
  try {
    client = await pool.connect();
    // Writers wait for each other's locks and then must see what the other committed.
    // The connection may be older than the day that what is written now belongs to.
    const day = asOf === undefined ? '' : `; SET LOCAL tickstock.as_of = ${pg.escapeLiteral(asOf())}`;
    await client.query(`BEGIN ISOLATION LEVEL READ COMMITTED${day}`);
    const result = await work(client);
    const { command } = await client.query('COMMIT');
    // After an error that the work kept to itself the server rolls back here, and calls that no failure.
    if (command !== 'COMMIT') throw new Error('the transaction had failed before its end');
    client.release();
    return result;
  } catch (error) {
    // A client that failed in mid-transaction is not worth saving: the server rolls back when it leaves.
    client?.release(true);
    throw toStorageError(attempted, error);
  }
}
