import type pg from 'pg';
import { timeframes } from '../market/timeframe.ts';

export interface ViewSummary {
  readonly view: string;
  readonly symbols: number;
  readonly rows: number;
  readonly first: string | null;
  readonly last: string | null;
}

/** How much each of the consumers' views holds. */
export async function summarizeViews(client: pg.ClientBase | pg.Pool): Promise<ViewSummary[]> {
  const selects = timeframes.map((timeframe) => {
    const stamp = timeframe === 'hourly' ? `("timestamp" AT TIME ZONE 'America/New_York')::date` : 'date';
    return `SELECT 'ohlcv_${timeframe}' AS view, count(DISTINCT symbol)::integer AS symbols, count(*)::integer AS rows,
                   min(${stamp})::text AS first, max(${stamp})::text AS last FROM ohlcv_${timeframe}`;
  });
  const result = await client.query<ViewSummary>(selects.join(' UNION ALL '));
  return result.rows;
}
