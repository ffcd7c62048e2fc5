import pg from 'pg';
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
  const { symbol, timeframe, raw, asOf, after, from, to, oldest, newest } = query;
  const hourly = timeframe === 'hourly';
  const source = raw ? `stored_${timeframe}` : `ohlcv_${timeframe}`;
  // With its table, or ORDER BY would take the text that is called date.
  const stamp = `bars.${hourly ? (raw ? 'starts_at' : '"timestamp"') : raw ? 'session' : 'date'}`;
  const text = hourly
    ? `to_char(${stamp} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`
    : `${stamp}::text`;
  const bound = (parameter: string): string =>
    hourly ? `${parameter}::timestamp AT TIME ZONE 'America/New_York'` : `${parameter}::date`;
  const isNewestFirst = oldest === undefined && newest !== undefined;
  // Only what is asked for is in the statement: one plan must serve all values of its parameters.
  const parts: string[] = [];
  const values: (string | number)[] = [symbol];
  const ask = (
    part: string,
    value: string | number | undefined,
    sql: (parameter: string) => string,
  ): string => {
    if (value === undefined) return '';
    parts.push(part);
    return sql(`$${values.push(value)}`);
  };
  const sql = `SELECT symbol, ${text} AS date, open, high, low, close, volume, vwap, trades::double precision AS trades, final
       FROM ${source} bars
      WHERE symbol = $1
        ${ask('after', after, (it) => `AND ${stamp} > ${it}::${hourly ? 'timestamptz' : 'date'}`)}
        ${ask('from', from, (it) => `AND ${stamp} >= ${bound(it)}`)}
        ${ask('to', to && addDays(to, 1), (it) => `AND ${stamp} < ${bound(it)}`)}
      ORDER BY ${stamp} ${isNewestFirst ? 'DESC' : 'ASC'}
        ${ask(isNewestFirst ? 'newest' : 'oldest', oldest ?? newest, (it) => `LIMIT ${it}`)}`;
  // Planning the views costs several times what reading a year of them does, so each statement is planned once a
  // connection: it has a name, and PostgreSQL is told not to plan again for the values.
  const settings = ['SET LOCAL plan_cache_mode = force_generic_plan'];
  if (asOf !== undefined) settings.push(`SET LOCAL tickstock.as_of = ${pg.escapeLiteral(asOf)}`);
  const name = ['read', source, ...parts].join(' ');
  return database.transaction('read bars', async (client) => {
    await client.query(settings.join('; '));
    const { rows } = await client.query<StoredBar>({ name, text: sql, values });
    return isNewestFirst ? rows.toReversed() : rows;
  });
}
