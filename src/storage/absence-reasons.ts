import type pg from 'pg';
import type { DateRange, IsoDate } from '../market/date.ts';

/** Why a covered session has no bar, in the order in which the rules are asked. */
export const absenceReasons = [
  'rejected',
  'not_listed',
  'delisted',
  'clipped',
  'vendor_gap',
  'vendor_outage',
  'no_trade',
  'unexplained',
] as const;
export type AbsenceReason = (typeof absenceReasons)[number];

/**
 * A day of fewer stocks than this share of its neighbours' is no whole market. The shortest half days of a real one
 * had 0.975 of their neighbours' stocks, the outage of 2016-09-01 had 0.83.
 */
export const WHOLE_MARKET = 0.95;

/** Fewer stocks than this that are missing may all have had no trade: of a small market a share says little. */
export const NOTICEABLE_STOCKS = 20;

/** Sessions whose bars of all stocks were too few; by the days on either side as far as they are known. */
const outages = `
  SELECT d.session FROM market_days d
   WHERE d.stocks = 0 OR (
     SELECT d.stocks < ${WHOLE_MARKET} * percentile_cont(0.5) WITHIN GROUP (ORDER BY n.stocks)
            AND d.stocks <= percentile_cont(0.5) WITHIN GROUP (ORDER BY n.stocks) - ${NOTICEABLE_STOCKS}
       FROM market_days n
      WHERE n.session BETWEEN d.session - 8 AND d.session + 8 AND n.session <> d.session AND n.stocks > 0)`;

/** The reason that the stored facts give for absence `a`, whatever order they came in. */
const reason = `
  CASE
    WHEN EXISTS (SELECT FROM rejected_bars r WHERE r.symbol = a.symbol AND r.timeframe = a.timeframe AND r.session = a.session) THEN 'rejected'
    WHEN l.listed_on > a.session THEN 'not_listed'
    WHEN l.delisted_on <= a.session THEN 'delisted'
    -- Of some of the delisted nobody says since when: they are taken to be listed from their first bar on.
    WHEN l.symbol IS NOT NULL AND l.listed_on IS NULL
         AND NOT EXISTS (SELECT FROM bars_daily b WHERE b.symbol = a.symbol AND b.session < a.session) THEN 'not_listed'
    WHEN h.through >= a.session THEN 'clipped'
    WHEN CASE a.timeframe
           WHEN 'hourly' THEN EXISTS (SELECT FROM bars_daily b WHERE b.symbol = a.symbol AND b.session = a.session)
           ELSE EXISTS (SELECT FROM bars_hourly b
                         WHERE b.symbol = a.symbol
                           AND b.starts_at >= a.session::timestamp AT TIME ZONE 'America/New_York'
                           AND b.starts_at < (a.session + 1)::timestamp AT TIME ZONE 'America/New_York')
         END THEN 'vendor_gap'
    WHEN o.session IS NOT NULL THEN 'vendor_outage'
    WHEN a.grouped_rows IS NOT NULL THEN 'no_trade'
    WHEN a.timeframe = 'hourly' AND EXISTS (SELECT FROM absences d WHERE d.symbol = a.symbol AND d.timeframe = 'daily'
                                               AND d.session = a.session AND d.grouped_rows IS NOT NULL) THEN 'no_trade'
    ELSE 'unexplained'
  END`;

/** Every absence `a` with the reason it has, `given`, and the one its facts give now. */
export const judgedAbsences = `
  SELECT a.symbol, a.timeframe, a.session, a.reason AS given, ${reason} AS reason
    FROM absences a
    LEFT JOIN symbol_lives l ON l.symbol = a.symbol
    LEFT JOIN refused_history h ON h.timeframe = a.timeframe
    LEFT JOIN (${outages}) o ON o.session = a.session`;

/** What a run may have changed the reasons of. */
export interface ReasonsToSettle {
  /** The symbols of the run: their absences near its range, and those unexplained anywhere. */
  readonly symbols: readonly string[];
  readonly range: DateRange;
  /** Symbols of which the vendor told something new: all their absences. */
  readonly lives: readonly string[];
  /** Sessions whose bars of all stocks were asked: everybody's absences near them. */
  readonly marketDays: readonly IsoDate[];
}

/** Absence `a` lies in history of which nobody knew yet that it is refused. */
const isNewlyRefused = `h.through >= a.session AND a.reason NOT IN ('rejected', 'not_listed', 'delisted', 'clipped')`;

/** Gives absences the reason that the stored facts now give them. Returns how many changed. */
export async function settleAbsences(
  client: pg.ClientBase | pg.Pool,
  { symbols, range, lives, marketDays }: ReasonsToSettle,
): Promise<number> {
  const settled = await client.query(
    `UPDATE absences x SET reason = j.reason
       FROM (${judgedAbsences}
              WHERE ${isNewlyRefused}
                 OR a.symbol = ANY($1::text[]) AND (a.session BETWEEN $2::date - 10 AND $3::date + 10 OR a.reason = 'unexplained')
                 OR a.symbol = ANY($4::text[])
                 OR a.session IN (SELECT day + step FROM unnest($5::date[]) day, generate_series(-8, 8) step)) j
      WHERE x.symbol = j.symbol AND x.timeframe = j.timeframe AND x.session = j.session AND x.reason <> j.reason`,
    [symbols, range.from, range.to, lives, marketDays],
  );
  return settled.rowCount ?? 0;
}

/** So many sessions in a row without a bar, up to the newest, make a look at the listing worthwhile. */
const SILENT_SESSIONS = 5;

/**
 * Of the symbols those whose listing should be looked up: they have no bar at their first session and were never
 * looked up, or have been silent at the end since they were.
 */
export async function listSilentSymbols(
  client: pg.ClientBase | pg.Pool,
  symbols: readonly string[],
): Promise<string[]> {
  const { rows } = await client.query<{ symbol: string }>(
    `SELECT c.symbol
       FROM coverage c
       LEFT JOIN symbol_lives l ON l.symbol = c.symbol
       CROSS JOIN LATERAL (SELECT max(b.session) AS last FROM bars_daily b WHERE b.symbol = c.symbol) b
      WHERE c.symbol = ANY($1::text[]) AND c.timeframe = 'daily'
        AND (l.symbol IS NULL AND EXISTS (
               SELECT FROM absences a
                WHERE a.symbol = c.symbol AND a.timeframe = 'daily' AND a.session = lower(c.sessions) AND a.reason <> 'rejected')
             OR EXISTS (
               SELECT FROM (SELECT session, row_number() OVER (ORDER BY session) AS n FROM absences a
                             WHERE a.symbol = c.symbol AND a.timeframe = 'daily' AND a.session > coalesce(b.last, 'infinity')) s
                WHERE s.n = ${SILENT_SESSIONS} AND (l.symbol IS NULL OR l.delisted_on IS NULL AND l.looked_on < s.session)))
      ORDER BY c.symbol`,
    [symbols],
  );
  return rows.map(({ symbol }) => symbol);
}
