import type pg from 'pg';
import type { BaseTimeframe } from '../market/bar.ts';
import type { DateSpans, KnownSymbol, RefusedHistory } from '../market/coverage.ts';
import type { IsoDate } from '../market/date.ts';

/** What is known of the symbols; those nothing is known of are left out. */
export async function readKnown(
  client: pg.ClientBase | pg.Pool,
  symbols: readonly string[],
): Promise<Map<string, KnownSymbol>> {
  const { rows } = await client.query<{
    symbol: string;
    timeframe: BaseTimeframe | null;
    sessions: string | null;
    provisional: string | null;
    isHeardOf: boolean;
    listedOn: IsoDate | null;
    delistedOn: IsoDate | null;
  }>(
    `SELECT coalesce(c.symbol, l.symbol) AS symbol, c.timeframe, c.sessions::text AS sessions, c.provisional::text AS provisional,
            l.symbol IS NOT NULL OR EXISTS (SELECT FROM bars_daily b WHERE b.symbol = c.symbol)
              OR EXISTS (SELECT FROM bars_hourly b WHERE b.symbol = c.symbol) AS "isHeardOf",
            l.listed_on::text AS "listedOn", l.delisted_on::text AS "delistedOn"
       FROM (SELECT * FROM coverage WHERE symbol = ANY($1::text[])) c
       FULL JOIN (SELECT * FROM symbol_lives WHERE symbol = ANY($1::text[])) l ON l.symbol = c.symbol`,
    [symbols],
  );
  const known = new Map<string, KnownSymbol>();
  // Most symbols have the same coverage, so the same text is read once.
  const read = new Map<string, DateSpans>();
  const spans = (text: string): DateSpans => {
    const parsed = read.get(text) ?? parseSpans(text);
    read.set(text, parsed);
    return parsed;
  };
  for (const { symbol, timeframe, sessions, provisional, ...rest } of rows) {
    const coverage =
      timeframe === null
        ? {}
        : { [timeframe]: { sessions: spans(sessions ?? '{}'), provisional: spans(provisional ?? '{}') } };
    known.set(symbol, { ...rest, covered: { ...known.get(symbol)?.covered, ...coverage } });
  }
  return known;
}

/** A datemultirange as PostgreSQL prints it; ranges of dates are always `[from,before)`. */
export function parseSpans(text: string): DateSpans {
  return Array.from(text.matchAll(/\[([\d-]+),([\d-]+)\)/g), ([, from = '', before = '']) => ({
    from,
    before,
  }));
}

/** The sessions up to which the vendor refused each base timeframe as older than the plan's history. */
export async function readRefusedHistory(client: pg.ClientBase | pg.Pool): Promise<RefusedHistory> {
  const { rows } = await client.query<{ timeframe: BaseTimeframe; through: IsoDate }>(
    'SELECT timeframe, through::text AS through FROM refused_history',
  );
  return Object.fromEntries(rows.map(({ timeframe, through }) => [timeframe, through]));
}

/** Remembers what the vendor refused as too old. */
export async function writeRefusedHistory(
  client: pg.ClientBase | pg.Pool,
  timeframe: BaseTimeframe,
  through: IsoDate,
): Promise<void> {
  await client.query(
    `INSERT INTO refused_history AS h VALUES ($1, $2)
     ON CONFLICT (timeframe) DO UPDATE SET through = excluded.through WHERE h.through < excluded.through`,
    [timeframe, through],
  );
}

/** From when until when a symbol traded, as the vendor said on a day. */
export interface SymbolLife {
  readonly symbol: string;
  readonly listedOn: IsoDate | null;
  readonly delistedOn: IsoDate | null;
}

export async function writeLives(
  client: pg.ClientBase | pg.Pool,
  lives: readonly SymbolLife[],
  lookedOn: IsoDate,
): Promise<void> {
  if (lives.length === 0) return;
  await client.query(
    `INSERT INTO symbol_lives AS l (symbol, listed_on, delisted_on, looked_on)
     SELECT symbol, listed_on, delisted_on, $4 FROM unnest($1::text[], $2::date[], $3::date[]) AS a(symbol, listed_on, delisted_on)
      ORDER BY symbol COLLATE "C"
     ON CONFLICT (symbol) DO UPDATE
       -- Of some of the delisted the vendor does not say when they were listed.
       SET listed_on = coalesce(excluded.listed_on, l.listed_on), delisted_on = excluded.delisted_on, looked_on = excluded.looked_on`,
    [
      lives.map(({ symbol }) => symbol),
      lives.map(({ listedOn }) => listedOn),
      lives.map(({ delistedOn }) => delistedOn),
      lookedOn,
    ],
  );
}
