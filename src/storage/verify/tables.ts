import type pg from 'pg';
import type { BaseTimeframe } from '../../market/bar.ts';
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
 * Makes what the checks read, gone with the transaction: `checked_symbols`, `calendar_days` and `cells`. Of symbols
 * where anything does not add up there is a cell for each timeframe and day that is covered, has bars or is an absence. `symbols`: null for all that are stored.
 */
export async function makeTables(client: pg.ClientBase, symbols: readonly string[] | null): Promise<Extent> {
  // Sorts and hashes of millions of rows; what is compiled for them costs more than it saves.
  await client.query("SET LOCAL work_mem = '128MB'; SET LOCAL jit = off");
  await chooseSymbols(client, symbols);
  await writeCalendar(client);
  await client.query(
    `CREATE TEMPORARY TABLE tallies (symbol text COLLATE "C", timeframe text, sessions integer, bars integer, is_sound boolean) ON COMMIT DROP`,
  );
  await client.query(tallyOf('daily'));
  await client.query(tallyOf('hourly'));
  await client.query(cellsTable);
  await client.query(cellsOf('daily'));
  await client.query(cellsOf('hourly'));
  const { rows } = await client.query<Extent>(
    `SELECT (SELECT count(*)::integer FROM checked_symbols) AS symbols, coalesce(sum(bars), 0)::integer AS bars,
            coalesce(sum(sessions), 0)::integer AS sessions FROM tallies`,
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

/** Bars by their session, of the symbols in a table. */
const storedOf = (timeframe: BaseTimeframe, symbols: string): string =>
  timeframe === 'daily'
    ? `SELECT symbol, session, 1 AS bars, final::integer AS final_bars FROM bars_daily JOIN ${symbols} USING (symbol)`
    : `SELECT symbol, session, count(*)::integer AS bars, (count(*) FILTER (WHERE final))::integer AS final_bars
         FROM bars_hourly JOIN ${symbols} USING (symbol) GROUP BY symbol, session`;

/**
 * Symbols whose counts add up: when every bar and every absence lies on a covered session, none on the same, and
 * there are as many as covered sessions, they are those sessions. Far cheaper than laying out every session.
 */
const tallyOf = (timeframe: BaseTimeframe): string => `
  INSERT INTO tallies
  WITH days AS ${timeframe === 'daily' ? 'NOT MATERIALIZED' : 'MATERIALIZED'} (
    ${storedOf(timeframe, 'checked_symbols')}
  ), covered AS (
    SELECT c.symbol, count(*) AS sessions
      FROM coverage c
      JOIN checked_symbols USING (symbol)
     CROSS JOIN LATERAL unnest(c.sessions) AS r(span)
      JOIN calendar_days d ON d.is_session AND d.day >= lower(r.span) AND d.day < upper(r.span)
     WHERE c.timeframe = '${timeframe}' GROUP BY c.symbol
  ), stored AS (
    SELECT b.symbol, sum(b.bars) AS bars, count(*) AS sessions,
           count(*) FILTER (WHERE d.is_session AND c.sessions @> b.session
                              AND b.final_bars = CASE WHEN c.provisional @> b.session THEN 0 ELSE b.bars END) AS sound
      FROM days b
      LEFT JOIN coverage c ON c.symbol = b.symbol AND c.timeframe = '${timeframe}'
      LEFT JOIN calendar_days d ON d.day = b.session
     GROUP BY b.symbol
  ), absent AS (
    SELECT a.symbol, count(*) AS sessions,
           count(*) FILTER (WHERE d.is_session AND c.sessions @> a.session AND b.symbol IS NULL) AS sound
      FROM absences a
      JOIN checked_symbols USING (symbol)
      LEFT JOIN coverage c ON c.symbol = a.symbol AND c.timeframe = a.timeframe
      LEFT JOIN calendar_days d ON d.day = a.session
      LEFT JOIN days b ON b.symbol = a.symbol AND b.session = a.session
     WHERE a.timeframe = '${timeframe}' GROUP BY a.symbol
  )
  SELECT symbol, '${timeframe}', coalesce(c.sessions, 0), coalesce(b.bars, 0),
         coalesce(b.sound = b.sessions, true) AND coalesce(a.sound = a.sessions, true)
           AND coalesce(c.sessions, 0) = coalesce(b.sessions, 0) + coalesce(a.sessions, 0)
    FROM checked_symbols
    LEFT JOIN covered c USING (symbol) LEFT JOIN stored b USING (symbol) LEFT JOIN absent a USING (symbol)`;

/** Every session of the symbols whose counts do not add up, in both timeframes. */
const cellsOf = (timeframe: BaseTimeframe): string => `
  INSERT INTO cells
  WITH unsound AS (
    SELECT DISTINCT symbol FROM tallies WHERE NOT is_sound
  ), covered AS (
    SELECT c.symbol, d.day AS session, c.provisional @> d.day AS is_provisional
      FROM coverage c
      JOIN unsound USING (symbol)
     CROSS JOIN LATERAL unnest(c.sessions) AS r(span)
      JOIN calendar_days d ON d.is_session AND d.day >= lower(r.span) AND d.day < upper(r.span)
     WHERE c.timeframe = '${timeframe}'
  ), stored AS (
    ${storedOf(timeframe, 'unsound')}
  ), absent AS (
    SELECT symbol, session, true AS is_absent FROM absences JOIN unsound USING (symbol) WHERE timeframe = '${timeframe}'
  )
  SELECT symbol, '${timeframe}', session, coalesce(d.is_session, false), is_provisional IS NOT NULL, coalesce(is_provisional, false),
         coalesce(is_absent, false), coalesce(bars, 0), coalesce(final_bars, 0)
    FROM covered
    FULL JOIN stored USING (symbol, session)
    FULL JOIN absent USING (symbol, session)
    LEFT JOIN calendar_days d ON d.day = session`;
