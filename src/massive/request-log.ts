import type { AppError, ErrorCode } from '../errors.ts';
import type { DateRange } from '../market/date.ts';
import type { Cause } from './cause.ts';

/** Live counters of one fetcher. */
export interface FetchStats {
  /** Pages of bars and splits asked for, each once however often it was tried. */
  requests: number;
  /** Pages asked for as evidence: second looks, ticker details, listings, market status. */
  evidenceRequests: number;
  /** Of all pages, those after the first of their series. */
  laterPages: number;
  /** Tries after a page's first. */
  retries: number;
  /** Tries that brought nothing usable, by cause. */
  failedTries: Partial<Record<Cause, number>>;
  /** Spent waiting because the vendor throttled, as a clock on the wall shows it. */
  throttledMs: number;
  /** Spent on failed tries and the waits after them, summed over requests; throttling aside. */
  retriesMs: number;
  /** Body bytes as they came over the wire. */
  bytes: number;
  /** Rows received in answers that could be used. */
  rows: number;
  /** Rows left out because they could not be understood. */
  malformed: number;
  /** Spent waiting for slots and between tries. */
  waitMs: number;
  /** Spent between sending and the body's end. */
  netMs: number;
}

export const createStats = (): FetchStats => ({
  requests: 0,
  evidenceRequests: 0,
  laterPages: 0,
  retries: 0,
  failedTries: {},
  throttledMs: 0,
  retriesMs: 0,
  bytes: 0,
  rows: 0,
  malformed: 0,
  waitMs: 0,
  netMs: 0,
});

/** One page asked for, however it ended. */
export interface RequestLog {
  /** Counts the pages of one fetcher, from 1, in the order they were asked for. */
  readonly n: number;
  /** As planned, a later page of that, or to settle a doubt. */
  readonly purpose: 'planned' | 'page' | 'evidence';
  readonly route: string;
  readonly symbol: string | null;
  /** What was asked for, where that has dates. */
  readonly sessions: DateRange | null;
  /** The path under `path`, and the query. */
  readonly params: Readonly<Record<string, string>>;
  /** The last try's HTTP status; null when none came. */
  readonly status: number | null;
  readonly tries: number;
  readonly waitMs: number;
  readonly netMs: number;
  /** The part of that spent on reading rows as they came. */
  readonly parseMs: number;
  readonly bytes: number;
  readonly rows: number;
  readonly requestId: string | undefined;
  /** Why it brought nothing; null when it did. */
  readonly errorCode: ErrorCode | null;
  /** Ms since the epoch. */
  readonly endedAt: number;
}

/** A try that failed and will be repeated. */
export interface RetryNotice {
  readonly symbol?: string;
  readonly error: AppError;
  readonly delayMs: number;
  /** The try that failed, from 1. */
  readonly attempt: number;
  /** The time between requests from now on, when the refusal has made it longer. */
  readonly slowedToMs?: number | null;
}
