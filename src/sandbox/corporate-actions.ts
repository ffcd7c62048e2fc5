import { type IsoDate, addDays } from '../market/date.ts';
import { newYorkDate } from '../market/new-york.ts';
import type { Answer } from './answer.ts';
import { type ListingRules, type Row, listingPage } from './listing-page.ts';
import type { MarketSplit } from './market.ts';
import type { VendorRequest } from './vendor-request.ts';

const splitRules: ListingRules = {
  path: '/stocks/v1/splits',
  filters: ['ticker', 'execution_date', 'adjustment_type'],
  limit: { absent: 100, most: 5000 },
  sort: 'execution_date.desc',
  sortable: ['execution_date', 'ticker'],
  counted: false,
};

/** GET /stocks/v1/splits */
export const splits = (request: VendorRequest): Answer =>
  listingPage(request, splitRules, () => announcedSplits(request).map((split) => toRow(split, request)));

const oldSplitRules: ListingRules = {
  ...splitRules,
  path: '/v3/reference/splits',
  filters: ['ticker', 'execution_date'],
  limit: { absent: 10, most: 1000 },
};

/** GET /v3/reference/splits, the older twin */
export const oldSplits = (request: VendorRequest): Answer =>
  listingPage(request, oldSplitRules, () =>
    announcedSplits(request).map(({ id, symbol, executionDate, from, to }) => ({
      id,
      execution_date: executionDate,
      split_from: from,
      split_to: to,
      ticker: symbol,
    })),
  );

/** What is announced today: also future ones, and ones that will be called off. */
function announcedSplits({ market, now }: VendorRequest): MarketSplit[] {
  const today = newYorkDate(now);
  return market
    .splits()
    .filter(
      ({ announcedOn, cancelledOn }) => announcedOn <= today && (cancelledOn === null || today < cancelledOn),
    );
}

function toRow(split: MarketSplit, request: VendorRequest): Row {
  const { id, symbol, executionDate, from, to } = split;
  return {
    adjustment_type: adjustmentType(from, to),
    execution_date: executionDate,
    historical_adjustment_factor: factorSince(request, symbol, executionDate),
    id,
    split_from: from,
    split_to: to,
    ticker: symbol,
  };
}

function adjustmentType(from: number, to: number): string {
  if (to < from) return 'reverse_split';
  return to < 1.25 * from ? 'stock_dividend' : 'forward_split';
}

/** What prices before a date are multiplied by: this split and all announced after it. */
function factorSince({ market, now }: VendorRequest, symbol: string, date: IsoDate): number {
  const today = newYorkDate(now);
  return (market.findSeries(symbol)?.splits ?? [])
    .filter(({ executionDate, announcedOn }) => executionDate >= date && announcedOn <= today)
    .reduce((factor, { from, to }) => (factor * from) / to, 1);
}

const dividendRules: ListingRules = {
  path: '/stocks/v1/dividends',
  filters: ['ticker', 'ex_dividend_date'],
  limit: { absent: 100, most: 5000 },
  sort: 'ex_dividend_date.desc',
  sortable: ['ex_dividend_date', 'ticker'],
  counted: false,
};

const announcedAhead = 30;

/** GET /stocks/v1/dividends */
export const dividends = (request: VendorRequest): Answer =>
  listingPage(request, dividendRules, () => {
    const known = addDays(newYorkDate(request.now), announcedAhead);
    return request.market
      .dividends()
      .filter(({ exDate }) => exDate <= known)
      .map(({ symbol, exDate, cash }) => ({
        cash_amount: cash,
        currency: 'USD',
        distribution_type: 'recurring',
        ex_dividend_date: exDate,
        id: `${symbol}-${exDate}`,
        ticker: symbol,
      }));
  });
