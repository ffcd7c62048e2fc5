import type { Bar, SymbolFacts, Timeframe } from '../api/types.ts';

/** A place on the chart: seconds since the epoch as if New York's clocks showed UTC, so that the axis shows New York. */
export type Place = number;

/** What happened at a place besides trading. */
export interface Mark {
  readonly kind: 'gap' | 'reject' | 'split' | 'unapplied';
  readonly text: string;
  /** A few letters for the chart. */
  readonly label: string;
}

/** A place that the chart has: a bar or a blank, and what happened there. */
export interface Column {
  readonly place: Place;
  readonly bar: Bar | null;
  readonly marks: readonly Mark[];
}

const newYork = new Intl.DateTimeFormat('en-US', {
  timeZone: 'America/New_York',
  hourCycle: 'h23',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
});

/** Where a bar's stamp is: a New York date, or the UTC instant of an hour. */
export function placeOf(stamp: string): Place {
  if (stamp.length === 10) return Date.parse(`${stamp}T00:00:00Z`) / 1000;
  const shown: Record<string, number> = {};
  for (const { type, value } of newYork.formatToParts(Date.parse(stamp))) shown[type] = Number(value);
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0 } = shown;
  return Date.UTC(year, month - 1, day, hour, minute) / 1000;
}

const inWords = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat('en-US', { timeZone: 'UTC', year: 'numeric', ...options });
const day = { weekday: 'short', month: 'short', day: 'numeric' } as const;
const formats = {
  hourly: inWords({ ...day, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
  daily: inWords(day),
  weekly: inWords({ month: 'short', day: 'numeric' }),
  monthly: inWords({ month: 'long' }),
};

/** A place as people say it. */
export function placeWords(place: Place, timeframe: Timeframe): string {
  const words = formats[timeframe].format(place * 1000);
  if (timeframe === 'weekly') return `Week of ${words}`;
  return timeframe === 'hourly' ? `${words} New York` : words;
}

const DAY_S = 86_400;
/** So that a session without any hour has its place all the same: that of its first regular hour. */
const PLACE_OF_SESSION_S = 9 * 3600;
/** What lies before or after the life of a symbol is no hole in its chart. */
const OUT_OF_LIFE = new Set(['not_listed', 'delisted', 'clipped']);

/**
 * The columns of a chart in order: the bars, blanks where the vendor has none or sent one that broke a rule, and
 * marks on them. There is no column where there is no session.
 */
export function toColumns(
  bars: readonly Bar[],
  facts: SymbolFacts | undefined,
  timeframe: Timeframe,
  to: string | null,
): Column[] {
  const columns = new Map<Place, { bar: Bar | null; marks: Mark[] }>(
    bars.map((bar) => [placeOf(bar.date), { bar, marks: [] }]),
  );
  const places = [...columns.keys()];
  const [first = Infinity] = places;
  const last = to === null ? Infinity : placeOf(to) + DAY_S;
  const isBase = timeframe === 'hourly' || timeframe === 'daily';
  /** Weeks and months have what happened within them; of days and hours, the next one traded. */
  const nearest = (place: Place): Place | undefined =>
    isBase ? places.find((one) => one >= place) : places.findLast((one) => one <= place);
  const put = (place: Place | undefined, mark: Mark): void => {
    if (place === undefined || place < first || place >= last) return;
    const column = columns.get(place) ?? { bar: null, marks: [] };
    column.marks.push(mark);
    columns.set(place, column);
  };

  const own = isBase ? timeframe : 'daily';
  for (const { timeframe: of, reason, why, evidence, sessions } of facts?.gaps ?? []) {
    if (of !== own || OUT_OF_LIFE.has(reason)) continue;
    const mark: Mark = { kind: 'gap', text: `no bar: ${why} (${evidence})`, label: '○' };
    for (const session of sessions) {
      const place = placeOf(session) + (timeframe === 'hourly' ? PLACE_OF_SESSION_S : 0);
      put(isBase ? place : nearest(place), mark);
    }
  }
  for (const { timeframe: of, session, starts_at: startsAt, rule } of facts?.rejects ?? []) {
    if (of !== own) continue;
    const place = placeOf(timeframe === 'hourly' ? startsAt : session);
    put(isBase ? place : nearest(place), {
      kind: 'reject',
      text: `${isBase ? '' : `${session}: `}a bar was rejected: ${rule}`,
      label: '✕',
    });
  }
  for (const { date, from, to: into, is_applied: isApplied, verdict } of facts?.splits ?? []) {
    const place = nearest(placeOf(date));
    // An earlier one is none of these bars'; of hours, the first may be the first in new shares.
    const isSeen = placeOf(date) > first - DAY_S;
    put(isSeen ? place : undefined, {
      kind: isApplied ? 'split' : 'unapplied',
      text: `split ${into} for ${from}${isApplied ? '' : `, ${verdict === 'held' ? 'held back' : verdict}`}`,
      label: `${into}:${from}${isApplied ? '' : ' ?'}`,
    });
  }
  return [...columns].map(([place, column]) => ({ place, ...column })).toSorted((a, b) => a.place - b.place);
}
