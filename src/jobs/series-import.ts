import { AppError } from '../errors.ts';
import type { Bar } from '../market/bar.ts';
import { nextSession } from '../market/calendar.ts';
import type { IsoDate } from '../market/date.ts';
import { finalThrough } from '../market/finality.ts';
import { packBars } from '../market/packed-bars.ts';
import type { Series } from '../planning/asked-bars.ts';
import type { PageToStore } from '../storage/batch.ts';
import type { TimeBudget } from '../time-budget.ts';
import type { ClippedHistoryWatch } from './clipped-history.ts';
import type { SeriesResult } from './judge-series.ts';
import { validateBars } from './validate-bars.ts';
import type { Vendor } from './vendor.ts';

export interface SeriesImportDeps {
  readonly vendor: Vendor;
  /** Takes a page for storage; holds the download back while too much waits. */
  store(page: PageToStore): Promise<void>;
  /** Says what a person should know but cannot be kept in a table. */
  notice(text: string): void;
  readonly clipped: ClippedHistoryWatch;
  readonly now: () => number;
}

/** One symbol's series while it is being imported. Both calls throw what the vendor's port throws. */
export interface SeriesImport {
  readonly result: SeriesResult;
  /** Fetches the whole series and hands its pages to storage as they come. */
  read(signal: AbortSignal): Promise<void>;
  /** The due sessions without a bar that may be stored, of those that are listed. */
  doubts(isListed: (session: IsoDate) => boolean): readonly IsoDate[];
  /**
   * Asks once more for doubtful sessions: the vendor leaves out bars under load, for liquid symbols too. What a
   * second answer lacks as well is believed.
   */
  lookAgain(doubtful: readonly IsoDate[], signal: AbortSignal): Promise<void>;
}

export interface SeriesLimits {
  /** Sessions up to here are due. */
  readonly settledThrough: IsoDate;
  /** The newest session due of all that the run wants; undefined when none is. */
  readonly newestDue: IsoDate | undefined;
  /** Other sessions of the symbol were answered with bars. */
  readonly isKnown: boolean;
  /** Nothing before this series was ever answered. */
  readonly isFirst: boolean;
  readonly budget: TimeBudget;
}

/** `earlier`: what an earlier import of the series came to, to go on from. */
export function createSeriesImport(
  symbol: string,
  series: Series,
  limits: SeriesLimits,
  deps: SeriesImportDeps,
  earlier?: SeriesResult,
): SeriesImport {
  const { settledThrough, budget, newestDue, isKnown, isFirst } = limits;
  const { timeframe } = series;
  const stored = new Set<IsoDate>(earlier?.stored);
  const rejectedOn = new Set<IsoDate>();
  const rejectedStarts = new Set<number>();
  // A rejected bar was served, so its session is not missing.
  const seen = new Set<IsoDate>(earlier?.seen);

  async function fetch(
    range: { from: IsoDate; to: IsoDate },
    again: { isWanted(bar: Bar): boolean } | null,
    signal: AbortSignal,
  ): Promise<void> {
    const sessions = series.sessions.filter((session) => session >= range.from && session <= range.to);
    let answered = 0;
    const request = { symbol, timeframe, ...range, budget, evidence: again !== null };
    for await (const page of deps.vendor.bars(request, signal)) {
      const { bars, rejects } = validateBars(page.bars, timeframe);
      if (page.malformed > 0) {
        deps.notice(
          `Massive sent ${page.malformed} ${timeframe} rows of ${symbol} without a usable time; they are not stored.`,
        );
      }
      const wanted = again === null ? bars : bars.filter((bar) => again.isWanted(bar));
      const newRejects = rejects.filter(({ bar }) => !rejectedStarts.has(bar.startsAt));
      for (const { session } of bars) {
        stored.add(session);
        seen.add(session);
      }
      for (const { bar } of rejects) {
        rejectedOn.add(bar.session);
        rejectedStarts.add(bar.startsAt);
        seen.add(bar.session);
      }
      // Nothing at all is not believed yet: what stays without any bar is not covered, and asked again.
      if (seen.size === 0 && !isKnown) continue;
      const upTo = countThrough(sessions, page.coveredThrough);
      const isAnswered = (session: IsoDate): boolean =>
        seen.has(session) || (session <= settledThrough && session !== newestDue);
      const answer = sessionsAnswered(sessions.slice(answered, upTo), isAnswered, stored);
      answered = upTo;
      await deps.store({
        symbol,
        timeframe,
        bars: packBars(wanted),
        rejects: newRejects,
        request: page.request,
        finalThrough: finalThrough(deps.now()),
        ...(answer ?? { from: range.from, before: range.from, absent: [] }),
        rejected: answer?.absent.filter((session) => rejectedOn.has(session)) ?? [],
      });
    }
  }

  return {
    result: { series, seen, stored, newestDue, isKnown, isFirst },
    read: (signal) => fetch(series.range, null, signal),
    doubts: (isListed) =>
      series.sessions.filter(
        (session) =>
          session <= settledThrough &&
          (!stored.has(session) || rejectedOn.has(session)) &&
          isListed(session) &&
          !deps.clipped.isRefused(timeframe, session),
      ),
    async lookAgain(doubtful, signal) {
      const [first, last] = [doubtful[0], doubtful.at(-1)];
      if (first === undefined || last === undefined) return;
      const range = stored.size === 0 ? series.range : { from: first, to: last };
      const doubts = new Set(doubtful);
      const before = new Set(stored);
      const isWanted = ({ session }: Bar): boolean => doubts.has(session) || !before.has(session);
      try {
        await fetch(range, { isWanted }, signal);
      } catch (error) {
        // Older than the plan's history, which settles the doubt.
        if (!(error instanceof AppError) || error.code !== 'VENDOR_NOT_ENTITLED') throw error;
        deps.clipped.refused(timeframe, last);
      }
    },
  };
}

/**
 * What a page adds to coverage. A session without a bar counts as answered only once it has settled; the newest
 * such one not even then, until there is a reason: it would not be asked for again.
 */
function sessionsAnswered(
  sessions: readonly IsoDate[],
  isAnswered: (session: IsoDate) => boolean,
  stored: ReadonlySet<IsoDate>,
): { from: IsoDate; before: IsoDate; absent: IsoDate[] } | null {
  const answered = sessions.filter(isAnswered);
  const [first, last] = [answered[0], answered.at(-1)];
  if (first === undefined || last === undefined) return null;
  const absent = answered.filter((session) => !stored.has(session));
  return { from: first, before: nextSession(last), absent };
}

function countThrough(sessions: readonly IsoDate[], through: IsoDate | null): number {
  if (through === null) return 0;
  const after = sessions.findIndex((session) => session > through);
  return after === -1 ? sessions.length : after;
}
