import type { ErrorCode } from '../errors.ts';
import type { BaseTimeframe } from '../market/bar.ts';
import type { IsoDate } from '../market/date.ts';
import type { Series } from '../planning/asked-bars.ts';
import type { VendorTicker } from './vendor.ts';

export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
}

/** What came for one series. */
export interface SeriesResult {
  readonly series: Series;
  /** Sessions with at least one bar, rejected ones included: they were served. */
  readonly seen: ReadonlySet<IsoDate>;
  /** Those of them with a bar that may be stored. */
  readonly stored: ReadonlySet<IsoDate>;
  /** The newest session due of all that the run wants, in this series or not. */
  readonly newestDue: IsoDate | undefined;
  /** Other sessions of the symbol were answered with bars. */
  readonly isKnown: boolean;
  /** Nothing before this series was ever answered. */
  readonly isFirst: boolean;
}

/** A session without a bar that may have one. */
export interface Doubt {
  readonly symbol: string;
  readonly timeframe: BaseTimeframe;
  readonly session: IsoDate;
  /** It has a bar that was quarantined. */
  readonly isRejected?: boolean;
  /** The session ends a long silence, of these sessions, which is judged by its two ends. */
  readonly silence?: readonly IsoDate[];
}

/** True when a result leaves a doubt that asking the vendor about the symbol may settle. */
export function needsEvidence(results: readonly SeriesResult[], settledThrough: IsoDate): boolean {
  return results.some(({ series: { sessions }, seen, newestDue, isFirst }) => {
    const isDueHere = newestDue !== undefined && sessions.includes(newestDue);
    const [first] = sessions;
    const beginsLate = isFirst && first !== undefined && first <= settledThrough && !seen.has(first);
    return beginsLate || (isDueHere && !seen.has(newestDue));
  });
}

/**
 * Why a symbol failed, or null. It fails when no bar came where bars were due, or when the newest due
 * session has none; other missing sessions are absences. `ticker`: null when the vendor does not know the
 * symbol, undefined when it was not asked. `isExplained` tells the missing sessions for which evidence was found.
 */
export function judgeSeries(
  symbol: string,
  results: readonly SeriesResult[],
  settledThrough: IsoDate,
  ticker: VendorTicker | null | undefined,
  isExplained: (timeframe: BaseTimeframe, session: IsoDate) => boolean = () => false,
): Failure | null {
  if (ticker === null && results.every(({ seen, isKnown }) => seen.size === 0 && !isKnown))
    return unknownSymbol(symbol);
  for (const { series, seen, newestDue, isKnown } of results) {
    const { timeframe, range } = series;
    const listed = series.sessions.filter((session) => isListed(session, ticker));
    const isEmpty = seen.size === 0 && !isKnown;
    if (listed.length === 0 && isEmpty) return notTraded(symbol, range, ticker);
    const due = listed.filter((session) => session <= settledThrough);
    const missing = (session: IsoDate): boolean => !seen.has(session) && !isExplained(timeframe, session);
    if (isEmpty && due.some(missing)) {
      return {
        code: 'VENDOR_RESPONSE_INVALID',
        message: `Massive sent no ${timeframe} bar of ${symbol} from ${range.from} to ${range.to} though it should have traded. Try it again later.`,
      };
    }
    if (newestDue !== undefined && due.at(-1) === newestDue && missing(newestDue))
      return lateBar(symbol, timeframe, newestDue, newestOf(seen));
  }
  return null;
}

export const unknownSymbol = (symbol: string): Failure => ({
  code: 'SYMBOL_NOT_FOUND',
  message: `Massive does not know ${symbol}. Check the spelling (case matters; classes follow a dot, as in BRK.B) or take it off the list.`,
});

export const notTraded = (
  symbol: string,
  { from, to }: { readonly from: IsoDate; readonly to: IsoDate },
  ticker: VendorTicker | null | undefined,
): Failure => ({
  code: 'SYMBOL_NOT_FOUND',
  message: `${symbol} did not trade from ${from} to ${to} (${lifeOf(ticker)}). Ask for other dates or take it off the list.`,
});

/** `newest`: the newest session that came with it; null when none did. */
export const lateBar = (
  symbol: string,
  timeframe: BaseTimeframe,
  session: IsoDate,
  newest: IsoDate | null,
): Failure => ({
  code: 'VENDOR_NOT_READY',
  message: `Massive has no ${timeframe} bar of ${symbol} for ${session}, the newest session due${newest === null ? '' : `; the last one it sent is ${newest}`}. What came is stored; try it again later.`,
});

const newestOf = (sessions: ReadonlySet<IsoDate>): IsoDate | null =>
  sessions.size === 0 ? null : [...sessions].reduce((a, b) => (a > b ? a : b));

/** True unless the vendor says that the symbol did not trade then; a null or absent ticker says nothing. */
export function isListed(session: IsoDate, ticker: VendorTicker | null | undefined): boolean {
  if (!ticker) return true;
  return (
    (ticker.listedOn === null || session >= ticker.listedOn) &&
    (ticker.delistedOn === null || session < ticker.delistedOn)
  );
}

function lifeOf(ticker: VendorTicker | null | undefined): string {
  const listed = ticker?.listedOn ? `listed ${ticker.listedOn}` : 'listing date unknown';
  return ticker?.delistedOn ? `${listed}, delisted ${ticker.delistedOn}` : listed;
}
