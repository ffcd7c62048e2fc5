import type pg from 'pg';
import type { BaseTimeframe } from '../market/bar.ts';
import type { IsoDate } from '../market/date.ts';
import type { AbsenceReason } from './absence-reasons.ts';

/** Which absences are looked for. */
export interface GapQuery {
  /** null: every symbol. */
  readonly symbols: readonly string[] | null;
  /** null: both. */
  readonly timeframe: BaseTimeframe | null;
  /** The calendar's sessions of the dates, in order. */
  readonly sessions: readonly IsoDate[];
}

/** What is known that speaks for the reason of an absence. */
export interface Evidence {
  readonly reason: AbsenceReason;
  readonly timeframe: BaseTimeframe;
  /** How many stocks the bars of all stocks had without this one, at least and at most; null when they were not asked. */
  readonly groupedLeast: number | null;
  readonly groupedMost: number | null;
  readonly listedOn: IsoDate | null;
  readonly delistedOn: IsoDate | null;
  /** The plan refused sessions up to here. */
  readonly refusedThrough: IsoDate | null;
  /** Which row rule a bar broke. */
  readonly brokenRule: string | null;
  /** The fewest stocks that the bars of all stocks of one of the sessions had. */
  readonly fewestStocks: number | null;
}

/** Absences of one symbol, timeframe and reason on sessions that follow each other. */
export interface Gap extends Evidence {
  readonly symbol: string;
  readonly from: IsoDate;
  readonly to: IsoDate;
  readonly sessions: number;
}

/** Runs of absences; parameters: symbols or null, timeframe or null, the calendar's sessions in order. */
const runs = `
  WITH chosen AS (
    SELECT a.symbol, a.timeframe, a.session, a.reason, coalesce(a.grouped_rows, d.grouped_rows) AS grouped_rows,
           n.n - row_number() OVER (PARTITION BY a.symbol, a.timeframe, a.reason ORDER BY a.session) AS run
      FROM absences a
      JOIN unnest($3::date[]) WITH ORDINALITY AS n(session, n) ON n.session = a.session
      LEFT JOIN absences d ON a.timeframe = 'hourly' AND d.symbol = a.symbol AND d.timeframe = 'daily' AND d.session = a.session
     WHERE ($1::text[] IS NULL OR a.symbol = ANY($1)) AND ($2::text IS NULL OR a.timeframe = $2)
  ), runs AS (
    SELECT symbol, timeframe, reason, min(session) AS first, max(session) AS last, count(*)::integer AS sessions,
           min(grouped_rows) AS grouped_least, max(grouped_rows) AS grouped_most
      FROM chosen GROUP BY symbol, timeframe, reason, run
  )`;

/** The runs of absences with these reasons, newest first, at most `most` of them. */
export async function listGaps(
  client: pg.ClientBase | pg.Pool,
  { symbols, timeframe, sessions }: GapQuery,
  reasons: readonly AbsenceReason[],
  most: number | null,
): Promise<Gap[]> {
  const { rows } = await client.query<Gap>(
    `${runs}
     SELECT r.symbol, r.timeframe, r.reason, r.first::text AS from, r.last::text AS to, r.sessions,
            r.grouped_least AS "groupedLeast", r.grouped_most AS "groupedMost",
            l.listed_on::text AS "listedOn", l.delisted_on::text AS "delistedOn", h.through::text AS "refusedThrough",
            (SELECT min(j.reason) FROM rejected_bars j WHERE j.symbol = r.symbol AND j.timeframe = r.timeframe
                AND j.session BETWEEN r.first AND r.last) AS "brokenRule",
            (SELECT min(d.stocks) FROM market_days d WHERE d.session BETWEEN r.first AND r.last) AS "fewestStocks"
       FROM (SELECT * FROM runs WHERE reason = ANY($4::text[])
              ORDER BY last DESC, symbol, timeframe LIMIT $5) r
       LEFT JOIN symbol_lives l ON l.symbol = r.symbol
       LEFT JOIN refused_history h ON h.timeframe = r.timeframe
      ORDER BY r.last DESC, r.symbol, r.timeframe`,
    [symbols, timeframe, sessions, reasons, most],
  );
  return rows;
}

/** The absences of a reason, and what to ask for to have those of the symbols that lack the newest sessions. */
export interface GapsToAsk {
  readonly reason: AbsenceReason;
  readonly sessions: number;
  readonly symbols: number;
  readonly named: string[];
  /** Around the absences of those named. */
  readonly from: IsoDate;
  readonly to: IsoDate;
  /** Which timeframes they lack. */
  readonly daily: boolean;
  readonly hourly: boolean;
}

/** What is missing for these reasons, with at most `most` symbols of each named. */
export async function listGapsToAsk(
  client: pg.ClientBase | pg.Pool,
  reasons: readonly AbsenceReason[],
  most: number,
): Promise<GapsToAsk[]> {
  const { rows } = await client.query<GapsToAsk>(
    `WITH by_symbol AS (
       SELECT reason, symbol, count(*) AS sessions, min(session) AS first, max(session) AS last,
              bool_or(timeframe = 'daily') AS daily, bool_or(timeframe = 'hourly') AS hourly,
              row_number() OVER (PARTITION BY reason ORDER BY max(session) DESC, symbol) AS place
         FROM absences WHERE reason = ANY($1::text[]) GROUP BY reason, symbol)
     SELECT reason, sum(sessions)::integer AS sessions, count(*)::integer AS symbols,
            array_agg(symbol ORDER BY place) FILTER (WHERE place <= $2) AS named,
            (min(first) FILTER (WHERE place <= $2))::text AS from, (max(last) FILTER (WHERE place <= $2))::text AS to,
            bool_or(daily) FILTER (WHERE place <= $2) AS daily, bool_or(hourly) FILTER (WHERE place <= $2) AS hourly
       FROM by_symbol GROUP BY reason`,
    [reasons, most],
  );
  return rows;
}

/** How many absences of a reason there are. */
export interface GapCount {
  readonly reason: AbsenceReason;
  readonly gaps: number;
  readonly sessions: number;
  readonly symbols: number;
}

/** The absences of every reason there is, counted. */
export async function countGaps(
  client: pg.ClientBase | pg.Pool,
  { symbols, timeframe, sessions }: GapQuery,
): Promise<GapCount[]> {
  const { rows } = await client.query<GapCount>(
    `${runs}
     SELECT reason, count(*)::integer AS gaps, sum(sessions)::integer AS sessions, count(DISTINCT symbol)::integer AS symbols
       FROM runs GROUP BY reason`,
    [symbols, timeframe, sessions],
  );
  return rows;
}
