import { nextSession } from '../market/calendar.ts';
import type { IsoDate } from '../market/date.ts';
import { finalThrough } from '../market/finality.ts';
import type { PlannedDay } from '../planning/import-plan.ts';
import { WHOLE_MARKET } from '../storage/absence-reasons.ts';
import type { PageToStore } from '../storage/batch.ts';
import { absentPage } from './absent-page.ts';
import type { Failure } from './judge-series.ts';
import type { MarketDay, MarketDays } from './market-days.ts';
import { validateBars } from './validate-bars.ts';

/** What a day of all stocks had for one symbol. `open`: nothing that can be believed yet. */
export type DayOutcome = 'bar' | 'rejected' | 'absent' | 'open';

/** What a day of all stocks came to for those who wanted it; their bars are stored. */
export interface DayBrief {
  readonly session: IsoDate;
  readonly kind: MarketDay['kind'];
  /** Why it failed for good. */
  readonly failure: Failure | null;
  /** How many stocks it had. */
  readonly stocks: number;
  /** Rows that could not be read. */
  readonly malformed: number;
  /** Who wanted it and has no bar on it; null for all of them. */
  readonly missing: readonly string[] | null;
  /** Whose bar was quarantined. */
  readonly rejected: readonly string[];
}

/** Asks for all stocks' bars of a day and stores those of the symbols that want it. */
export async function fetchDay(
  { session, wantedBy }: PlannedDay,
  deps: {
    readonly marketDays: MarketDays;
    storeAll(pages: readonly PageToStore[]): Promise<void>;
    readonly now: () => number;
  },
  signal: AbortSignal,
): Promise<DayBrief> {
  const day = await deps.marketDays.ask(session, { evidence: false }, signal);
  const brief = {
    session,
    kind: day.kind,
    failure: null,
    stocks: 0,
    malformed: 0,
    missing: null,
    rejected: [],
  };
  if (day.kind === 'failed') return { ...brief, failure: day.failure };
  if (day.kind !== 'served') return brief;
  const toPage = createDayPages(session, day, finalThrough(deps.now()));
  const missing: string[] = [];
  const rejected: string[] = [];
  const pages: PageToStore[] = [];
  for (const symbol of wantedBy.flat()) {
    const page = toPage(symbol, false);
    if (page === null) missing.push(symbol);
    else pages.push(page);
    if (page !== null && page.bars.length === 0) rejected.push(symbol);
  }
  await deps.storeAll(pages);
  return { ...brief, stocks: day.bars.size, malformed: day.malformed, missing, rejected };
}

export interface DayImportDeps {
  readonly marketDays: MarketDays;
  /** Takes the pages of a day for storage. */
  storeAll(pages: readonly PageToStore[]): Promise<void>;
  /** Told of each symbol that wanted the day. */
  symbolAnswered(symbol: string, session: IsoDate, outcome: DayOutcome): void;
  /** Told of each symbol that wanted a day which failed for good. */
  symbolFailed(symbol: string, failure: Failure): void;
  /** The vendor has nothing to speak of on a session that is due. */
  nothingServed(session: IsoDate, isRecent: boolean): void;
  dayDone(): void;
  readonly settledThrough: IsoDate;
  /** From here on a session without anything is waited for; an older one is believed to be lost. */
  readonly recentFrom: IsoDate;
  readonly now: () => number;
  readonly notice: (text: string) => void;
}

/** A day with a smaller share of its neighbours' stocks is of no use. */
const USABLE = 0.5;

/** So many of the days after one are known before it is judged, so that it has a neighbour to be compared with. */
const LOOK_AHEAD = 3;

/**
 * Judges the planned days, in their order, as their briefs come in, in any order: what is missing from a day is
 * absent, or left open.
 */
