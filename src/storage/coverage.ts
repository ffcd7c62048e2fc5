import type pg from 'pg';
import type { BaseTimeframe } from '../market/bar.ts';
import { nextSession } from '../market/calendar.ts';
import { joinLists } from './join-lists.ts';
import type { IsoDate } from '../market/date.ts';

/** Sessions of one symbol and timeframe that were asked and answered. */
export interface Answered {
  readonly symbol: string;
  readonly timeframe: BaseTimeframe;
  /** Inclusive. */
  readonly from: IsoDate;
  /** Exclusive: the session after the last one answered; equal to `from` when none is answered whole yet. */
  readonly before: IsoDate;
  /** Sessions of the range that came without a bar. */
  readonly absent: readonly IsoDate[];
  /** Those of `absent` whose bars were all rejected. */
  readonly rejected: readonly IsoDate[];
  /** What is answered up to here, inclusive, need not be asked again. */
  readonly finalThrough: IsoDate;
  /** How many stocks an answer for all stocks had that lacks the `absent` sessions; null when none was asked. */
  readonly groupedRows?: number | null;
}

/** Of a symbol and timeframe, sessions that were answered for the time being and are answered for good now. */
export interface Finalized {
  readonly symbol: string;
  readonly timeframe: BaseTimeframe;
  /** A datemultirange, as text. */
  readonly sessions: string;
}

/** Fewer are looked up by the key. */
const MANY = 100;

/** What was known of answers before they were written. */
export interface EarlierCoverage {
  /** What the answers have made final. */
  readonly finalized: readonly Finalized[];
  /** Whether any session of what is answered of this symbol and timeframe had been answered before. */
  isRepeated(answer: Pick<Answered, 'symbol' | 'timeframe'>): boolean;
}

/**
 * Adds to the coverage of what was answered and locks it until the caller's transaction ends; whoever writes bars of a
 * symbol does this first. Rows that are missing are made first and then all are locked, each in order: writers wait for
 * each other and never deadlock. Nothing new writes nothing.
 */
export async function writeCoverage(
  client: pg.ClientBase,
  answers: readonly Answered[],
): Promise<EarlierCoverage> {
  if (answers.length === 0) return { finalized: [], isRepeated: () => false };
  const spans = spansOf(answers);
  const write = async (): Promise<{ rows: (Finalized & { isRepeated: boolean })[] }> => {
    await client.query(
      `INSERT INTO coverage (symbol, timeframe, sessions)
       SELECT DISTINCT a.symbol COLLATE "C", a.timeframe, '{}'::datemultirange
         FROM unnest($1::text[], $2::text[]) AS a(symbol, timeframe)
        -- Most are there; to find that by a conflict takes ten times as long.
        WHERE NOT EXISTS (SELECT FROM coverage c WHERE c.symbol = a.symbol AND c.timeframe = a.timeframe)
        ORDER BY a.symbol COLLATE "C", a.timeframe
       ON CONFLICT DO NOTHING`,
      spans.slice(0, 2),
    );
    return client.query<Finalized & { isRepeated: boolean }>(
      `WITH answered AS (
         SELECT symbol, timeframe, range_agg(daterange(from_session, before_session)) AS sessions,
                coalesce(range_agg(daterange(from_session, least(before_session, final_before)))
                           FILTER (WHERE from_session < final_before), '{}') AS final,
                coalesce(range_agg(daterange(greatest(from_session, final_before), before_session))
                           FILTER (WHERE before_session > final_before), '{}') AS provisional
           FROM unnest($1::text[], $2::text[], $3::date[], $4::date[], $5::date[])
                  AS a(symbol, timeframe, from_session, before_session, final_before)
          GROUP BY symbol, timeframe
       ), locked AS MATERIALIZED (
         SELECT c.symbol, c.timeframe, c.sessions AS earlier, c.provisional AS open, a.sessions, a.final, a.provisional
           FROM coverage c JOIN answered a USING (symbol, timeframe)
          ORDER BY c.symbol, c.timeframe
            FOR UPDATE OF c
       ), written AS (
         UPDATE coverage c
            SET sessions = l.earlier + l.sessions, updated_at = now(),
                -- What was answered for good once is not asked again.
                provisional = l.open - (l.sessions - l.provisional) + (l.provisional - (l.earlier - l.open))
           FROM locked l
          WHERE c.symbol = l.symbol AND c.timeframe = l.timeframe AND (NOT l.earlier @> l.sessions OR l.open && (l.sessions - l.provisional))
       )
       SELECT symbol, timeframe, (open * final)::text AS sessions, earlier && sessions AS "isRepeated" FROM locked`,
      spans,
    );
  };
  const areMany = spans[0].length >= MANY;
  if (areMany) await takeTurn(client);
  const { rows } = await (areMany ? joinLists(client, write) : write());
  const repeated = new Set(rows.filter(({ isRepeated }) => isRepeated).map(seriesOf));
  return {
    finalized: rows.filter(({ sessions }) => sessions !== '{}'),
    isRepeated: (answer) => repeated.size > 0 && repeated.has(seriesOf(answer)),
  };
}

