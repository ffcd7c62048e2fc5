import type { IsoDate } from '../market/date.ts';
import type { Split } from '../market/split.ts';
import { fetchListing } from './listing.ts';
import type { RequestPage } from './page-request.ts';
import type { FetchStats } from './request-log.ts';
import { splitSchema } from './schemas.ts';

export interface SplitQuery {
  /** The earliest execution date, inclusive; announced ones of the future are included. */
  readonly from: IsoDate;
  /** Asked again because the first answer listed none. */
  readonly evidence?: boolean | undefined;
}

/** All stocks' splits in order of execution date; the vendor may repeat one, and may cancel what it announced. */
export async function* fetchSplits(
  ask: { requestPage: RequestPage; baseUrl: URL; stats: FetchStats },
  { from, evidence = false }: SplitQuery,
  signal: AbortSignal,
): AsyncGenerator<Split[], void, undefined> {
  const query = new URLSearchParams({
    'execution_date.gte': from,
    sort: 'execution_date.asc',
    limit: '5000',
  });
  const listing = {
    route: 'splits',
    attempt: { what: `splits since ${from}` },
    path: '/stocks/v1/splits',
    query,
    evidence,
    rowSchema: splitSchema,
  };
  for await (const rows of fetchListing(ask, listing, signal)) {
    yield rows.map((row) => ({
      symbol: row.ticker,
      executionDate: row.execution_date,
      from: row.split_from,
      to: row.split_to,
    }));
  }
}
