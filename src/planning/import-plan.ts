import type { KnownSymbol, RefusedHistory } from '../market/coverage.ts';
import type { BaseTimeframe } from '../market/bar.ts';
import type { IsoDate } from '../market/date.ts';
import type { AskedBars, Series } from './asked-bars.ts';
import { hourlyRanges } from './hourly-ranges.ts';
import { type Runs, groupByGaps, minimumRequests } from './minimum-requests.ts';
import { requestBytes } from './request-cost.ts';
import { type Wanted, wantedSessions } from './wanted-sessions.ts';

/** All stocks' bars of one session, asked in one request. */
export interface PlannedDay {
  readonly session: IsoDate;
  /** Who lacks it, in blocks of symbols that lack the same. */
  readonly wantedBy: readonly (readonly string[])[];
}

/** Sessions of a symbol that have no bar and need no asking; `sessions` follow each other. */
export interface KnownAbsence {
  readonly symbol: string;
  readonly timeframe: BaseTimeframe;
  readonly sessions: readonly IsoDate[];
}

/** The fewest requests that bring what is asked for and not there yet. */
export interface ImportPlan extends AskedBars {
  /** The newest first. */
  readonly days: readonly PlannedDay[];
  /** Range requests by symbol; symbols without any are left out. */
  readonly ranges: ReadonlyMap<string, readonly Series[]>;
  readonly absences: readonly KnownAbsence[];
  /** What was known when it was planned. */
  readonly known: ReadonlyMap<string, KnownSymbol>;
  /** Bar requests, before second pages, retries and evidence. */
  readonly requests: number;
}

export interface PlanningFacts {
  readonly known: ReadonlyMap<string, KnownSymbol>;
  readonly refused: RefusedHistory;
  /** Answers of sessions up to here are final when given now. */
  readonly finalThrough: IsoDate;
  /** Asks for everything again, whatever is known. */
  readonly refresh: boolean;
}

/** Plans the requests of a run. Days come by ranges of a symbol or by all stocks of a session, hours by ranges only. */
export function planRequests(asked: AskedBars, facts: PlanningFacts): ImportPlan {
  const ranges = new Map<string, Series[]>();
  const absences: KnownAbsence[] = [];
  let days: PlannedDay[] = [];
  for (const span of asked.spans) {
    const wanted = wantedBySymbol(asked.symbols, span, facts);
    absences.push(...knownAbsences(wanted, span));
    const cut = createCutter(span);
    const add = (symbol: string, first: number, last: number): void => {
      const own = ranges.get(symbol) ?? [];
      own.push(cut(first, last));
      ranges.set(symbol, own);
    };
    if (span.timeframe === 'hourly') {
      for (const [symbol, { asked: runs }] of wanted)
        for (const [first, last] of hourlyRanges(runs)) add(symbol, first, last);
    } else {
      const gaps = [...wanted].flatMap(([symbol, { asked: runs }]) =>
        runs.length > 0 ? [{ symbol, runs }] : [],
      );
      const missing = groupByGaps(gaps);
      const least = minimumRequests(missing, { sessions: span.sessions.length, bytes: requestBytes });
      for (const { symbol, from, to } of least.ranges) add(symbol, from, to);
      days = least.groupedDays.toReversed().map((place) => ({
        session: span.sessions[place]!,
        wantedBy: missing.filter(({ runs }) => includes(runs, place)).map(({ symbols }) => symbols),
      }));
    }
  }
  const rangeRequests = [...ranges.values()].reduce((sum, own) => sum + own.length, 0);
  return { ...asked, days, ranges, absences, known: facts.known, requests: days.length + rangeRequests };
}

/** What of a planned range request is to be asked still, by what is known by now; null when nothing is. */
export function narrowSeries(
  { timeframe, sessions }: Series,
  known: KnownSymbol | undefined,
  { refused, finalThrough, refresh }: Omit<PlanningFacts, 'known'>,
): Series | null {
  const rules = { finalThrough, refusedThrough: refused[timeframe] ?? null, refresh };
  const { asked } = wantedSessions(sessions, timeframe, known, rules);
  const [first, last] = [asked[0]?.[0], asked.at(-1)?.[1]];
  if (first === undefined || last === undefined) return null;
  return createCutter({ timeframe, sessions })(first, last);
}

/** The symbols of which something is asked. */
export function askedSymbols({ days, ranges }: Pick<ImportPlan, 'days' | 'ranges'>): Set<string> {
  // Days share their blocks, which may be thousands of symbols each.
  const blocks = new Set(days.flatMap(({ wantedBy }) => wantedBy));
  return new Set([...ranges.keys(), ...[...blocks].flat()]);
}

/** What each symbol lacks; symbols of which the same is known share one answer. */
function wantedBySymbol(
  symbols: readonly string[],
  { timeframe, sessions }: Series,
  { known, refused, finalThrough, refresh }: PlanningFacts,
): Map<string, Wanted> {
  const rules = { finalThrough, refusedThrough: refused[timeframe] ?? null, refresh };
  const shared = new Map<string, Wanted>();
  return new Map(
    symbols.map((symbol) => {
      const facts = known.get(symbol);
      const key = JSON.stringify([facts?.covered[timeframe], facts?.listedOn, facts?.delistedOn]);
      const wanted = shared.get(key) ?? wantedSessions(sessions, timeframe, facts, rules);
      shared.set(key, wanted);
      return [symbol, wanted];
    }),
  );
}

function knownAbsences(wanted: ReadonlyMap<string, Wanted>, { timeframe, sessions }: Series): KnownAbsence[] {
  return [...wanted].flatMap(([symbol, { absent }]) =>
    absent.map(([first, last]) => ({ symbol, timeframe, sessions: sessions.slice(first, last + 1) })),
  );
}

/** Cuts series out of a span; the same places give the same series. */
function createCutter({
  timeframe,
  sessions,
}: Pick<Series, 'timeframe' | 'sessions'>): (first: number, last: number) => Series {
  const cuts = new Map<string, Series>();
  return (first, last) => {
    const key = `${first} ${last}`;
    const known = cuts.get(key);
    if (known !== undefined) return known;
    const own = sessions.slice(first, last + 1);
    const series = { timeframe, range: { from: own[0]!, to: own.at(-1)! }, sessions: own };
    cuts.set(key, series);
    return series;
  };
}

const includes = (runs: Runs, place: number): boolean =>
  runs.some(([first, last]) => first <= place && place <= last);
