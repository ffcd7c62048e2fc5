import { aggregates } from './aggregates.ts';
import { dividends, oldSplits, splits } from './corporate-actions.ts';
import { groupedDaily, previousDay } from './grouped-daily.ts';
import { marketStatusNow, marketStatusUpcoming } from './market-status.ts';
import { tickerDetails, tickers } from './reference-tickers.ts';
import { timespans } from './timespan.ts';
import type { Route } from './vendor-request.ts';

/** `{}` stands for one part of the path. The name is what requests are counted under. */
const table: readonly (readonly [path: string, name: string, route: Route])[] = [
  ['/v2/aggs/ticker/{}/range/{}/{}/{}/{}', 'aggregates', aggregates],
  ['/v2/aggs/ticker/{}/prev', 'previous-day', previousDay],
  ['/v2/aggs/grouped/locale/us/market/stocks/{}', 'grouped-daily', groupedDaily],
  ['/stocks/v1/splits', 'splits', splits],
  ['/v3/reference/splits', 'splits', oldSplits],
  ['/stocks/v1/dividends', 'dividends', dividends],
  ['/v3/reference/tickers', 'tickers', tickers],
  ['/v3/reference/tickers/{}', 'ticker-details', tickerDetails],
  ['/v1/marketstatus/now', 'market-status', marketStatusNow],
  ['/v1/marketstatus/upcoming', 'market-holidays', marketStatusUpcoming],
];

const patterns = table.map(([path, name, route]) => ({
  pattern: new RegExp(`^${path.replaceAll('{}', '([^/]+)')}$`),
  name,
  route,
}));

export interface MatchedRoute {
  /** What it is counted under; aggregates by timespan. */
  readonly name: string;
  readonly route: Route;
  readonly parameters: readonly string[];
  /** Whom the path is about; null when it names nobody. */
  readonly symbol: string | null;
}

/** What requests are counted under. */
export const routeNames: readonly string[] = [...new Set(table.map(([, name]) => name))].flatMap((name) =>
  name === 'aggregates' ? timespans.map((timespan) => `${name}/${timespan}`) : [name],
);

/** The route of a path without its query; null when the API has none such. */
export function matchRoute(path: string): MatchedRoute | null {
  for (const { pattern, name, route } of patterns) {
    const parts = pattern.exec(path);
    if (parts === null) continue;
    const parameters = parts.slice(1).map(decoded);
    const symbol = name === 'grouped-daily' ? null : (parameters[0] ?? null);
    return { name: name === 'aggregates' ? `${name}/${parameters[2]}` : name, route, parameters, symbol };
  }
  return null;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
