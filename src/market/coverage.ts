import type { BaseTimeframe } from './bar.ts';
import type { IsoDate } from './date.ts';

/** Half-open spans of dates, ascending and apart. */
export type DateSpans = readonly { readonly from: IsoDate; readonly before: IsoDate }[];

/** What was asked and answered of one symbol and base timeframe. */
export interface Coverage {
  readonly sessions: DateSpans;
  /** Of these, those to be asked once more when the next session has closed. */
  readonly provisional: DateSpans;
}

/** What is known of a symbol before anything is asked. */
export interface KnownSymbol {
  /** Absent for a timeframe never asked. */
  readonly covered: Partial<Readonly<Record<BaseTimeframe, Coverage>>>;
  /** It had a bar once, or the vendor told about it. */
  readonly isHeardOf: boolean;
  readonly listedOn: IsoDate | null;
  /** The first day it no longer traded. */
  readonly delistedOn: IsoDate | null;
}

/** The newest session of each base timeframe the vendor refused as older than the plan's history. */
export type RefusedHistory = Partial<Readonly<Record<BaseTimeframe, IsoDate>>>;
