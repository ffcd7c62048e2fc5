import type pg from 'pg';
import type { BaseTimeframe } from '../market/bar.ts';
import { calendarYears, previousSession, sessionsBetween } from '../market/calendar.ts';
import type { DateRange, IsoDate } from '../market/date.ts';
import type { SplitVerdict } from '../market/split-verdict.ts';
import { absenceReasons } from './absence-reasons.ts';
import { type Gap, type GapCount, countGaps, listGaps } from './gaps.ts';
import { parseSpans } from './known-coverage.ts';

/** What is covered of a base timeframe. */
export interface CoverageFacts {
  readonly timeframe: BaseTimeframe;
  readonly ranges: readonly DateRange[];
  /** Of these, to be asked once more. */
  readonly provisional: readonly DateRange[];
  readonly sessions: number;
  readonly sessionsWithBars: number;
}

export interface StoredSymbol {
  readonly symbol: string;
  readonly name: string | null;
  readonly coverage: readonly CoverageFacts[];
}

interface CoverageRow {
  readonly timeframe: BaseTimeframe;
  readonly sessions: string;
  readonly provisional: string;
  readonly absent: number;
}

/** Each covered session has a bar or an absence, so bars need not be counted. */
const coverageOf = (symbol: string): string => `
  SELECT coalesce(json_agg(json_build_object('timeframe', c.timeframe, 'sessions', c.sessions::text, 'provisional', c.provisional::text,
           'absent', (SELECT count(*) FROM absences a WHERE a.symbol = c.symbol AND a.timeframe = c.timeframe)) ORDER BY c.timeframe), '[]')
    FROM coverage c WHERE c.symbol = ${symbol} AND NOT isempty(c.sessions)`;

/**
 * Symbols of which something was asked and answered, by symbol, after `after`: those that begin with `find` or whose
 * name has it, whatever its case. Names are those of the database's universes, else of `names`.
 */
export async function listStoredSymbols(
  client: pg.ClientBase | pg.Pool,
  query: {
    readonly find?: string | undefined;
    readonly after?: string | undefined;
    readonly limit: number;
    readonly names: ReadonlyMap<string, string>;
  },
): Promise<StoredSymbol[]> {
  const { rows } = await client.query<{ symbol: string; name: string | null; coverage: CoverageRow[] }>(
    `WITH own AS (
       SELECT DISTINCT ON (symbol) symbol, name FROM universe_members WHERE name IS NOT NULL ORDER BY symbol, valid_to DESC, universe
     ), page AS (
       SELECT c.symbol, coalesce(own.name, shipped.name) AS name
         FROM (SELECT DISTINCT symbol FROM coverage WHERE NOT isempty(sessions) AND ($2::text IS NULL OR symbol > $2)) c
         LEFT JOIN own ON own.symbol = c.symbol
         LEFT JOIN unnest($4::text[], $5::text[]) AS shipped(symbol, name) ON shipped.symbol = c.symbol
        WHERE $1::text IS NULL OR starts_with(lower(c.symbol), lower($1)) OR strpos(lower(coalesce(own.name, shipped.name)), lower($1)) > 0
        ORDER BY c.symbol LIMIT $3
     )
     SELECT symbol, name, (${coverageOf('page.symbol')}) AS coverage FROM page ORDER BY symbol`,
    [
      query.find ?? null,
      query.after ?? null,
      query.limit,
      [...query.names.keys()],
      [...query.names.values()],
    ],
  );
  return rows.map(({ coverage, ...row }) => ({ ...row, coverage: coverage.map(toCoverage) }));
}

function toCoverage({ timeframe, sessions, provisional, absent }: CoverageRow): CoverageFacts {
  const ranges = rangesOf(sessions);
  const covered = ranges.reduce((sum, { from, to }) => sum + sessionsBetween(from, to).length, 0);
  return {
    timeframe,
    ranges,
    provisional: rangesOf(provisional),
    sessions: covered,
    sessionsWithBars: covered - absent,
  };
}

const rangesOf = (spans: string): DateRange[] =>
  parseSpans(spans).map(({ from, before }) => ({ from, to: previousSession(before) }));

/** A split and what the prices say of it. */
export interface SplitFacts {
  readonly executionDate: IsoDate;
  readonly from: number;
  readonly to: number;
  readonly verdict: SplitVerdict;
  /** Raw close before / raw open after, where they were compared. */
  readonly observed: number | null;
  readonly withdrawnOn: IsoDate | null;
}

/** A bar in quarantine; values as the vendor sent them. */
export interface RejectFacts {
  readonly timeframe: BaseTimeframe;
  readonly startsAt: Date;
  readonly session: IsoDate;
  readonly open: number | null;
  readonly high: number | null;
  readonly low: number | null;
  readonly close: number | null;
  readonly volume: number | null;
  readonly rule: string;
  readonly runId: string;
}

export interface SymbolFacts {
  readonly name: string | null;
  readonly listedOn: IsoDate | null;
  readonly delistedOn: IsoDate | null;
  readonly coverage: readonly CoverageFacts[];
  readonly absences: readonly GapCount[];
  /** The newest first. */
  readonly gaps: readonly Gap[];
  /** The newest first. */
  readonly splits: readonly SplitFacts[];
  /** The newest first. */
  readonly rejects: readonly RejectFacts[];
  readonly rejectsTotal: number;
}

/** What is known of a symbol, with at most `most` gaps and rejects; null when nothing of it was ever answered. */
export async function findSymbolFacts(
  client: pg.ClientBase,
  symbol: string,
  most: number,
): Promise<SymbolFacts | null> {
  const { rows } = await client.query<
    Pick<SymbolFacts, 'name' | 'listedOn' | 'delistedOn' | 'rejectsTotal'> & { coverage: CoverageRow[] }
  >(
    `SELECT (${coverageOf('$1')}) AS coverage, l.listed_on::text AS "listedOn", l.delisted_on::text AS "delistedOn",
            (SELECT name FROM universe_members WHERE symbol = $1 AND name IS NOT NULL ORDER BY valid_to DESC, universe LIMIT 1) AS name,
            (SELECT count(*)::integer FROM rejected_bars WHERE symbol = $1) AS "rejectsTotal"
       FROM (VALUES (1)) AS one LEFT JOIN symbol_lives l ON l.symbol = $1`,
    [symbol],
  );
  const { coverage, ...known } = rows[0]!;
  if (coverage.length === 0) return null;
  const splits = await client.query<SplitFacts>(
    `SELECT execution_date::text AS "executionDate", split_from AS from, split_to AS to, verdict, observed, withdrawn_on::text AS "withdrawnOn"
       FROM splits WHERE symbol = $1 ORDER BY execution_date DESC`,
    [symbol],
  );
  const rejects = await client.query<RejectFacts>(
    `SELECT timeframe, starts_at AS "startsAt", session::text AS session, open, high, low, close, volume, reason AS rule, run_id AS "runId"
       FROM rejected_bars WHERE symbol = $1 ORDER BY starts_at DESC, timeframe LIMIT $2`,
    [symbol, most],
  );
  const everywhere = {
    symbols: [symbol],
    timeframe: null,
    sessions: sessionsBetween(`${calendarYears.from}-01-01`, `${calendarYears.to}-12-31`),
  };
  return {
    ...known,
    coverage: coverage.map(toCoverage),
    absences: await countGaps(client, everywhere),
    gaps: await listGaps(client, everywhere, absenceReasons, most),
    splits: splits.rows,
    rejects: rejects.rows,
  };
}
