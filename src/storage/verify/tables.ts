import type pg from 'pg';
import { calendarYears, sessionsBetween } from '../../market/calendar.ts';
import { type IsoDate, addDays, dayOfWeek, fromDayNumber, toDayNumber } from '../../market/date.ts';

/** How much there is to check. */
export interface Extent {
  readonly symbols: number;
  readonly bars: number;
  /** Covered ones of each symbol and timeframe. */
  readonly sessions: number;
}

/**
 * Makes what the checks read, gone with the transaction: `checked_symbols`, `calendar_days` and `cells`, one for each
 * symbol, timeframe and day that is covered, has bars or is an absence. `symbols`: null for all that are stored.
 */
export async function makeTables(client: pg.ClientBase, symbols: readonly string[] | null): Promise<Extent> {
  // Sorts and hashes of millions of rows; what is compiled for them costs more than it saves.
  await client.query("SET LOCAL work_mem = '128MB'; SET LOCAL jit = off");
  await chooseSymbols(client, symbols);
  await writeCalendar(client);
  await client.query(cellsTable);
  await client.query(cells);
  await client.query('ANALYZE cells');
  const { rows } = await client.query<Extent>(
    `SELECT (SELECT count(*)::integer FROM checked_symbols) AS symbols, coalesce(sum(bars), 0)::integer AS bars,
            (count(*) FILTER (WHERE is_covered))::integer AS sessions FROM cells`,
  );
  return rows[0]!;
}

async function chooseSymbols(client: pg.ClientBase, symbols: readonly string[] | null): Promise<void> {
  await client.query(
    'CREATE TEMPORARY TABLE checked_symbols (symbol text COLLATE "C" PRIMARY KEY) ON COMMIT DROP',
  );
  await client.query(
    symbols === null
      ? `INSERT INTO checked_symbols
         SELECT symbol FROM coverage UNION SELECT symbol FROM absences
         UNION SELECT symbol FROM bars_daily UNION SELECT symbol FROM bars_hourly`
      : 'INSERT INTO checked_symbols SELECT DISTINCT unnest($1::text[])',
    symbols === null ? [] : [symbols],
  );
  await client.query('ANALYZE checked_symbols');
}

/** Every day the calendar knows, with the week and month it belongs to: reckoned here, not by the views' arithmetic. */
async function writeCalendar(client: pg.ClientBase): Promise<void> {
  const first: IsoDate = `${calendarYears.from}-01-01`;
  const last: IsoDate = `${calendarYears.to}-12-31`;
  const days = Array.from({ length: toDayNumber(last) - toDayNumber(first) + 1 }, (_, n) =>
    addDays(first, n),
  );
  await client.query(
    `CREATE TEMPORARY TABLE calendar_days (day date PRIMARY KEY, is_session boolean, week date, next_week date, month date, next_month date)
     ON COMMIT DROP`,
  );
  await client.query(
    `INSERT INTO calendar_days
     SELECT day, day = ANY($6::date[]), week, next_week, month, next_month
       FROM unnest($1::date[], $2::date[], $3::date[], $4::date[], $5::date[]) AS d(day, week, next_week, month, next_month)`,
    [
      days,
      days.map(sundayOf),
      days.map((day) => addDays(sundayOf(day), 7)),
      days.map(monthOf),
      days.map((day) => monthOf(addDays(monthOf(day), 31))),
      sessionsBetween(first, last),
    ],
  );
  await client.query('ANALYZE calendar_days');
}

const sundayOf = (day: IsoDate): IsoDate => fromDayNumber(toDayNumber(day) - dayOfWeek(day));
const monthOf = (day: IsoDate): IsoDate => `${day.slice(0, 7)}-01`;

const cellsTable = `
  CREATE TEMPORARY TABLE cells (
    symbol text COLLATE "C", timeframe text, session date, is_session boolean, is_covered boolean, is_provisional boolean,
    is_absent boolean, bars integer, final_bars integer
  ) ON COMMIT DROP`;

const cells = `
  INSERT INTO cells
  WITH covered AS (
    SELECT c.symbol, c.timeframe, d.day AS session, c.provisional @> d.day AS is_provisional
      FROM coverage c
      JOIN checked_symbols USING (symbol)
     CROSS JOIN LATERAL unnest(c.sessions) AS r(span)
      JOIN calendar_days d ON d.is_session AND d.day >= lower(r.span) AND d.day < upper(r.span)
  ), stored AS (
    SELECT symbol, 'daily' AS timeframe, session, 1 AS bars, final::integer AS final_bars
      FROM bars_daily JOIN checked_symbols USING (symbol)
    UNION ALL
    SELECT symbol, 'hourly', session, count(*)::integer, (count(*) FILTER (WHERE final))::integer
      FROM bars_hourly JOIN checked_symbols USING (symbol) GROUP BY symbol, session
  ), absent AS (
    SELECT symbol, timeframe, session, true AS is_absent FROM absences JOIN checked_symbols USING (symbol)
  )
  SELECT symbol, timeframe, session, coalesce(d.is_session, false), is_provisional IS NOT NULL, coalesce(is_provisional, false),
         coalesce(is_absent, false), coalesce(bars, 0), coalesce(final_bars, 0)
    FROM covered
    FULL JOIN stored USING (symbol, timeframe, session)
    FULL JOIN absent USING (symbol, timeframe, session)
    LEFT JOIN calendar_days d ON d.day = session`;
