import type pg from 'pg';
import type { BaseTimeframe, RejectedBar } from '../market/bar.ts';

const VALUES = ['open', 'high', 'low', 'close', 'volume', 'vwap', 'trades'] as const;

/** Quarantines bars that broke a row rule, as they came, inside the caller's transaction. Known ones write nothing. */
export async function writeRejects(
  client: pg.ClientBase,
  runId: string,
  pages: readonly { readonly timeframe: BaseTimeframe; readonly rejects: readonly RejectedBar[] }[],
): Promise<void> {
  const rejects = pages.flatMap((page) =>
    page.rejects.map((reject) => ({ ...reject, timeframe: page.timeframe })),
  );
  if (rejects.length === 0) return;
  const byKey = new Map(
    rejects.map((reject) => [`${reject.bar.symbol} ${reject.timeframe} ${reject.bar.startsAt}`, reject]),
  );
  const rows = [...byKey.values()];
  await client.query(
    `INSERT INTO rejected_bars AS r (symbol, timeframe, starts_at, session, ${VALUES.join(', ')}, reason, run_id)
     SELECT *, $13::text FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::date[], ${VALUES.map((_, i) => `$${i + 5}::float8[]`).join(', ')}, $12::text[])
     ON CONFLICT (symbol, timeframe, starts_at) DO UPDATE
       SET ${VALUES.map((column) => `${column} = excluded.${column}`).join(', ')}, reason = excluded.reason, run_id = excluded.run_id, seen_at = now()
       WHERE (${VALUES.map((column) => `r.${column}`).join(', ')}, r.reason) IS DISTINCT FROM (${VALUES.map((column) => `excluded.${column}`).join(', ')}, excluded.reason)`,
    [
      rows.map((row) => row.bar.symbol),
      rows.map((row) => row.timeframe),
      rows.map((row) => new Date(row.bar.startsAt).toISOString()),
      rows.map((row) => row.bar.session),
      ...VALUES.map((column) => rows.map((row) => row.bar[column])),
      rows.map((row) => row.reason),
      runId,
    ],
  );
}
