import type { IsoDate } from '../market/date.ts';
import type { BarColumns } from './bar-columns.ts';

export type BaseTimespan = 'minute' | 'hour' | 'day';

/** One ticker and the time it was that company's. */
export interface Listing {
  readonly symbol: string;
  readonly name: string;
  readonly type: 'CS' | 'ETF';
  /** ISO code of the exchange. */
  readonly exchange: string;
  readonly sector: string | null;
  readonly listedOn: IsoDate;
  /** The first day it no longer traded; null while it does. Compare with the sandbox's today. */
  readonly delistedOn: IsoDate | null;
  /** The same for all tickers of one company. */
  readonly cik: string;
}

/** A split as announced; `to` new shares for `from` old ones. */
export interface MarketSplit {
  readonly id: string;
  readonly symbol: string;
  readonly executionDate: IsoDate;
  readonly from: number;
  readonly to: number;
  readonly announcedOn: IsoDate;
  /** The day it was called off, always before its execution; null when it happens. */
  readonly cancelledOn: IsoDate | null;
}

export interface Dividend {
  readonly symbol: string;
  readonly exDate: IsoDate;
  readonly cash: number;
}

/** The raw bars of one symbol. */
export interface Series {
  /** Its splits that happen, one a date, by date. */
  readonly splits: readonly MarketSplit[];
  /** First and last session with bars, as far as known without looking. */
  readonly firstSession: number;
  readonly lastSession: number;
  /** Appends the bars of one session that have begun by `now` (ms since the epoch), oldest first. */
  append(timespan: BaseTimespan, session: number, now: number, bars: BarColumns): void;
}

/** Where the sandbox takes its bars and companies from. */
export interface Market {
  /** Null for a symbol it never had; case matters. */
  findSeries(symbol: string): Series | null;
  /** Symbols that may have a day bar, in an order that does not change. */
  daySymbols(): readonly string[];
  findListing(symbol: string): Listing | null;
  /** All tickers there ever were, by symbol in code unit order. */
  listings(): readonly Listing[];
  /** Every row, also the repeated and the cancelled ones. */
  splits(): readonly MarketSplit[];
  dividends(): readonly Dividend[];
}
