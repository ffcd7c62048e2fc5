import type pg from 'pg';
import type { IsoDate } from '../market/date.ts';
import type { Split } from '../market/split.ts';

/** What is known of the whole market's splits. */
export interface SplitLook {
  /** All with an execution date from here on are known. */
  readonly knownFrom: IsoDate;
  /** The New York day of the last look. */
  readonly lookedOn: IsoDate;
}

/** Until the transaction ends nobody else writes splits or judges them: what is read stays true. */
export async function lockSplits(client: pg.ClientBase): Promise<void> {
  await client.query(
    "SELECT pg_advisory_xact_lock(hashtext('tickstock splits'), hashtext(current_schema()))",
  );
}

/** Null before the first look. */
export async function findSplitLook(client: pg.ClientBase | pg.Pool): Promise<SplitLook | null> {
  const { rows } = await client.query<SplitLook>(
    `SELECT known_from::text AS "knownFrom", looked_on::text AS "lookedOn" FROM split_look WHERE looked_on IS NOT NULL`,
  );
  return rows[0] ?? null;
}

/** Remembers a look that listed every split since `from`; one of the same day and range writes nothing. */
export async function writeSplitLook(
  client: pg.ClientBase | pg.Pool,
  { from, today }: { readonly from: IsoDate; readonly today: IsoDate },
): Promise<void> {
  await client.query(
    `UPDATE split_look SET known_from = least(known_from, $1), looked_on = $2
      WHERE (known_from, looked_on) IS DISTINCT FROM (least(known_from, $1), $2::date)`,
    [from, today],
  );
}

/**
 * Stores splits by symbol and date as known since `today` (New York); known ones write nothing. What was known
 * before a correction, or before a withdrawn one stands again, goes to split_revisions. Returns the symbols whose
 * splits are new or different.
 */
export async function writeSplits(
  client: pg.ClientBase | pg.Pool,
  splits: readonly Split[],
  today: IsoDate,
): Promise<string[]> {
  // The vendor repeats a (symbol, date) now and then; the last one stands.
  const rows = [
    ...new Map(splits.map((split) => [`${split.symbol} ${split.executionDate}`, split])).values(),
  ];
  const result = await client.query<{ symbol: string }>(
    `WITH differing AS MATERIALIZED (
       SELECT l.*, CASE WHEN l.execution_date > $5 THEN 'announced' ELSE 'pending' END AS verdict,
              s.symbol IS NOT NULL AS known,
              (s.split_from, s.split_to) IS DISTINCT FROM (l.split_from, l.split_to) AS corrected
         FROM unnest($1::text[], $2::date[], $3::float8[], $4::float8[]) AS l(symbol, execution_date, split_from, split_to)
         LEFT JOIN splits s ON s.symbol = l.symbol AND s.execution_date = l.execution_date
        WHERE s.symbol IS NULL OR s.withdrawn_on IS NOT NULL
           OR (s.split_from, s.split_to) IS DISTINCT FROM (l.split_from, l.split_to)
     ), revised AS (
       INSERT INTO split_revisions (symbol, execution_date, split_from, split_to, verdict, known_on, replaced_on)
       SELECT s.symbol, s.execution_date, s.split_from, s.split_to, s.verdict, s.known_on, coalesce(s.withdrawn_on, $5)
         FROM splits s JOIN differing d ON d.symbol = s.symbol AND d.execution_date = s.execution_date
        WHERE (d.corrected OR s.withdrawn_on < $5) AND s.known_on < coalesce(s.withdrawn_on, $5)
       ON CONFLICT DO NOTHING
     ), added AS (
       -- One that an earlier look should have listed was not known then; of others the vendor is taken to have told in time.
       INSERT INTO splits (symbol, execution_date, split_from, split_to, verdict, known_on)
       SELECT d.symbol, d.execution_date, d.split_from, d.split_to, d.verdict,
              CASE WHEN d.execution_date BETWEEN look.known_from AND look.looked_on THEN $5::date
                   ELSE least(d.execution_date, $5::date) END
         FROM differing d LEFT JOIN split_look look ON true
        WHERE NOT d.known
        ORDER BY d.symbol COLLATE "C", d.execution_date
     ), changed AS (
       UPDATE splits s
          SET split_from = d.split_from, split_to = d.split_to, verdict = d.verdict, observed = NULL, withdrawn_on = NULL,
              known_on = CASE WHEN NOT d.corrected AND s.withdrawn_on >= $5 THEN s.known_on ELSE $5 END, updated_at = now()
         FROM differing d
        WHERE d.known AND s.symbol = d.symbol AND s.execution_date = d.execution_date
     )
     SELECT DISTINCT symbol FROM differing ORDER BY symbol`,
    [
      rows.map((r) => r.symbol),
      rows.map((r) => r.executionDate),
      rows.map((r) => r.from),
      rows.map((r) => r.to),
      today,
    ],
  );
  return result.rows.map(({ symbol }) => symbol);
}

export interface WithdrawnSplit {
  readonly symbol: string;
  readonly executionDate: IsoDate;
  /** Bars of the symbol are stored. */
  readonly hasBars: boolean;
}

/**
 * Withdraws the splits since a date that a whole listing no longer has: cancelled, or given another day. Returns
 * them. An empty listing proves nothing and withdraws nothing.
 */
export async function withdrawUnlistedSplits(
  client: pg.ClientBase | pg.Pool,
  { from, today }: { readonly from: IsoDate; readonly today: IsoDate },
  listed: readonly Split[],
): Promise<WithdrawnSplit[]> {
  if (listed.length === 0) return [];
  const { rows } = await client.query<WithdrawnSplit>(
    `UPDATE splits s SET withdrawn_on = $2, updated_at = now()
      WHERE s.execution_date >= $1 AND s.withdrawn_on IS NULL
        AND NOT EXISTS (SELECT FROM unnest($3::text[], $4::date[]) AS l(symbol, execution_date)
                         WHERE l.symbol = s.symbol AND l.execution_date = s.execution_date)
     RETURNING s.symbol, s.execution_date::text AS "executionDate",
               EXISTS (SELECT FROM bars_daily b WHERE b.symbol = s.symbol)
                 OR EXISTS (SELECT FROM bars_hourly b WHERE b.symbol = s.symbol) AS "hasBars"`,
    [from, today, listed.map(({ symbol }) => symbol), listed.map(({ executionDate }) => executionDate)],
  );
  return rows;
}

/** The symbols with a split that was announced and whose day has come. */
export async function symbolsOfDueSplits(client: pg.ClientBase | pg.Pool, today: IsoDate): Promise<string[]> {
  const { rows } = await client.query<{ symbol: string }>(
    "SELECT DISTINCT symbol FROM splits WHERE verdict = 'announced' AND execution_date <= $1 AND withdrawn_on IS NULL",
    [today],
  );
  return rows.map(({ symbol }) => symbol);
}

/** The earliest session stored for any of the symbols; null when there is none. */
export async function earliestStoredSession(
  client: pg.ClientBase | pg.Pool,
  symbols: readonly string[],
): Promise<IsoDate | null> {
  const result = await client.query<{ earliest: IsoDate | null }>(
    'SELECT min(lower(sessions))::text AS earliest FROM coverage WHERE symbol = ANY($1::text[])',
    [symbols],
  );
  return result.rows[0]?.earliest ?? null;
}
