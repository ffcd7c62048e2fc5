import type { z } from 'zod';
import type { Attempt } from './classify.ts';
import { unusable } from './failure.ts';
import { parseNextUrl } from './next-url.ts';
import type { PageRequest, RequestPage } from './page-request.ts';
import type { FetchStats } from './request-log.ts';
import type { TimeBudget } from '../time-budget.ts';

export interface Listing<Row extends z.ZodType> {
  readonly route: string;
  readonly attempt: Attempt;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly evidence: boolean;
  readonly budget?: TimeBudget | undefined;
  readonly rowSchema: Row;
}

/** No listing of ours has a tenth of these pages. */
const mostPages = 1000;

/**
 * The rows of a listing that pages by an opaque cursor, page by page; rows of another shape are left out and counted.
 * @throws AppError as `RequestPage`, after the pages that came.
 */
export async function* fetchListing<Row extends z.ZodType>(
  ask: { requestPage: RequestPage; baseUrl: URL; stats: FetchStats },
  listing: Listing<Row>,
  signal: AbortSignal,
): AsyncGenerator<z.output<Row>[], void, undefined> {
  const { route, attempt, path, evidence, rowSchema } = listing;
  const asked = new Set<string>();
  let query = listing.query;

  const toNext = (nextUrl: string, page: number): URLSearchParams => {
    const next = parseNextUrl(nextUrl, ask.baseUrl);
    if (next.path !== path) throw unusable('a next_url to something else than was asked for');
    if (asked.has(next.query.toString())) throw unusable('a next_url that does not advance');
    if (page >= mostPages) throw unusable('more pages than the listing can have', true);
    return next.query;
  };

  for (let page = 1; ; page++) {
    asked.add(query.toString());
    const request: PageRequest<{ rows: z.output<Row>[]; malformed: number; next: URLSearchParams | null }> = {
      route,
      attempt,
      path,
      query,
      page,
      evidence,
      budget: listing.budget,
      emptyMeans: 'nothing',
      read() {
        const rows: z.output<Row>[] = [];
        let malformed = 0;
        return {
          onRows(received) {
            for (const row of received) {
              const parsed = rowSchema.safeParse(row);
              if (parsed.success) rows.push(parsed.data);
              else malformed++;
            }
          },
          finish({ envelope, nextUrl }) {
            // Absent is empty; null without a count of 0 is what an overloaded vendor sends.
            const lost = envelope['results'] === null && envelope['count'] !== 0;
            if (lost || typeof envelope['status'] !== 'string')
              throw unusable('a listing without its results');
            return { rows, malformed, next: nextUrl === null ? null : toNext(nextUrl, page) };
          },
        };
      },
    };
    const { value } = await ask.requestPage(request, signal);
    ask.stats.malformed += value.malformed;
    yield value.rows;
    if (value.next === null) return;
    query = value.next;
  }
}
