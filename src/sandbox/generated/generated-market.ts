import type { Market, Series } from '../market.ts';
import { createCompanies } from './companies.ts';
import { createSeries } from './series.ts';

/** Companies and bars drawn from `seed`: the same on every machine, whatever is asked and in which order. */
export function createGeneratedMarket(seed: number, symbols: number | readonly string[] | undefined): Market {
  const companies = createCompanies(seed, symbols);
  const bySymbol = new Map(companies.map((company) => [company.listing.symbol, company]));
  const series = new Map<string, Series>();
  const listings = companies
    .map((company) => company.listing)
    .toSorted((a, b) => (a.symbol < b.symbol ? -1 : 1));
  const splits = companies.flatMap((company) => company.splitRows);
  return {
    findSeries(symbol) {
      const known = series.get(symbol);
      const company = bySymbol.get(symbol);
      if (known !== undefined || company === undefined) return known ?? null;
      const created = createSeries(company);
      series.set(symbol, created);
      return created;
    },
    daySymbols: () => [...bySymbol.keys()],
    findListing: (symbol) => bySymbol.get(symbol)?.listing ?? null,
    listings: () => listings,
    splits: () => splits,
    dividends: () => [],
  };
}
