import type { Clock } from '../clock.ts';
import { usageError } from '../errors.ts';
import type { IsoDate } from '../market/date.ts';
import type { Split } from '../market/split.ts';
import { type BarPage, type BarRequest, fetchBars } from './aggregates.ts';
import { type GroupedDay, fetchGroupedDay } from './grouped-daily.ts';
import { createCircuit } from './circuit.ts';
import { createHttpGet } from './http-get.ts';
import { type MarketStatus, fetchMarketStatus } from './market-status.ts';
import { type Pacer, createPacer } from './pacing.ts';
import { type RetryPolicy, createPageRequests, defaultRetryPolicy } from './page-request.ts';
import { type FetchStats, type RequestLog, type RetryNotice, createStats } from './request-log.ts';
import { type SplitQuery, fetchSplits } from './splits.ts';
import type { TimeBudget } from '../time-budget.ts';
import { type Ticker, type TickerQuery, fetchTickers, findTicker } from './tickers.ts';

export type { BarPage, BarRequest } from './aggregates.ts';
export type { GroupedDay } from './grouped-daily.ts';
export type { MarketStatus } from './market-status.ts';
export type { FetchStats, RequestLog, RetryNotice } from './request-log.ts';
export type { SplitQuery } from './splits.ts';
export type { Ticker, TickerQuery } from './tickers.ts';

export interface FetcherConfig {
  /** The vendor's API, or the sandbox: `https://host[:port][/path]`. */
  readonly baseUrl: string;
  readonly apiKey: string;
  /** Least ms between requests; 0 is unpaced. */
  readonly rateLimitMs: number;
  /** Bounds connecting, the answer's beginning and each silence within it; twice that the whole of a try. */
  readonly timeoutMs: number;
  /** Tries of a page that fails for a moment; 6 when absent. */
  readonly maxTries?: number | undefined;
  readonly backoff?: Partial<Omit<RetryPolicy, 'maxTries'>> | undefined;
  /** Tries in a row, over several symbols, without anything usable that mean an outage; 50 when absent. */
  readonly outageRequests?: number | undefined;
  /** 32 when absent; opened as needed. */
  readonly maxConnections?: number | undefined;
}

export interface FetcherDeps {
  readonly clock: Clock;
  readonly random: () => number;
  /** Shared by everything that uses the key; one for this fetcher when absent. */
  readonly pacer?: Pacer | undefined;
  /** Its requests go ahead of what is not urgent. */
  readonly isUrgent?: boolean | undefined;
  /** Told once a page, however it ended. */
  onRequest?(log: RequestLog): void;
  /** Told before each wait for another try. */
  onRetry?(notice: RetryNotice): void;
}

/** The Massive API as data: raw bars, splits and tickers, each failure an AppError that says what to do. */
export interface MassiveFetcher {
  bars(request: BarRequest, signal: AbortSignal): AsyncGenerator<BarPage, void, undefined>;
  groupedDay(
    request: { readonly session: IsoDate; readonly evidence?: boolean },
    signal: AbortSignal,
  ): Promise<GroupedDay>;
  splits(query: SplitQuery, signal: AbortSignal): AsyncGenerator<Split[], void, undefined>;
  tickers(query: TickerQuery, signal: AbortSignal): AsyncGenerator<Ticker[], void, undefined>;
  findTicker(symbol: string, signal: AbortSignal, budget?: TimeBudget): Promise<Ticker | null>;
  marketStatus(signal: AbortSignal): Promise<MarketStatus>;
  readonly stats: Readonly<FetchStats>;
  /** Drops all connections; what is still under way fails. */
  close(): Promise<void>;
}

const defaultOutageRequests = 50;

/** @throws AppError CONFIG_INVALID for a base URL or key that cannot work. */
export function createMassiveFetcher(config: FetcherConfig, deps: FetcherDeps): MassiveFetcher {
  const baseUrl = parseBaseUrl(config.baseUrl);
  // A line break or a letter beyond ASCII comes from pasting, and no header may carry it.
  if (!/^[\x21-\x7e]+$/.test(config.apiKey)) {
    throw usageError('The Massive API key is empty or has characters no key has. Check MASSIVE_API_KEY.');
  }
  const http = createHttpGet({ ...config, baseUrl });
  const stats = createStats();
  const pacer = deps.pacer ?? createPacer({ intervalMs: config.rateLimitMs }, deps.clock);
  const retry: RetryPolicy = {
    ...defaultRetryPolicy,
    ...config.backoff,
    ...(config.maxTries !== undefined && { maxTries: config.maxTries }),
  };
  const requestPage = createPageRequests(config.apiKey, retry, {
    ...deps,
    http,
    pacer,
    circuit: createCircuit({ requests: config.outageRequests ?? defaultOutageRequests }, deps.clock.now),
    stats,
  });
  const ask = { requestPage, baseUrl, stats };

  return {
    bars: (request, signal) => fetchBars(ask, request, signal),
    groupedDay: (request, signal) => fetchGroupedDay(ask, request, signal),
    splits: (query, signal) => fetchSplits(ask, query, signal),
    tickers: (query, signal) => fetchTickers(ask, query, signal),
    findTicker: (symbol, signal, budget) => findTicker(ask, symbol, signal, budget),
    marketStatus: (signal) => fetchMarketStatus(ask, signal),
    stats,
    close: () => http.close(),
  };
}

function parseBaseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (
    url === null ||
    !/^https?:$/.test(url.protocol) ||
    url.username + url.password !== '' ||
    url.search !== ''
  ) {
    throw usageError('Cannot use MASSIVE_BASE_URL: expected an address such as https://api.massive.com.');
  }
  return url;
}
