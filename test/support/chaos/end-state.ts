import type { Query } from './fleets.ts';

/** What an import came to, as far as it must not depend on what happened meanwhile. */
export interface EndState {
  /** A digest of each table's rows. */
  readonly digests: Readonly<Record<string, string>>;
  /** The rows themselves, of tables with few. */
  readonly rows: Readonly<Record<string, readonly string[]>>;
  readonly runs: readonly RunState[];
  readonly events: readonly EventState[];
  readonly requests: { readonly logged: number; readonly retries: number };
}

export interface RunState {
  readonly runId: string;
  readonly status: string;
  readonly attempt: number;
  readonly imported: number;
  readonly completed: number;
  readonly failed: number;
  /** Over its symbols. */
  readonly symbolsImported: number;
  /** Of each of its symbols: name, status, records imported and error. */
  readonly outcomes: readonly string[];
  readonly symbols: readonly string[];
}

export interface EventState {
  readonly number: number | null;
  readonly event: string;
  readonly runId: string | null;
  readonly attempt: number | null;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** Rows of each, without when and by whom they were written. */
const tables = {
  bars_daily: 'symbol, session, open, high, low, close, volume, vwap, trades, final',
  bars_hourly: 'symbol, starts_at, session, open, high, low, close, volume, vwap, trades, final',
  bar_revisions: 'symbol, timeframe, starts_at, open, high, low, close, volume',
  rejected_bars: 'symbol, timeframe, starts_at, reason',
  splits: 'symbol, execution_date, split_from, split_to, verdict, withdrawn_on',
  coverage: 'symbol, timeframe, sessions, provisional',
  absences: 'symbol, timeframe, session, reason',
};

const MOST_ROWS = 300;

export async function readEndState(query: Query): Promise<EndState> {
  const digests: Record<string, string> = {};
  const rows: Record<string, string[]> = {};
  for (const [table, columns] of Object.entries(tables)) {
    const [row] = await query<{ digest: string; lines: string[] | null }>(
      `SELECT count(*) || ' rows ' || left(md5(coalesce(string_agg(t::text, chr(10) ORDER BY t::text), '')), 12) AS digest,
              CASE WHEN count(*) <= ${MOST_ROWS} THEN array_agg(t::text ORDER BY t::text) END AS lines
         FROM (SELECT ${columns} FROM ${table}) t`,
    );
    digests[table] = row?.digest ?? '';
    if (row?.lines) rows[table] = row.lines;
  }
  const [requests] = await query<{ logged: number; retries: number }>(
    'SELECT count(*)::integer AS logged, coalesce(sum(tries - 1), 0)::integer AS retries FROM requests',
  );
  return {
    digests,
    rows,
    requests: requests ?? { logged: 0, retries: 0 },
    runs: await query<RunState>(
      `SELECT r.run_id AS "runId", r.status, r.attempt, r.records_imported::integer AS imported,
              p.completed_items AS completed, p.failed_items AS failed, s."symbolsImported", s.outcomes, s.symbols
         FROM processing_runs r JOIN processing_progress p USING (run_id),
              LATERAL (SELECT sum(records_imported)::integer AS "symbolsImported", array_agg(symbol ORDER BY symbol) AS symbols,
                              array_agg(concat_ws(' ', symbol, status, records_imported, error_code, error_message) ORDER BY symbol) AS outcomes
                         FROM symbol_processing_status s WHERE s.run_id = r.run_id) s
        ORDER BY r.created_at`,
    ),
    events: await query<EventState>(
      `SELECT number::integer, event, run_id AS "runId", attempt, message->'payload' AS payload FROM events ORDER BY number, id`,
    ),
  };
}
