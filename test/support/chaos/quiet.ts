import type { Query } from './fleets.ts';
import type { VendorTraffic } from './vendor-traffic.ts';
import { waitUntil } from './wait-until.ts';

const QUIET_PATIENCE_MS = 30_000;
const GONE_PATIENCE_MS = 15_000;

/** What is not at rest yet, in words; nothing when all of it is. */
async function restless(
  query: Query,
  expects: { readonly keepsRun: boolean; readonly publishes: boolean },
): Promise<string[]> {
  const [found] = await query<{
    runs: string | null;
    unnumbered: number;
    unsent: number;
    idle: string | null;
    waiting: number;
  }>(
    `SELECT (SELECT string_agg(run_id || ' ' || status, ', ') FROM processing_runs WHERE status NOT IN ('completed', 'failed')) AS runs,
            (SELECT count(*)::integer FROM events WHERE number IS NULL) AS unnumbered,
            (SELECT (numbered - sent)::integer FROM event_position) AS unsent,
            (SELECT string_agg(pid || ' since ' || xact_start || ': ' || left(query, 80), ', ') FROM pg_stat_activity
              WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle') AS idle,
            (SELECT count(*)::integer FROM pg_locks WHERE NOT granted) AS waiting`,
  );
  if (found === undefined) return ['the database'];
  return [
    ...(expects.keepsRun && found.runs !== null ? [`runs left: ${found.runs}`] : []),
    ...(found.unnumbered > 0 && expects.publishes ? [`${found.unnumbered} events without a number`] : []),
    ...(found.unsent > 0 && expects.publishes ? [`${found.unsent} events not sent`] : []),
    ...(found.idle === null ? [] : [`open transactions: ${found.idle}`]),
    ...(found.waiting > 0 ? [`${found.waiting} sessions wait for a lock`] : []),
  ];
}

/** Waits until nothing is under way any more; what still is when patience ends. */
export async function awaitQuiet(
  query: Query,
  { exchanges }: VendorTraffic,
  expects: { readonly keepsRun: boolean; readonly publishes: boolean },
): Promise<string[]> {
  let left: string[] = [];
  await waitUntil(async () => {
    left = await restless(query, expects).catch((error: Error) => [error.message]);
    const open = exchanges.filter(({ state }) => state === 'open').length;
    if (open > 0) left.push(`${open} requests`);
    return left.length === 0 ? true : null;
  }, QUIET_PATIENCE_MS);
  return left.map((what) => `not at rest: ${what}`);
}

/** What processes that have ended left in the database; tables of a server that crashed are its own to remove. */
export async function leftBehind(query: Query, hasCrashed: boolean): Promise<string[]> {
  const look = async (): Promise<string[]> => {
    const [found] = await query<{ sessions: number; locks: number; tables: number; prepared: number }>(
      `SELECT (SELECT count(*)::integer FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend') AS sessions,
              (SELECT count(*)::integer FROM pg_locks WHERE locktype = 'advisory') AS locks,
              (SELECT count(*)::integer FROM pg_class WHERE relpersistence = 't' AND relkind = 'r') AS tables,
              (SELECT count(*)::integer FROM pg_prepared_xacts) AS prepared`,
    );
    if (found === undefined) return ['the database'];
    const counts = { ...found, tables: hasCrashed ? 0 : found.tables };
    return Object.entries(counts).flatMap(([what, count]) => (count > 0 ? [`${count} ${what} left`] : []));
  };
  let left: string[] = [];
  await waitUntil(async () => {
    left = await look();
    return left.length === 0 ? true : null;
  }, GONE_PATIENCE_MS);
  return left;
}
