import type { z } from 'zod';
import { AppError } from '../errors.ts';
import { previousSession } from '../market/calendar.ts';
import { type IsoDate, isIsoDate } from '../market/date.ts';
import { unusable } from './failure.ts';
import { fetchListing } from './listing.ts';
import { fetchObject } from './object-answer.ts';
import type { RequestPage } from './page-request.ts';
import type { FetchStats } from './request-log.ts';
import { tickerSchema } from './schemas.ts';
import type { TimeBudget } from '../time-budget.ts';

/** A stock as the vendor lists it. */
export interface Ticker {
  readonly symbol: string;
  readonly name: string | null;
  /** The vendor's type code, such as `CS` or `ETF`. */
  readonly type: string | null;
  /** ISO code of the primary exchange, such as `XNYS`. */
  readonly exchange: string | null;
  readonly active: boolean;
  /** Only the details of one ticker tell; null otherwise. */
  readonly listedOn: IsoDate | null;
  readonly delistedOn: IsoDate | null;
}

export interface TickerQuery {
  readonly active?: boolean | undefined;
  readonly type?: string | undefined;
  readonly exchange?: string | undefined;
  readonly ticker?: string | undefined;
  /** As listed on that date. */
  readonly date?: IsoDate | undefined;
}

interface Ask {
  readonly requestPage: RequestPage;
  readonly baseUrl: URL;
  readonly stats: FetchStats;
}

/** Listed stocks by symbol; without `active` those that trade today. */
export async function* fetchTickers(
  ask: Ask,
  query: TickerQuery,
  signal: AbortSignal,
  budget?: TimeBudget,
): AsyncGenerator<Ticker[], void, undefined> {
  const parameters = new URLSearchParams({ market: 'stocks', sort: 'ticker', order: 'asc', limit: '1000' });
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  const listing = {
    route: 'tickers',
    attempt: {
      what: `the listing of ${query.ticker ?? 'all stocks'}`,
      ...(query.ticker !== undefined && { symbol: query.ticker }),
    },
    path: '/v3/reference/tickers',
    query: parameters,
    evidence: true,
    budget,
    rowSchema: tickerSchema,
  };
  for await (const rows of fetchListing(ask, listing, signal)) yield rows.map(toTicker);
}

/**
 * What the vendor knows of a symbol, of delisted ones too; null when it does not know it. Case matters.
 * @throws AppError as `RequestPage`.
 */
export async function findTicker(
  ask: Ask,
  symbol: string,
  signal: AbortSignal,
  budget?: TimeBudget,
): Promise<Ticker | null> {
  const listed = await findListed(ask, { symbol }, signal, budget);
  if (listed !== null) return listed;
  let found: Ticker | null = null;
  for await (const tickers of fetchTickers(ask, { ticker: symbol, active: false }, signal, budget)) {
    for (const ticker of tickers) {
      // Tickers are used again; the latest company that had it is meant.
      if (ticker.symbol === symbol && (ticker.delistedOn ?? '') >= (found?.delistedOn ?? '')) found = ticker;
    }
  }
  if (found === null || found.delistedOn === null || found.listedOn !== null) return found;
  // Since when it was listed is told by its details alone, of a day on which it was.
  const date = previousSession(found.delistedOn);
  const then = await findListed(ask, { symbol, date }, signal, budget);
  return { ...found, listedOn: then?.listedOn ?? null };
}

async function findListed(
  ask: Ask,
  { symbol, date }: { readonly symbol: string; readonly date?: IsoDate },
  signal: AbortSignal,
  budget: TimeBudget | undefined,
): Promise<Ticker | null> {
  try {
    const ticker = await fetchObject(
      ask,
      {
        route: 'ticker-details',
        attempt: { what: `the details of ${symbol}`, symbol },
        path: `/v3/reference/tickers/${encodeURIComponent(symbol)}`,
        query: new URLSearchParams(date === undefined ? {} : { date }),
        budget,
        parse(envelope) {
          const details = tickerSchema.safeParse(envelope['results']);
          if (!details.success) throw unusable('ticker details of a shape they never had');
          const found = details.data.ticker;
          // Another spelling's company is an answer, a stranger's is none.
          if (found.toUpperCase() !== symbol.toUpperCase())
            throw unusable(`details of ${found} instead of ${symbol}`);
          return toTicker(details.data);
        },
      },
      signal,
    );
    return ticker.symbol === symbol ? ticker : null;
  } catch (error) {
    if (error instanceof AppError && error.code === 'SYMBOL_NOT_FOUND') return null;
    throw error;
  }
}

function toTicker(row: z.output<typeof tickerSchema>): Ticker {
  // A time of midnight, in UTC or New York, that only means its date.
  const delisted = row.delisted_utc?.slice(0, 10) ?? '';
  const delistedOn = isIsoDate(delisted) ? delisted : null;
  return {
    symbol: row.ticker,
    name: row.name ?? null,
    type: row.type ?? null,
    exchange: row.primary_exchange ?? null,
    active: row.active ?? delistedOn === null,
    listedOn: row.list_date ?? null,
    delistedOn,
  };
}
