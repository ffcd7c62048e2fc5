import type { BarValues } from '../market/bar.ts';
import { type IsoDate, addDays } from '../market/date.ts';
import type { Timeframe } from '../market/timeframe.ts';
import type { Database } from './database.ts';

export interface StoredBar extends BarValues {
  readonly symbol: string;
  /** Hourly: the UTC instant; else the New York date that stamps the bar. */
  readonly date: string;
  readonly final: boolean;
}

/**
 * One symbol's bars in order, from inclusive New York dates; adjusted for splits unless `raw`. Weeks and months are
 * adjusted only.
 */
export async function readBars(
  database: Pick<Database, 'transaction'>,
  query: {
    symbol: string;
    timeframe: Timeframe;
    from?: IsoDate | undefined;
    to?: IsoDate | undefined;
    raw: boolean;
    /** The New York day whose bars and splits are meant, as stored and known then; default: today. */
    asOf?: IsoDate | undefined;
    /** Only the newest so many. */
    newest?: number | undefined;
    /** Only the oldest so many. */
    oldest?: number | undefined;
    /** Only bars after the one with this stamp, spelled as `date` is. */
    after?: string | undefined;
  },
): Promise<StoredBar[]> {
  const hourly = query.timeframe === 'hourly';
  const source = query.raw ? `stored_${query.timeframe}` : `ohlcv_${query.timeframe}`;
  const stamp = hourly ? (query.raw ? 'starts_at' : '"timestamp"') : query.raw ? 'session' : 'date';
  const bound = (parameter: string): string =>
    hourly ? `${parameter}::timestamp AT TIME ZONE 'America/New_York'` : `${parameter}::date`;
  const text = hourly
    ? `to_char(${stamp} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`
    : `${stamp}::text`;
  const sql = `SELECT * FROM (
       SELECT symbol, ${text} AS date, open, high, low, close, volume, vwap, trades::double precision AS trades, final
         FROM ${source}
        WHERE symbol = $1 AND ($5::text IS NULL OR ${stamp} > $5::${hourly ? 'timestamptz' : 'date'}) AND ($2::text IS NULL OR ${stamp} >= ${bound('$2')}) AND ($3::text IS NULL OR ${stamp} < ${bound('$3')})
        ORDER BY ${stamp} ${query.oldest === undefined ? 'DESC' : 'ASC'} LIMIT $4) chosen
     ORDER BY date`;
  const parameters = [
    query.symbol,
    query.from ?? null,
    query.to === undefined ? null : addDays(query.to, 1),
    query.oldest ?? query.newest ?? null,
    query.after ?? null,
  ];
  return database.transaction('read bars', async (client) => {
    if (query.asOf !== undefined)
      await client.query("SELECT set_config('tickstock.as_of', $1, true)", [query.asOf]);
    return (await client.query<StoredBar>(sql, parameters)).rows;
  });
}
