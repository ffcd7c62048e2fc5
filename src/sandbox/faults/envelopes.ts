import { newYorkInstant } from '../../market/new-york.ts';
import { json } from '../answer.ts';
import { type Fault, altered, oneOf, wholeNumber } from './fault.ts';

const bars = ['aggregates', 'grouped-daily', 'previous-day'];
const listings = ['splits', 'tickers', 'dividends'];
const paged = ['aggregates', ...listings];

const withoutKey = (query: URLSearchParams): URLSearchParams => {
  const kept = new URLSearchParams(query);
  kept.delete('apiKey');
  return kept;
};

const cursorOf = (query: URLSearchParams): URLSearchParams =>
  new URLSearchParams(Buffer.from(query.get('cursor') ?? '', 'base64url').toString());

/** As for a symbol nobody knows, or a listing of nobody. */
const empty: Fault['spoil'] = (answer) =>
  altered(answer, ({ ticker, adjusted, request_id: requestId, resultsCount, results, serverTime }) => {
    const head = { status: 'OK', request_id: requestId };
    if (resultsCount !== undefined) {
      if (resultsCount === 0) return null;
      return { ...(ticker !== undefined && { ticker }), queryCount: 0, resultsCount: 0, adjusted, ...head };
    }
    if (serverTime !== undefined) return head;
    return Array.isArray(results) ? (results.length === 0 ? null : { results: [], ...head }) : head;
  });

/** Faults of what surrounds the rows. */
export const envelopes: readonly Fault[] = [
  {
    name: 'results-null',
    kind: 'shape',
    sentence: '200 with results: null, as an overloaded vendor sends',
    routes: [...bars, ...listings, 'ticker-details'],
    arguments: { count: oneOf('kept', 'zero') },
    spoil: (answer, _request, argument) =>
      altered(answer, (body) => {
        if (body['results'] === undefined) return null;
        const zero = argument('count') === 'zero' && body['resultsCount'] !== undefined;
        return { ...body, ...(zero && { resultsCount: 0, queryCount: 0, count: 0 }), results: null };
      }),
  },
  {
    name: 'empty',
    kind: 'shape',
    sentence: '200 without results for a symbol that trades',
    routes: [...bars, ...listings, 'ticker-details'],
    spoil: empty,
  },
  {
    name: 'outage',
    kind: 'shape',
    sentence: 'every answer 200 and empty',
    spoil: (answer, request, argument) =>
      answer.status === 200
        ? empty(answer, request, argument)
        : json(200, { status: 'OK', request_id: request.id }),
  },
  {
    name: 'next-url-repeats',
    kind: 'shape',
    sentence: 'a next_url that leads to the same page',
    routes: paged,
    spoil: (answer, { origin, path, query }) =>
      altered(answer, (body) => ({ ...body, next_url: `${origin}${path}?${withoutKey(query)}` })),
  },
  {
    name: 'next-url-foreign',
    kind: 'shape',
    sentence: 'a next_url on a foreign host',
    routes: paged,
    arguments: { host: { default: 'evil.example', expected: 'a host', pattern: /^[\w.-]+$/ } },
    spoil: (answer, { path, query }, argument) =>
      altered(answer, (body) => ({
        ...body,
        next_url: `http://${argument('host')}${path}?${withoutKey(query)}`,
      })),
  },
  {
    name: 'next-url-port',
    kind: 'shape',
    sentence: 'a next_url with a stray port',
    routes: paged,
    spoil: (answer, { origin }) =>
      altered(answer, (body) => {
        if (body['next_url'] === undefined) return null;
        const strayed = new URL(origin);
        strayed.port = '8443';
        return { ...body, next_url: String(body['next_url']).replace(origin, strayed.origin) };
      }),
  },
  {
    name: 'lost-cursor',
    kind: 'shape',
    sentence: 'a next_url without its cursor, which then pages at limit 5000',
    routes: ['aggregates'],
    spoil: (answer) =>
      altered(answer, (body) =>
        body['next_url'] === undefined
          ? null
          : { ...body, next_url: String(body['next_url']).replace(/\?.*$/, '') },
      ),
  },
  {
    name: 'empty-last-page',
    kind: 'shape',
    sentence: 'one more page, without results, after the last',
    routes: paged,
    isSequel: ({ query }) => cursorOf(query).has('ended'),
    spoil(answer, request, argument) {
      const { origin, path, query } = request;
      const cursor = cursorOf(query);
      if (cursor.has('ended')) return empty(answer, request, argument) ?? answer;
      return altered(answer, (body) => {
        if (body['next_url'] !== undefined) return null;
        // A range's cursor holds two settings, a listing's the whole question.
        const kept = path.startsWith('/v2/aggs/') ? ['limit', 'sort'] : [...query.keys()];
        for (const name of kept) if (query.has(name)) cursor.set(name, query.get(name)!);
        for (const name of ['cursor', 'apiKey']) cursor.delete(name);
        cursor.set('ended', '1');
        const mark = Buffer.from(cursor.toString()).toString('base64url');
        // The last hour of the range, as ms, is ahead of any other position.
        const end = /\/(\d{4}-\d{2}-\d{2})$/.exec(path)?.[1];
        const place =
          end === undefined ? path : path.replace(/\/[^/]+\/([^/]+)$/, `/${newYorkInstant(end, 23)}/$1`);
        return { ...body, next_url: `${origin}${place}?cursor=${mark}` };
      });
    },
  },
  {
    name: 'other-ticker',
    kind: 'shape',
    sentence: 'the answer for another ticker',
    routes: ['aggregates', 'ticker-details'],
    spoil: (answer) =>
      altered(answer, (body) => {
        if (body['ticker'] !== undefined) return { ...body, ticker: 'OTHER' };
        return body['results'] === undefined
          ? null
          : { ...body, results: { ...body['results'], ticker: 'OTHER' } };
      }),
  },
  {
    name: 'adjusted',
    kind: 'shape',
    sentence: 'split-adjusted bars though raw ones were asked for',
    routes: bars,
    spoil: (answer) => altered(answer, (body) => ({ ...body, adjusted: true })),
  },
  {
    name: 'clock-skew',
    kind: 'shape',
    sentence: "a clock that differs from everybody else's",
    routes: ['market-status'],
    arguments: { seconds: wholeNumber('3600', 'seconds ahead, or behind when negative') },
    spoil(answer, { now }, argument) {
      const aheadMs = Number(argument('seconds')) * 1000;
      const skewed = altered(answer, (body) => ({
        ...body,
        serverTime: new Date(now + aheadMs).toISOString(),
      }));
      return skewed && { ...skewed, headers: { Date: new Date(now + aheadMs).toUTCString() } };
    },
  },
];
