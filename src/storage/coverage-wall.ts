import { setImmediate } from 'node:timers/promises';
import type pg from 'pg';
import type { BaseTimeframe } from '../market/bar.ts';
import type { DateSpans, KnownSymbol } from '../market/coverage.ts';
import type { IsoDate } from '../market/date.ts';
import type { NameHistory } from '../market/name-history.ts';
import type { AbsenceReason } from './absence-reasons.ts';
import { readKnown, readRefusedHistory } from './known-coverage.ts';

/**
 * How a session of a symbol stands, in the order of how much it needs a person: an absence by its reason, and of what was
 * never answered why it may be so. What is `owed` was left out after earlier sessions had been answered.
 */
export const cellStates = [
  'not_asked',
  'not_due',
  'renamed',
  'not_listed',
  'delisted',
  'complete',
  'clipped',
  'no_trade',
  'rejected',
  'provisional',
  'vendor_outage',
  'vendor_gap',
  'unexplained',
  'owed',
] as const;
type CellState = (typeof cellStates)[number];

const codeOf = Object.fromEntries(cellStates.map((state, code) => [state, code])) as Record<
  CellState,
  number
>;

/** What the wall shows. */
export interface WallQuery {
  readonly symbols: readonly string[];
  readonly timeframe: BaseTimeframe;
  /** The calendar's sessions, in order. */
  readonly sessions: readonly IsoDate[];
  /** Sessions up to here are due. */
  readonly dueThrough: IsoDate;
  readonly names: NameHistory;
}

/** The sessions of a symbol, in order. */
export interface WallRow {
  readonly symbol: string;
  /** Runs of sessions that stand alike: the place of their state in `cellStates`, how many they are, and so on. */
  readonly runs: number[];
}

/** So many symbols at a time, so that what else this process has to do waits for milliseconds at most. */
const AT_A_TIME = 200;

/** How every session of the symbols stands, by coverage and absences alone; in the order of `symbols`. */
export async function readCoverageWall(
  client: pg.ClientBase | pg.Pool,
  query: WallQuery,
): Promise<WallRow[]> {
  // Coverage first: what is answered meanwhile then is an absence too many at worst, not a bar that there is not.
  const known = await readKnown(client, query.symbols);
  const refusedThrough = (await readRefusedHistory(client))[query.timeframe] ?? null;
  const absences = await readAbsences(client, query);
  const paint = createPainter(query, refusedThrough);
  const rows: WallRow[] = [];
  for (const symbol of query.symbols) {
    const cells = paint(symbol, known.get(symbol));
    for (const { state, from, before } of absences.get(symbol) ?? []) cells.fill(codeOf[state], from, before);
    rows.push({ symbol, runs: runsOf(cells) });
    if (rows.length % AT_A_TIME === 0) await setImmediate();
  }
  return rows;
}

interface AbsentRun {
  readonly state: AbsenceReason;
  /** Places in the query's sessions, half-open. */
  readonly from: number;
  readonly before: number;
}

/**
 * Absences as runs, by symbol. Of the millions there are in a market most lie in one run, before a listing or after an
 * end, and are told by its ends alone; the rest is read session by session.
 */
async function readAbsences(
  client: pg.ClientBase | pg.Pool,
  { symbols, timeframe, sessions }: WallQuery,
): Promise<Map<string, AbsentRun[]>> {
  const runs = new Map<string, AbsentRun[]>();
  const add = (symbol: string, run: AbsentRun): void => {
    const own = runs.get(symbol);
    if (own === undefined) runs.set(symbol, [run]);
    else own.push(run);
  };
  const { rows } = await client.query<{
    symbol: string;
    reason: AbsenceReason;
    first: IsoDate;
    last: IsoDate;
    count: number;
  }>(
    `SELECT symbol, reason, min(session)::text AS first, max(session)::text AS last, count(*)::integer AS count
       FROM absences
      WHERE symbol = ANY($1::text[]) AND timeframe = $2 AND session BETWEEN $3::date AND $4::date
      GROUP BY symbol, reason`,
    [symbols, timeframe, sessions[0], sessions.at(-1)],
  );
  const placeOf = new Map(sessions.map((session, place) => [session, place]));
  const apart = rows.filter(({ symbol, reason, first, last, count }) => {
    const [from = -1, to = -1] = [placeOf.get(first), placeOf.get(last)];
    if (to - from + 1 !== count) return true;
    add(symbol, { state: reason, from, before: to + 1 });
    return false;
  });
  const scattered = await client.query<{ symbol: string; reason: AbsenceReason; places: number[] }>(
    `SELECT a.symbol, a.reason, array_agg(n.n::integer - 1) AS places
       FROM absences a
       JOIN unnest($1::text[], $2::text[]) AS w(symbol, reason) ON w.symbol = a.symbol AND w.reason = a.reason
       JOIN unnest($4::date[]) WITH ORDINALITY AS n(session, n) ON n.session = a.session
      WHERE a.timeframe = $3 AND a.reason = ANY($2::text[])
      GROUP BY a.symbol, a.reason`,
    [apart.map(({ symbol }) => symbol), apart.map(({ reason }) => reason), timeframe, sessions],
  );
  for (const { symbol, reason, places } of scattered.rows)
    for (const place of places) add(symbol, { state: reason, from: place, before: place + 1 });
  return runs;
}

