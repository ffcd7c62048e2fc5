import type { ErrorCode } from '../errors.ts';
import type { IsoDate } from '../market/date.ts';
import type { Series } from '../planning/import-plan.ts';
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
}

/** True when a result leaves a doubt that asking the vendor about the symbol may settle. */
export function needsEvidence(results: readonly SeriesResult[], settledThrough: IsoDate): boolean {
  return results.some(({ series, seen }) => {
    const newest = newestDue(series.sessions, settledThrough);
    return seen.size === 0 || (newest !== undefined && !seen.has(newest));
  });
}

/**
 * Why a symbol failed, or null. It fails when no bar came where bars were due, or when the newest due
 * session has none; other missing sessions are absences. `ticker`: null when the vendor does not know the
 * symbol, undefined when it was not asked. Sessions after `settledThrough` are not due yet.
 */
export function judgeSeries(
  symbol: string,
  results: readonly SeriesResult[],
  settledThrough: IsoDate,
  ticker: VendorTicker | null | undefined,
): Failure | null {
  if (ticker === null && results.every(({ seen }) => seen.size === 0)) {
    return {
      code: 'SYMBOL_NOT_FOUND',
      message: `Massive does not know ${symbol}. Check the spelling (case matters; classes follow a dot, as in BRK.B) or take it off the list.`,
    };
  }
  for (const { series, seen } of results) {
    const { from, to } = series.range;
    const listed = series.sessions.filter((session) => isListed(session, ticker));
    if (listed.length === 0 && seen.size === 0) {
      return {
        code: 'SYMBOL_NOT_FOUND',
        message: `${symbol} did not trade from ${from} to ${to} (${lifeOf(ticker)}). Ask for other dates or take it off the list.`,
      };
    }
    const newest = newestDue(listed, settledThrough);
    if (newest === undefined || seen.has(newest)) continue;
    if (seen.size === 0) {
      return {
        code: 'VENDOR_RESPONSE_INVALID',
        message: `Massive sent no ${series.timeframe} bar of ${symbol} from ${from} to ${to} though it should have traded. Try it again later.`,
      };
    }
    return {
      code: 'VENDOR_NOT_READY',
      message: `Massive has no ${series.timeframe} bar of ${symbol} for ${newest}, the newest session due; the last one it sent is ${newestOf(seen)}. What came is stored; try it again later.`,
    };
  }
  return null;
}

const newestDue = (sessions: readonly IsoDate[], settledThrough: IsoDate): IsoDate | undefined =>
  sessions.findLast((session) => session <= settledThrough);

const newestOf = (sessions: ReadonlySet<IsoDate>): IsoDate => [...sessions].reduce((a, b) => (a > b ? a : b));

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