/**
 * Batches of many symbols, such as days of all stocks, come one after the other: they meet in thousands of rows, and
 * PostgreSQL joins anew for each row that another has written while it was waited for.
 */
async function takeTurn(client: pg.ClientBase): Promise<void> {
  await client.query(
    "SELECT pg_advisory_xact_lock(hashtext('tickstock many symbols'), hashtext(current_schema()))",
  );
}

/** Locks the coverage of a run's symbols in work: whoever ends the run forgets some of it, and a batch locks coverage before the run. */
export async function lockCoverageInWork(client: pg.ClientBase, runId: string): Promise<void> {
  await client.query(
    `SELECT FROM coverage
      WHERE symbol IN (SELECT symbol FROM symbol_processing_status WHERE run_id = $1 AND status = 'in_progress')
      ORDER BY symbol, timeframe FOR UPDATE`,
    [runId],
  );
}

/** Makes the stored bars of sessions final, also those that the last answer did not repeat. */
export async function finalizeBars(client: pg.ClientBase, finalized: readonly Finalized[]): Promise<void> {
  for (const timeframe of ['daily', 'hourly'] as const) {
    const own = finalized.filter((one) => one.timeframe === timeframe);
    if (own.length === 0) continue;
    // By the key of either table; an hour's session is the New York date of its start.
    const key =
      timeframe === 'daily'
        ? 'b.session >= lower(a.sessions) AND b.session < upper(a.sessions)'
        : `b.starts_at >= lower(a.sessions)::timestamp AT TIME ZONE 'America/New_York'
           AND b.starts_at < upper(a.sessions)::timestamp AT TIME ZONE 'America/New_York'`;
    await client.query(
      `UPDATE bars_${timeframe} b SET final = true
         FROM unnest($1::text[], $2::datemultirange[]) AS a(symbol, sessions)
        WHERE b.symbol = a.symbol AND ${key} AND a.sessions @> b.session AND NOT b.final`,
      [own.map(({ symbol }) => symbol), own.map(({ sessions }) => sessions)],
    );
  }
}

export const seriesOf = ({ symbol, timeframe }: Pick<Answered, 'symbol' | 'timeframe'>): string =>
  `${symbol} ${timeframe}`;

/** The sessions answered, by column; of days of all stocks, which come by the session, those that follow each other as one. */
export function spansOf(answers: readonly Answered[]): [string[], string[], IsoDate[], IsoDate[], IsoDate[]] {
  const newest = new Map<string, Span>();
  const spans: Span[] = [];
  for (const { symbol, timeframe, from, before, finalThrough } of answers) {
    const series = seriesOf({ symbol, timeframe });
    const earlier = newest.get(series);
    if (earlier?.before === from && earlier.finalThrough === finalThrough) {
      earlier.before = before;
      continue;
    }
    const span = { symbol, timeframe, from, before, finalThrough };
    newest.set(series, span);
    spans.push(span);
  }
  return [
    spans.map((span) => span.symbol),
    spans.map((span) => span.timeframe),
    spans.map((span) => span.from),
    spans.map((span) => span.before),
    spans.map((span) => nextSession(span.finalThrough)),
  ];
}

interface Span extends Pick<Answered, 'symbol' | 'timeframe' | 'from' | 'finalThrough'> {
  before: IsoDate;
}

/** Forgets what was answered of symbols that never had a bar: the vendor does not know them. */
export async function forgetSymbols(client: pg.ClientBase, symbols: readonly string[]): Promise<void> {
  if (symbols.length === 0) return;
  for (const table of ['absences', 'coverage']) {
    await client.query(
      `DELETE FROM ${table} x
        WHERE x.symbol = ANY($1::text[])
          AND NOT EXISTS (SELECT FROM bars_daily b WHERE b.symbol = x.symbol)
          AND NOT EXISTS (SELECT FROM bars_hourly b WHERE b.symbol = x.symbol)`,
      [symbols],
    );
  }
}

/**
 * Forgets the sessions of symbols that were answered without a bar and have no reason for it yet: whoever was about
 * to doubt them is gone, and they are asked again.
 */
export async function forgetUnexplained(client: pg.ClientBase, symbols: readonly string[]): Promise<void> {
  if (symbols.length === 0) return;
  const { rows } = await client.query<{ symbol: string; timeframe: BaseTimeframe; session: IsoDate }>(
    `DELETE FROM absences WHERE symbol = ANY($1::text[]) AND reason = 'unexplained'
      RETURNING symbol, timeframe, session::text`,
    [symbols],
  );
  await client.query(
    `UPDATE coverage c SET sessions = c.sessions - a.sessions, provisional = c.provisional - a.sessions, updated_at = now()
       FROM (SELECT symbol, timeframe, range_agg(daterange(session, next)) AS sessions
               FROM unnest($1::text[], $2::text[], $3::date[], $4::date[]) AS a(symbol, timeframe, session, next)
              GROUP BY symbol, timeframe) a
      WHERE c.symbol = a.symbol AND c.timeframe = a.timeframe`,
    [
      rows.map(({ symbol }) => symbol),
      rows.map(({ timeframe }) => timeframe),
      rows.map(({ session }) => session),
      rows.map(({ session }) => nextSession(session)),
    ],
  );
}
