import type { AppError } from '../errors.ts';
import type { Bar, BaseTimeframe } from '../market/bar.ts';
import type { IsoDate } from '../market/date.ts';
import type { TimeBudget } from '../time-budget.ts';
import type { Split } from '../market/split.ts';
import type { LoggedRequest } from '../storage/requests.ts';

/** What an import needs of a vendor. All of it throws AppErrors and stops at the signal. */
export interface Vendor {
  /** A series' bars, page by page, oldest first. */
  bars(
    request: {
      symbol: string;
      timeframe: BaseTimeframe;
      from: IsoDate;
      to: IsoDate;
      /** A second look at an earlier answer. */
      evidence?: boolean;
      budget?: TimeBudget;
    },
    signal: AbortSignal,
  ): AsyncIterable<VendorPage>;
  /** All stocks' bars of one session; none when the vendor has none of anybody. */
  groupedDay(
    request: { readonly session: IsoDate; readonly evidence?: boolean },
    signal: AbortSignal,
  ): Promise<VendorDay>;
  /** The whole market's splits from an execution date on, announced ones included. */
  splits(query: { from: IsoDate; evidence?: boolean }, signal: AbortSignal): AsyncIterable<readonly Split[]>;
  /** What the vendor knows of a symbol, delisted or not; null when nothing. */
  findTicker(symbol: string, signal: AbortSignal, budget?: TimeBudget): Promise<VendorTicker | null>;
  /** Counted over the vendor's life. */
  readonly stats: VendorStats;
}

/** A vendor opened for one attempt; its counters are that attempt's. */
export interface OpenVendor extends Vendor {
  /** Drops all connections. */
  close(): Promise<void>;
}

/** Hears what becomes of an attempt's requests. */
export interface VendorListeners {
  /** A try failed and is repeated. */
  onRetry(retry: VendorRetry): void;
  /** Told once a page, however it ended. */
  onRequest(request: VendorRequest): void;
}

/** A try that failed and will be repeated. */
export interface VendorRetry {
  readonly symbol?: string;
  readonly error: AppError;
  readonly delayMs: number;
}

/** Requests count pages, however often each was tried. */
export interface VendorStats {
  readonly requests: number;
  /** Second looks, ticker details and the like. */
  readonly evidenceRequests: number;
  /** Tries after a page's first. */
  readonly retries: number;
  /** Tries that brought nothing usable, by cause. */
  readonly failedTries: Readonly<Record<string, number>>;
  readonly throttledMs: number;
  readonly retriesMs: number;
  readonly bytes: number;
}

/** One page asked for, however it ended. */
export type VendorRequest = Omit<LoggedRequest, 'attempt' | 'storeMs' | 'requestId' | 'endedAt'> & {
  /** Counts the requests of a vendor, from 1. */
  readonly n: number;
  readonly requestId: string | undefined;
  /** Ms since the epoch. */
  readonly endedAt: number;
};

export interface VendorDay {
  /** One a symbol, in no order. */
  readonly bars: readonly Bar[];
  readonly malformed: number;
  /** The `n` of its request. */
  readonly request: number;
}

export interface VendorPage {
  /** In order; each window once. Fields that were no numbers are NaN. */
  readonly bars: readonly Bar[];
  /** Rows that could not be placed in time at all. */
  readonly malformed: number;
  /** Every session of the request up to here is answered; null while not even the first is. */
  readonly coveredThrough: IsoDate | null;
  /** The `n` of its request. */
  readonly request: number;
}

export interface VendorTicker {
  readonly listedOn: IsoDate | null;
  /** The first day it no longer traded. */
  readonly delistedOn: IsoDate | null;
}
