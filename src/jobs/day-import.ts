import { nextSession } from '../market/calendar.ts';
import type { IsoDate } from '../market/date.ts';
import { finalThrough } from '../market/finality.ts';
import type { PlannedDay } from '../planning/import-plan.ts';
import { WHOLE_MARKET } from '../storage/absence-reasons.ts';
import type { PageToStore } from '../storage/batch.ts';
import type { Failure } from './judge-series.ts';
import type { MarketDay, MarketDays } from './market-days.ts';
import { validateBars } from './validate-bars.ts';

/** What a day of all stocks had for one symbol. `open`: nothing that can be believed yet. */
export type DayOutcome = 'bar' | 'rejected' | 'absent' | 'open';

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

/** Big answers in work at once. */
const AT_ONCE = 4;

/**
 * Asks for all stocks' bars of the planned days and stores those of the symbols that want them. A few days are
 * known before the first of them is judged, so that each has a neighbour to be compared with.
 */
export async function importDays(
  days: readonly PlannedDay[],
  deps: DayImportDeps,
  signal: AbortSignal,
): Promise<void> {
  const ask = (block: readonly PlannedDay[]): Promise<MarketDay[]> =>
    Promise.all(block.map(({ session }) => deps.marketDays.ask(session, { evidence: false }, signal)));
  let asking = ask(days.slice(0, AT_ONCE));
  for (let at = 0; at < days.length; at += AT_ONCE) {
    const answers = await asking;
    // Older days than one that was refused as too old would be refused as well.
    const isOver = answers.some(({ kind }) => kind === 'refused');
    asking = isOver ? Promise.resolve([]) : ask(days.slice(at + AT_ONCE, at + 2 * AT_ONCE));
    // Whoever fails below must not leave a rejection behind that nobody waits for.
    asking.catch(() => {});
    for (const [index, answer] of answers.entries()) await takeDay(days[at + index]!, answer, deps);
    if (!isOver) continue;
    for (const day of days.slice(at + AT_ONCE))
      await takeDay(day, { kind: 'refused', session: day.session }, deps);
    return;
  }
}

async function takeDay(
  { session, wantedBy }: PlannedDay,
  day: MarketDay,
  deps: DayImportDeps,
): Promise<void> {
  const { settledThrough, marketDays } = deps;
  deps.dayDone();
  const isDue = session <= settledThrough;
  if (day.kind === 'failed' && day.failure.code === 'VENDOR_NOT_READY') {
    // Not served yet: whoever wants it waits, and the run is parked if it is due.
    if (isDue) deps.nothingServed(session, true);
    for (const symbol of wantedBy.flat()) deps.symbolAnswered(symbol, session, 'open');
    return;
  }
  if (day.kind === 'failed') {
    for (const symbol of wantedBy.flat()) deps.symbolFailed(symbol, day.failure);
    return;
  }
  if (day.kind === 'served' && day.malformed > 0)
    deps.notice(`Massive sent ${day.malformed} rows of all stocks on ${session} that could not be read.`);
  const isRecent = session >= deps.recentFrom;
  const wholeness = day.kind === 'refused' ? 1 : marketDays.wholeness(session);
  if (isDue && wholeness < USABLE) deps.nothingServed(session, isRecent);
  const toPage = createDayPages(session, day, finalThrough(deps.now()));
  // What is missing from a recent day of a broken market may come later; older ones are remembered as lost.
  const isBelieved = isDue && !(wholeness < (session === settledThrough ? WHOLE_MARKET : USABLE) && isRecent);
  const pages: PageToStore[] = [];
  for (const block of wantedBy) {
    for (const symbol of block) {
      const page = toPage(symbol, isBelieved || day.kind === 'refused');
      if (page !== null) pages.push(page);
      deps.symbolAnswered(symbol, session, outcomeOf(page));
    }
  }
  await deps.storeAll(pages);
}

function outcomeOf(page: PageToStore | null): DayOutcome {
  if (page === null) return 'open';
  if (page.bars.length > 0) return 'bar';
  return page.rejects.length > 0 ? 'rejected' : 'absent';
}

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
    const absent = bars.length > 0 ? [] : [session];
    return {
      symbol,
      timeframe: 'daily',
      from: session,
      before,
      bars,
      rejects,
      absent,
      rejected: rejects.length > 0 ? absent : [],
      groupedRows,
      finalThrough: final,
      request,
    };
  };
}
