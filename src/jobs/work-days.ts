import type { IsoDate } from '../market/date.ts';
import { type DayBrief, type DayOutcome, createDayJudge, fetchDay } from './day-import.ts';
import type { WorkDeps } from './import-attempt.ts';
import { type Failure, isListed, lateBar, notTraded, unknownSymbol } from './judge-series.ts';
import { briefSchema } from './fleet.ts';
import { throwStop } from './import-ranges.ts';
import { shareOut } from './share-out.ts';
import type { PlannedDay } from '../planning/import-plan.ts';
import { inParallel } from './in-parallel.ts';
import { askAbout } from './symbol-import.ts';
import type { Work } from './work.ts';

async function* eachOf<T>(list: readonly T[]): AsyncGenerator<T> {
  yield* list;
}

/** Big answers in work at once. */
const AT_ONCE = 2;

const refusedDay = (session: IsoDate): DayBrief => ({
  session,
  kind: 'refused',
  failure: null,
  stocks: 0,
  malformed: 0,
  missing: null,
  rejected: [],
});

/** A symbol while planned days that it wants are open. */
interface DaySymbol {
  open: number;
  hasBar: boolean;
  /** The newest session due was asked and nothing that can be believed came. */
  isLate: boolean;
  failure: Failure | null;
}

/** What the days of all stocks brought for symbols that want ranges as well. */
export interface WorkedDays {
  readonly failures: ReadonlyMap<string, Failure>;
  /** Those that had a bar. */
  readonly seen: ReadonlySet<string>;
}

/**
 * Works the planned days of all stocks. Symbols that want nothing else end here, each with its last day.
 */
export async function workDays(work: Work, deps: WorkDeps): Promise<WorkedDays> {
  const { plan } = work.attempt;
  const { clock } = deps;
  const symbols = new Map<string, DaySymbol>();
  for (const { wantedBy } of plan.days) {
    for (const block of wantedBy) {
      for (const symbol of block) {
        const state = symbols.get(symbol);
        if (state === undefined)
          symbols.set(symbol, { open: 1, hasBar: false, isLate: false, failure: null });
        else state.open++;
      }
    }
  }
  const daysOnly = [...symbols.keys()].filter((symbol) => !plan.ranges.has(symbol));
  const failures = new Map<string, Failure>();
  const seen = new Set<string>();
  const startedAt = clock.now();
  await work.hand(daysOnly);

  const finish = (symbol: string, { failure, hasBar, isLate }: DaySymbol): void => {
    if (plan.ranges.has(symbol)) {
      if (failure !== null) failures.set(symbol, failure);
      if (hasBar) seen.add(symbol);
      return;
    }
    const isStranger = plan.known.get(symbol)?.isHeardOf !== true && !hasBar;
    if (failure === null && isStranger) strangers.push(symbol);
    else if (failure !== null || !isLate) work.end(symbol, failure, share());
    // Of a lost session the symbol is not done: the run is parked and goes on with it.
    else if (!isLost(work)) work.end(symbol, lateBar(symbol, 'daily', work.newestDue.daily!, null), share());
  };
  const strangers: string[] = [];
  const share = (): number => (clock.now() - startedAt) / Math.max(1, daysOnly.length);
  const close = (symbol: string, change: (state: DaySymbol) => void): void => {
    const state = symbols.get(symbol)!;
    change(state);
    state.open--;
    if (state.open === 0) finish(symbol, state);
  };

  const judge = createDayJudge(plan.days, {
    ...work,
    notice: deps.notice,
    now: clock.now,
    dayDone: work.requestDone,
    symbolAnswered(symbol: string, session: IsoDate, outcome: DayOutcome) {
      close(symbol, (state) => {
        if (outcome === 'bar' || outcome === 'rejected') state.hasBar = true;
        if (outcome === 'open' && session === work.newestDue.daily) state.isLate = true;
      });
    },
    symbolFailed: (symbol, failure) => close(symbol, (state) => (state.failure ??= failure)),
  });
  let isOver = false;
  const take = async (brief: DayBrief): Promise<void> => {
    // Older days than one that was refused as too old would be refused as well.
    isOver ||= brief.kind === 'refused';
    await judge.arrived(brief);
  };
  const importHere = async (day: PlannedDay): Promise<void> =>
    take(isOver ? refusedDay(day.session) : await fetchDay(day, { ...work, now: clock.now }, work.signal));
  const importElsewhere = async (day: PlannedDay): Promise<boolean> => {
    if (isOver) {
      await importHere(day);
      return true;
    }
    const { runId, attempt } = work.attempt;
    const wanted = new Set(day.wantedBy.flat());
    const without = plan.symbols.filter((symbol) => !wanted.has(symbol));
    const item = { kind: 'day', session: day.session, without } as const;
    const result = await deps.fleet!.work({ runId, attempt, work: item }, work.signal);
    if (result?.kind !== 'answer') return false;
    throwStop(result.answer);
    const brief = briefSchema.parse(result.answer);
    if (brief.kind !== 'failed' && brief.kind !== 'refused' && day.session <= work.settledThrough)
      work.marketDays.learn(day.session, brief.stocks);
    if (brief.kind === 'refused') work.clipped.refused('daily', day.session);
    await take(brief);
    return true;
  };
  await shareOut(
    eachOf(plan.days),
    { atOnce: Math.min(AT_ONCE, deps.settings.parallelWorkers), work: importHere },
    deps.fleet && { room: deps.fleet.room, work: importElsewhere },
    work.signal,
  );
  work.signal.throwIfAborted();
  await inParallel(strangers, Math.max(1, deps.settings.parallelWorkers), async (symbol) =>
    work.end(symbol, await judgeStranger(symbol, work, deps), share()),
  );
  return { failures, seen };
}

const isLost = ({ lost, newestDue }: Work): boolean =>
  newestDue.daily !== undefined && lost.has(newestDue.daily);

/** Why a symbol fails that never had a bar and is on none of the days, or null: unknown, not listed then, or only without a trade. */
export async function judgeStranger(
  symbol: string,
  work: Work,
  { vendor }: WorkDeps,
): Promise<Failure | null> {
  const ticker = await askAbout(symbol, vendor, undefined, work.signal);
  if (ticker === null) return unknownSymbol(symbol);
  if (ticker === undefined) return null;
  work.lives.push({ symbol, ...ticker });
  const span = work.attempt.plan.spans.find(({ timeframe }) => timeframe === 'daily');
  const wasListed = span === undefined || span.sessions.some((session) => isListed(session, ticker));
  return wasListed || span === undefined ? null : notTraded(symbol, span.range, ticker);
}
