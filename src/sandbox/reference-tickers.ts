import { type IsoDate, isIsoDate } from '../market/date.ts';
import { newYorkDate } from '../market/new-york.ts';
import { type Answer, badRequest, json, notFound } from './answer.ts';
import { type ListingRules, type Row, listingPage } from './listing-page.ts';
import type { Listing } from './market.ts';
import { type VendorRequest, flag } from './vendor-request.ts';

const rules: ListingRules = {
  path: '/v3/reference/tickers',
  filters: ['ticker', 'type', 'market', 'locale', 'primary_exchange', 'cik'],
  limit: { absent: 100, most: 1000 },
  sort: 'ticker',
  sortable: ['ticker', 'name', 'market', 'type', 'primary_exchange', 'cik', 'delisted_utc'],
  counted: true,
};

/** GET /v3/reference/tickers: who was listed on `date`, or with `active=false` no longer was. */
export function tickers(request: VendorRequest): Answer {
  return listingPage(request, rules, (query) => {
    const date = dateOf(query, request.now);
    const active = flag(query, 'active', true);
    const search = query.get('search')?.toLowerCase() ?? '';
    const exchange = query.get('exchange') ?? '';
    return request.market
      .listings()
      .filter(
        (listing) =>
          listing.listedOn <= date &&
          isActive(listing, date) === active &&
          (exchange === '' || listing.exchange === exchange) &&
          `${listing.symbol} ${listing.name}`.toLowerCase().includes(search),
      )
      .map((listing) => toRow(listing, date));
  });
}

/** GET /v3/reference/tickers/{ticker}: a delisted one is found only on a `date` of its own. */
export function tickerDetails(request: VendorRequest, symbol: string): Answer {
  const { id, query, now } = request;
  const asked = query.get('date') ?? '';
  if (asked !== '' && !isIsoDate(asked)) {
    return badRequest(id, "Could not parse the time parameter: 'date'. Use YYYY-MM-DD");
  }
  const date = dateOf(query, now);
  const listing = request.market.findListing(symbol);
  if (listing === null || listing.listedOn > date || !isActive(listing, date)) {
    return notFound(id, 'Ticker not found.');
  }
  const { sector, listedOn } = listing;
  const details = {
    ...toRow(listing, date),
    ...(sector !== null && { sic_description: sector.toUpperCase() }),
    ticker_root: symbol.split('.')[0],
    list_date: listedOn,
    round_lot: 100,
  };
  return json(200, { request_id: id, results: details, status: 'OK' }, 1);
}

const isActive = ({ delistedOn }: Listing, date: IsoDate): boolean =>
  delistedOn === null || date < delistedOn;

function dateOf(query: URLSearchParams, now: number): IsoDate {
  const asked = query.get('date') ?? '';
  return isIsoDate(asked) ? asked : newYorkDate(now);
}

function toRow(listing: Listing, date: IsoDate): Row {
  const active = isActive(listing, date);
  return {
    ticker: listing.symbol,
    name: listing.name,
    market: 'stocks',
    locale: 'us',
    primary_exchange: listing.exchange,
    type: listing.type,
    active,
    currency_name: 'usd',
    cik: listing.cik,
    ...(!active && { delisted_utc: `${listing.delistedOn}T00:00:00Z` }),
    last_updated_utc: `${date}T00:00:00Z`,
  };
}
