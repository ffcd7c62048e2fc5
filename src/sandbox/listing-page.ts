import { type Answer, badRequest, json } from './answer.ts';
import { type VendorRequest, parseLimit } from './vendor-request.ts';

export type Row = Readonly<Record<string, unknown>>;

export interface ListingRules {
  readonly path: string;
  /** Fields that `field`, `field.gt`, `.gte`, `.lt`, `.lte` and `.any_of` choose rows by. */
  readonly filters: readonly string[];
  readonly limit: { readonly absent: number; readonly most: number };
  /** `field` or `field.desc`; the default when none is asked for. */
  readonly sort: string;
  readonly sortable: readonly string[];
  /** True where the answer says how many rows it has. */
  readonly counted: boolean;
}

/** One page of a listing. Its cursor carries the whole question and the place, so the rest of `next_url` is bare. */
export function listingPage(
  request: VendorRequest,
  rules: ListingRules,
  toRows: (query: URLSearchParams) => readonly Row[],
): Answer {
  const { id } = request;
  const query = withCursor(request.query);
  const limit = parseLimit(query.get('limit'), rules.limit.absent, rules.limit.most);
  if (limit === undefined) {
    return badRequest(id, `The parameter 'limit' must be a whole number from 1 to ${rules.limit.most}`);
  }
  // The newer routes write the direction behind the field, the older ones beside it.
  const [field = '', direction] = (query.get('sort') || rules.sort).split('.');
  if (!rules.sortable.includes(field))
    return badRequest(id, `Could not parse the parameter 'sort': ${field}`);
  const descending = (direction ?? query.get('order')) === 'desc';
  const rows = toRows(query)
    .filter((row) => isChosen(row, rules.filters, query))
    .toSorted((a, b) => compare(a, b, field) * (descending ? -1 : 1));

  const start = Number(query.get('ap') ?? 0);
  const results = rows.slice(start, start + limit);
  const end = start + results.length;
  return json(
    200,
    {
      results,
      status: 'OK',
      request_id: id,
      ...(rules.counted && { count: results.length }),
      ...(end < rows.length && {
        next_url: `${request.origin}${rules.path}?cursor=${cursorAt(query, end)}`,
      }),
    },
    results.length,
  );
}

function withCursor(query: URLSearchParams): URLSearchParams {
  const cursor = query.get('cursor');
  if (cursor === null) return query;
  return new URLSearchParams(Buffer.from(cursor, 'base64url').toString());
}

function cursorAt(query: URLSearchParams, place: number): string {
  const remembered = new URLSearchParams(query);
  for (const name of ['apiKey', 'cursor']) remembered.delete(name);
  remembered.set('ap', String(place));
  return Buffer.from(remembered.toString()).toString('base64url');
}

function isChosen(row: Row, filters: readonly string[], query: URLSearchParams): boolean {
  return filters.every((field) => {
    const value = String(row[field] ?? '');
    const test = (suffix: string, holds: (wanted: string) => boolean): boolean => {
      const wanted = query.get(field + suffix);
      return wanted === null || wanted === '' || holds(wanted);
    };
    return (
      test('', (wanted) => value === wanted) &&
      test('.gt', (wanted) => value > wanted) &&
      test('.gte', (wanted) => value >= wanted) &&
      test('.lt', (wanted) => value < wanted) &&
      test('.lte', (wanted) => value <= wanted) &&
      test('.any_of', (wanted) => wanted.split(',').includes(value))
    );
  });
}

/** By the field, then by ticker and id, so that pages never overlap. */
function compare(a: Row, b: Row, field: string): number {
  for (const name of [field, 'ticker', 'id']) {
    const left = String(a[name] ?? '');
    const right = String(b[name] ?? '');
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}