export function createDayJudge(
  days: readonly PlannedDay[],
  deps: DayImportDeps,
): { arrived(brief: DayBrief): Promise<void> } {
  const briefs = new Map<IsoDate, DayBrief>();
  let next = 0;
  let judging: Promise<void> = Promise.resolve();
  const isKnown = (place: number): boolean => place >= days.length || briefs.has(days[place]!.session);
  const judge = async (): Promise<void> => {
    while (next < days.length) {
      for (let ahead = 0; ahead <= LOOK_AHEAD; ahead++) if (!isKnown(next + ahead)) return;
      const day = days[next++]!;
      const brief = briefs.get(day.session)!;
      // Hundreds of days of thousands of symbols would pile up.
      briefs.set(day.session, { ...brief, missing: null, rejected: [] });
      await judgeDay(day, brief, deps);
    }
  };
  return {
    arrived(brief) {
      briefs.set(brief.session, brief);
      judging = judging.then(judge);
      return judging;
    },
  };
}

async function judgeDay(
  { session, wantedBy }: PlannedDay,
  brief: DayBrief,
  deps: DayImportDeps,
): Promise<void> {
  const { settledThrough, marketDays } = deps;
  const { kind, failure } = brief;
  deps.dayDone();
  const isDue = session <= settledThrough;
  const symbols = wantedBy.flat();
  if (failure?.code === 'VENDOR_NOT_READY') {
    // Not served yet: whoever wants it waits, and the run is parked if it is due.
    if (isDue) deps.nothingServed(session, true);
    for (const symbol of symbols) deps.symbolAnswered(symbol, session, 'open');
    return;
  }
  if (failure !== null) {
    for (const symbol of symbols) deps.symbolFailed(symbol, failure);
    return;
  }
  if (brief.malformed > 0)
    deps.notice(`Massive sent ${brief.malformed} rows of all stocks on ${session} that could not be read.`);
  const isRecent = session >= deps.recentFrom;
  const wholeness = kind === 'refused' ? 1 : marketDays.wholeness(session);
  if (isDue && wholeness < USABLE) deps.nothingServed(session, isRecent);
  // What is missing from a recent day of a broken market may come later; older ones are remembered as lost.
  const isBelieved =
    kind === 'refused' ||
    (isDue && !(wholeness < (session === settledThrough ? WHOLE_MARKET : USABLE) && isRecent));
  const groupedRows = kind === 'refused' ? null : brief.stocks;
  const final = finalThrough(deps.now());
  const missing = new Set(brief.missing ?? symbols);
  const rejected = new Set(brief.rejected);
  if (isBelieved)
    await deps.storeAll(
      [...missing].map((symbol) =>
        absentPage({ symbol, timeframe: 'daily', sessions: [session], groupedRows }, final),
      ),
    );
  for (const symbol of symbols) {
    const outcome = missing.has(symbol)
      ? isBelieved
        ? 'absent'
        : 'open'
      : rejected.has(symbol)
        ? 'rejected'
        : 'bar';
    deps.symbolAnswered(symbol, session, outcome);
  }
}

const NONE: readonly IsoDate[] = [];

/** Makes the page of one symbol out of a day of all stocks; null when it is absent and that is not to be believed. */
export function createDayPages(
  session: IsoDate,
  day: Exclude<MarketDay, { kind: 'failed' }>,
  final: IsoDate,
): (symbol: string, isBelieved: boolean) => PageToStore | null {
  const before = nextSession(session);
  const groupedRows = day.kind === 'refused' ? null : day.kind === 'empty' ? 0 : day.bars.size;
  const request = day.kind === 'refused' ? null : day.request;
  return (symbol, isBelieved) => {
    const bar = day.kind === 'served' ? day.bars.get(symbol) : undefined;
    if (bar === undefined && !isBelieved) return null;
    const { bars, rejects } = validateBars(bar === undefined ? [] : [bar], 'daily');
    const absent = bars.length > 0 ? NONE : [session];
    return {
      symbol,
      timeframe: 'daily',
      from: session,
      before,
      bars,
      rejects,
      absent,
      rejected: rejects.length > 0 ? absent : NONE,
      groupedRows,
      finalThrough: final,
      request,
    };
  };
}
