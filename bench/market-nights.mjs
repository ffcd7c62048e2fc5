// A generated market whose time moves on, evening by evening: imports by the program as a nightly job makes them, each with
// what the vendor was asked and what PostgreSQL wrote for it.
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { newYorkInstant } from '../dist/market/new-york.js';
import { startMarket } from './generated-market.mjs';
import { finish, runImport, since, stopDatabase } from './programs.mjs';

const PATIENCE_SECONDS = 10;
/** What a run tells of itself; it would be the same if nothing was new. */
const RECORD = new Set([
  'processing_runs',
  'processing_progress',
  'symbol_processing_status',
  'run_answers',
  'run_batches',
  'events',
  'event_position',
  'requests',
  'pacing',
]);
const BARS = new Set(['bars_daily', 'bars_hourly']);

const evening = (session) => new Date(newYorkInstant(session, 22)).toISOString();

/** A market of so many symbols on the evening of a session, and a running database without bars. To be stopped. */
export async function startNights(count, folder, session) {
  const market = await startMarket(count, folder, evening(session));
  const dataDir = { TICKSTOCK_DATA_DIR: `${folder}/data` };
  let client;
  const stop = async () => {
    await client?.end();
    await market.stop();
    stopDatabase(dataDir);
  };
  const setClock = (now) =>
    fetch(`${market.url}/sandbox/clock`, { method: 'POST', body: JSON.stringify({ now }) });
  try {
    const { out: url } = await finish(['db', 'start'], dataDir);
    client = new pg.Client(url.trim());
    // A connection that is lost is the next query's failure, not the end of this process.
    client.on('error', () => {});
    await client.connect();
    return {
      market,
      stop,
      /** Rows of a query on the program's database. */
      rows: async (sql, values) => (await client.query(sql, values)).rows,
      /** Lets the sandbox answer as on the evening of a later session; imports set it back. */
      lookAhead: (later) => setClock(evening(later)),
      /**
       * Imports on the evening of a session. Beside what an import gives: `asked`, requests as the vendor counted them, and
       * `written`, rows as PostgreSQL counted them: inserted, updated or deleted, also where nothing became different.
       */
      async importOn(day, flags) {
        await setClock(evening(day));
        const [routes, tables] = [await countRoutes(market), await countRows(client)];
        const env = { ...market.env, ...dataDir, TICKSTOCK_NOW: evening(day) };
        const done = await runImport(flags, env);
        return {
          ...done,
          asked: byKind(routes, await countRoutes(market), kindOfRoute),
          written: byKind(tables, await countRows(client), kindOfTable),
        };
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function kindOfRoute(route) {
  if (route === 'splits') return 'splits';
  return route === 'grouped-daily' || route.startsWith('aggregates') ? 'bars' : 'other';
}

function kindOfTable(table) {
  if (BARS.has(table)) return 'bars';
  return RECORD.has(table) ? 'record' : 'other';
}

/** What was added to counters, summed by kind. */
function byKind(before, after, kindOf) {
  const sums = {};
  for (const [name, count] of after) {
    const kind = kindOf(name);
    sums[kind] = (sums[kind] ?? 0) + count - (before.get(name) ?? 0);
  }
  return sums;
}

async function countRoutes({ url }) {
  const { routes } = await (await fetch(`${url}/sandbox/stats`)).json();
  return new Map(Object.entries(routes).map(([route, { requests }]) => [route, requests]));
}

async function countRows(client) {
  // Backends hand in what they counted when they end, which is a moment after their program.
  const others =
    "SELECT 1 FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";
  for (const startedAt = performance.now(); (await client.query(others)).rowCount > 0; await delay(10))
    if (since(startedAt) > PATIENCE_SECONDS) throw new Error('a program does not leave the database');
  const { rows } = await client.query(
    'SELECT relname AS name, (n_tup_ins + n_tup_upd + n_tup_del)::int AS count FROM pg_stat_user_tables',
  );
  return new Map(rows.map(({ name, count }) => [name, count]));
}
