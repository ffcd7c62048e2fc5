import { previousSession } from '../market/calendar.ts';
import type { BaseTimeframe } from '../market/bar.ts';
import type { IsoDate } from '../market/date.ts';
import { finalThrough } from '../market/finality.ts';
import { WHOLE_MARKET } from '../storage/absence-reasons.ts';
import type { PageToStore } from '../storage/batch.ts';
import { absentPage } from './absent-page.ts';
import type { ClippedHistoryWatch } from './clipped-history.ts';
import { createDayPages } from './day-import.ts';
import type { Doubt } from './judge-series.ts';
import type { MarketDay, MarketDays } from './market-days.ts';

export interface SettleDeps {
  readonly marketDays: MarketDays;
  readonly clipped: ClippedHistoryWatch;
  storeAll(pages: readonly PageToStore[]): Promise<void>;
  nothingServed(session: IsoDate, isRecent: boolean): void;
  readonly recentFrom: IsoDate;
  readonly now: () => number;
  /** At most so many days are asked for; what is left stays unexplained. */
  readonly mostDays: number;
}

/** Sessions that came without a bar, and whether evidence was found for or against them. */
export interface Settled {
  /** There is a bar after all, or a reason that there is none. */
  isExplained(symbol: string, timeframe: BaseTimeframe, session: IsoDate): boolean;
  /** The long silences of symbols that had a bar at one end after all: the answer was cut short. */
  readonly broken: ReadonlyMap<string, readonly IsoDate[]>;
}

/**
 * Asks for all stocks' bars of the doubtful sessions, the newest first. A day's bar that is there after all is
 * stored; one that is not there although the market is did not trade.
 */
export async function settleDoubts(
  doubts: readonly Doubt[],
  deps: SettleDeps,
  signal: AbortSignal,
): Promise<Settled> {
  const explained = new Set<string>();
  const there = new Set<string>();
  const bySession = new Map<IsoDate, Doubt[]>();
  for (const doubt of doubts) bySession.set(doubt.session, [...(bySession.get(doubt.session) ?? []), doubt]);
  let left = deps.mostDays;
  for (const [session, own] of [...bySession].toSorted(([a], [b]) => (a < b ? 1 : -1))) {
    if (left <= 0) break;
    if (deps.clipped.isRefused('daily', session)) continue;
    left--;
    const day = await deps.marketDays.ask(session, { evidence: true }, signal);
    if (day.kind === 'failed' || day.kind === 'refused') continue;
    if (own.length >= MANY && !deps.marketDays.hasNeighbour(session))
      await deps.marketDays.ask(previousSession(session), { evidence: true }, signal);
    const isRecent = session >= deps.recentFrom;
    const wholeness = deps.marketDays.wholeness(session);
    if (day.kind === 'empty') deps.nothingServed(session, isRecent);
    const isBelieved = !(isRecent && wholeness < WHOLE_MARKET);
    await deps.storeAll(pagesOf(own, day, isBelieved, finalThrough(deps.now())));
    for (const { symbol, timeframe } of own) {
      const isThere = day.kind === 'served' && day.bars.has(symbol);
      if (isThere) there.add(`${symbol} ${session}`);
      // A day's bar says that the hours should have come.
      if (isThere ? timeframe === 'daily' : isBelieved) explained.add(keyOf(symbol, timeframe, session));
    }
  }
  const isExplained = (symbol: string, timeframe: BaseTimeframe, session: IsoDate): boolean =>
    explained.has(keyOf(symbol, timeframe, session));
  await deps.storeAll(silences(doubts, deps, isExplained));
  const broken = doubts.flatMap(({ symbol, silence = [] }) => {
    const isThere = [silence[0], silence.at(-1)].some(
      (end) => end !== undefined && there.has(`${symbol} ${end}`),
    );
    return isThere ? [[symbol, silence] as const] : [];
  });
  return { isExplained, broken: new Map(broken) };
}

/** The sessions between the two ends of a long silence, where both are known to be without a bar. */
function silences(
  doubts: readonly Doubt[],
  { marketDays, now }: SettleDeps,
  isExplained: Settled['isExplained'],
): PageToStore[] {
  return doubts.flatMap(({ symbol, timeframe, silence = [] }) => {
    const [first, last] = [silence[0], silence.at(-1)];
    if (first === undefined || last === undefined) return [];
    const areBoth = isExplained(symbol, timeframe, first) && isExplained(symbol, timeframe, last);
    const stocks = Math.min(marketDays.stocks(first), marketDays.stocks(last));
    if (!areBoth || stocks === 0) return [];
    return [absentPage({ symbol, timeframe, sessions: silence, groupedRows: stocks }, finalThrough(now()))];
  });
}

/** So many symbols without a bar on one session may mean that the vendor lost it. */
const MANY = 3;

const keyOf = (symbol: string, timeframe: BaseTimeframe, session: IsoDate): string =>
  `${symbol} ${timeframe} ${session}`;

function pagesOf(
  doubts: readonly Doubt[],
  day: Exclude<MarketDay, { kind: 'failed' }>,
  isBelieved: boolean,
  final: IsoDate,
): PageToStore[] {
  const toPage = createDayPages(day.session, day, final);
  return doubts.flatMap(({ symbol, timeframe, isRejected }) => {
    const page = toPage(symbol, isBelieved);
    // What is in quarantine already is not put there again.
    if (page === null || (isRejected && page.bars.length === 0)) return [];
    if (timeframe === 'daily') return [page];
    // Of hours only their absence can be told.
    return page.bars.length === 0 && page.rejects.length === 0 ? [{ ...page, timeframe }] : [];
  });
}