/** Tells how the sessions of symbols stand but for absences; the cells it gives hold until the next ones. */
function createPainter(
  { timeframe, sessions, dueThrough, names }: WallQuery,
  refusedThrough: IsoDate | null,
): (symbol: string, known: KnownSymbol | undefined) => Uint8Array {
  const cells = new Uint8Array(sessions.length);
  /** How many sessions lie before a date. */
  const before = (date: IsoDate): number => countUntil(sessions, (session) => session >= date);
  const through = (date: IsoDate | null): number =>
    date === null ? 0 : countUntil(sessions, (session) => session > date);
  const fill = (state: CellState, from: number, to: number = sessions.length): void =>
    void cells.fill(codeOf[state], from, to);
  const fillSpans = (state: CellState, spans: DateSpans): void => {
    for (const span of spans) fill(state, before(span.from), before(span.before));
  };
  const due = through(dueThrough);
  const refused = through(refusedThrough);

  return (symbol, known) => {
    const { sessions: covered, provisional } = known?.covered[timeframe] ?? { sessions: [], provisional: [] };
    const asked = covered[0] === undefined ? sessions.length : before(covered[0].from);
    const fillUnasked = (from: number, to: number): void => {
      fill('not_asked', from, Math.max(from, Math.min(to, asked)));
      fill('owed', Math.max(from, asked), Math.max(to, asked));
    };
    const others = names.otherNames(symbol);
    fillUnasked(0, sessions.length);
    for (const { after, until } of others) fill('renamed', through(after), endOf(until));
    if (others.length > 0)
      for (const { after, until } of names.ownSpans(symbol)) fillUnasked(through(after), endOf(until));
    fill('clipped', 0, refused);
    if (known?.listedOn != null) fill('not_listed', 0, before(known.listedOn));
    if (known?.delistedOn != null) fill('delisted', before(known.delistedOn));
    fill('not_due', due);
    fillSpans('complete', covered);
    fillSpans('provisional', provisional);
    return cells;
  };

  function endOf(until: IsoDate | null): number {
    return until === null ? sessions.length : through(until);
  }
}

/** How many dates come before the first one that `isBeyond`, which all after it are too. */
function countUntil(dates: readonly IsoDate[], isBeyond: (date: IsoDate) => boolean): number {
  let [low, high] = [0, dates.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBeyond(dates[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function runsOf(cells: Uint8Array): number[] {
  const runs: number[] = [];
  for (let from = 0, at = 1; from < cells.length; at++) {
    if (cells[at] === cells[from]) continue;
    runs.push(cells[from]!, at - from);
    from = at;
  }
  return runs;
}

/** The symbols of which anything was answered, in order, and the first session that was; of `symbols`, or of all for null. */
export async function findCovered(
  client: pg.ClientBase | pg.Pool,
  timeframe: BaseTimeframe,
  symbols: readonly string[] | null,
): Promise<{ readonly symbols: string[]; readonly first: IsoDate | null }> {
  const { rows } = await client.query<{ symbols: string[]; first: IsoDate | null }>(
    `SELECT coalesce(array_agg(symbol ORDER BY symbol), '{}') AS symbols, min(lower(sessions))::text AS first
       FROM coverage
      WHERE timeframe = $1 AND ($2::text[] IS NULL OR symbol = ANY($2)) AND NOT isempty(sessions)`,
    [timeframe, symbols],
  );
  return rows[0]!;
}
