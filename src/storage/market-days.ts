import type pg from 'pg';
import type { DateRange, IsoDate } from '../market/date.ts';

/** Remembers how many stocks the bars of a session had. */
export async function writeMarketDay(
  client: pg.ClientBase | pg.Pool,
  session: IsoDate,
  stocks: number,
): Promise<void> {
  await client.query(
    `INSERT INTO market_days AS d (session, stocks) VALUES ($1, $2)
     ON CONFLICT (session) DO UPDATE SET stocks = excluded.stocks, asked_at = now() WHERE d.stocks <> excluded.stocks`,
    [session, stocks],
  );
}

/** How many stocks the sessions near a range had, as far as they were asked. */
export async function readMarketDays(
  client: pg.ClientBase | pg.Pool,
  { from, to }: DateRange,
): Promise<Map<IsoDate, number>> {
  const { rows } = await client.query<{ session: IsoDate; stocks: number }>(
    `SELECT session::text AS session, stocks FROM market_days WHERE session BETWEEN $1::date - 10 AND $2::date + 10`,
    [from, to],
  );
  return new Map(rows.map(({ session, stocks }) => [session, stocks]));
}
