import { once } from 'node:events';
import { type IncomingHttpHeaders, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { createMassiveFetcher } from '../../src/massive/fetcher.ts';
import type {
  FetcherConfig,
  FetcherDeps,
  MassiveFetcher,
  RequestLog,
  RetryNotice,
} from '../../src/massive/fetcher.ts';
import { createFakeClock } from './fake-clock.ts';

export interface SeenRequest {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

/** One answer: an object is sent as JSON with 200, a function does what it likes with the response. */
export type ScriptedAnswer = object | ((response: ServerResponse, request: SeenRequest) => void);

export interface ScriptedVendor {
  readonly baseUrl: string;
  readonly requests: readonly SeenRequest[];
  /** Connections opened so far. */
  readonly connections: number;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A vendor that gives the answers of a script in order; a request beyond it is a 400 nobody retries. */
async function startScriptedVendor(script: readonly ScriptedAnswer[]): Promise<ScriptedVendor> {
  const requests: SeenRequest[] = [];
  let connections = 0;
  const server = createServer((incoming, response) => {
    const url = new URL(incoming.url!, 'http://vendor');
    const seen = {
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      url: incoming.url!,
      headers: incoming.headers,
    };
    const answer =
      script[requests.length] ?? refusal(400, { status: 'ERROR', error: 'invalid: beyond the script' });
    requests.push(seen);
    if (typeof answer === 'function') answer(response, seen);
    else json(answer)(response);
  });
  server.on('connection', () => connections++);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    get connections() {
      return connections;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** A 200 with JSON, gzipped. */
export const json =
  (body: object) =>
  (response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
    response.end(gzipSync(JSON.stringify(body)));
  };

export const refusal =
  (status: number, body: object | string, headers: Record<string, string> = {}) =>
  (response: ServerResponse): void => {
    const type = typeof body === 'string' ? 'text/html; charset=utf-8' : 'application/json';
    response.writeHead(status, { 'content-type': type, ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };

export const secretKey = 'SECRET/key+0123456789';

export interface ScriptedFetcher {
  readonly fetcher: MassiveFetcher;
  readonly vendor: ScriptedVendor;
  readonly clock: ReturnType<typeof createFakeClock>;
  readonly logs: RequestLog[];
  readonly retries: RetryNotice[];
  readonly signal: AbortSignal;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A fetcher, unpaced unless told, that talks to a scripted vendor; time passes only by its own waits. */
export async function startScriptedFetcher(
  script: readonly ScriptedAnswer[],
  config: Partial<FetcherConfig> = {},
  deps: Partial<FetcherDeps> = {},
): Promise<ScriptedFetcher> {
  const vendor = await startScriptedVendor(script);
  const clock = createFakeClock();
  const logs: RequestLog[] = [];
  const retries: RetryNotice[] = [];
  const fetcher = createMassiveFetcher(
    { baseUrl: vendor.baseUrl, apiKey: secretKey, rateLimitMs: 0, timeoutMs: 5000, ...config },
    {
      clock,
      random: () => 0,
      ...deps,
      onRequest: (log) => logs.push(log),
      onRetry: (notice) => retries.push(notice),
    },
  );
  return {
    fetcher,
    vendor,
    clock,
    logs,
    retries,
    signal: new AbortController().signal,
    async [Symbol.asyncDispose]() {
      await fetcher.close();
      await vendor[Symbol.asyncDispose]();
    },
  };
}

export interface VendorBar {
  readonly t: number;
  readonly [field: string]: unknown;
}

/** A row of bars with plausible numbers. */
export const barRow = (t: number, fields: object = {}): VendorBar => ({
  v: 1000,
  vw: 10.2,
  o: 10,
  c: 10.5,
  h: 11,
  l: 9.5,
  t,
  n: 12,
  ...fields,
});

/** An answer of bars as the vendor sends it; `results` is left out when empty. */
export const barsAnswer = (
  ticker: string | undefined,
  rows: readonly (object | null)[],
  extra: object = {},
): object => ({
  ...(ticker !== undefined && { ticker }),
  queryCount: rows.length,
  resultsCount: rows.length,
  adjusted: false,
  ...(rows.length > 0 && { results: rows }),
  status: 'OK',
  request_id: '0123456789abcdef0123456789abcdef',
  count: rows.length,
  ...extra,
});

/** Everything an iteration gives. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
