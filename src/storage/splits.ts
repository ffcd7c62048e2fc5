import type pg from 'pg';
import type { IsoDate } from '../market/date.ts';
import type { Split } from '../market/split.ts';

/** Stores splits by symbol and date; known ones write nothing. Returns how many were new or different. */
export async function writeSplits(
  client: pg.ClientBase | pg.Pool,
  splits: readonly Split[],
): Promise<number> {
  // The vendor repeats a (symbol, date) now and then; the last one stands.
  const rows = [
    ...new Map(splits.map((split) => [`${split.symbol} ${split.executionDate}`, split])).values(),
  ];
  const result = await client.query(
    `INSERT INTO splits AS s (symbol, execution_date, split_from, split_to)
     SELECT * FROM unnest($1::text[], $2::date[], $3::float8[], $4::float8[]) AS a(symbol, execution_date, split_from, split_to)
      ORDER BY a.symbol COLLATE "C", a.execution_date
     ON CONFLICT (symbol, execution_date) DO UPDATE
       SET split_from = excluded.split_from, split_to = excluded.split_to, updated_at = now()
       WHERE (s.split_from, s.split_to) IS DISTINCT FROM (excluded.split_from, excluded.split_to)`,
    [
      rows.map((r) => r.symbol),
      rows.map((r) => r.executionDate),
      rows.map((r) => r.from),
      rows.map((r) => r.to),
    ],
  );
  return result.rowCount ?? 0;
}

/**
 * Removes the splits of the symbols since a date that a whole listing no longer has: cancelled, or given another
 * day. Returns them. An empty listing proves nothing and removes nothing.
 */
export async function removeUnlistedSplits(
  client: pg.ClientBase | pg.Pool,
  { from, symbols }: { readonly from: IsoDate; readonly symbols: readonly string[] },
  listed: readonly Split[],
): Promise<{ symbol: string; executionDate: IsoDate }[]> {
  if (listed.length === 0) return [];
  const { rows } = await client.query<{ symbol: string; executionDate: IsoDate }>(
    `DELETE FROM splits
      WHERE symbol = ANY ($1) AND execution_date >= $2
        AND (symbol, execution_date) NOT IN (SELECT * FROM unnest($3::text[], $4::date[]))
     RETURNING symbol, execution_date::text AS "executionDate"`,
    [symbols, from, listed.map(({ symbol }) => symbol), listed.map(({ executionDate }) => executionDate)],
  );
  return rows;
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
