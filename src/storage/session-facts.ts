import type pg from 'pg';
import type { BarValues, BaseTimeframe } from '../market/bar.ts';
import type { IsoDate } from '../market/date.ts';
import type { AbsenceReason } from './absence-reasons.ts';
import { type FoundRequest, findRequests } from './requests.ts';

/** A raw bar as it is stored. */
export interface KeptBar extends BarValues {
  readonly startsAt: Date;
  readonly final: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What a bar was before the vendor revised it. */
export interface Revision extends BarValues {
  readonly startsAt: Date;
  readonly storedAt: Date;
  readonly replacedAt: Date;
}

/** A bar in quarantine; values as the vendor sent them. */
export interface Quarantined {
  readonly startsAt: Date;
  readonly open: number | null;
  readonly high: number | null;
  readonly low: number | null;
  readonly close: number | null;
  readonly volume: number | null;
  readonly reason: string;
  readonly runId: string;
  readonly seenAt: Date;
}

/** What is stored of a session in one base timeframe. */
export interface SeriesFacts {
  readonly timeframe: BaseTimeframe;
  /** Asked and answered. */
  readonly isCovered: boolean;
  /** To be asked once more. */
  readonly isProvisional: boolean;
  /** In order. */
  readonly bars: readonly KeptBar[];
  readonly revisions: readonly Revision[];
  readonly rejects: readonly Quarantined[];
  readonly absence: {
    readonly reason: AbsenceReason;
    readonly groupedRows: number | null;
    readonly noticedAt: Date;
  } | null;
  /** The plan refused sessions up to here. */
  readonly refusedThrough: IsoDate | null;
}

/** Everything stored that concerns one session of one symbol. */
export interface SessionFacts {
  readonly series: readonly SeriesFacts[];
  /** null: the vendor's listing was not asked. */
  readonly life: {
    readonly listedOn: IsoDate | null;
    readonly delistedOn: IsoDate | null;
    readonly lookedOn: IsoDate;
  } | null;
  /** How many stocks the sessions around it had, itself included, as far as they were asked. */
  readonly marketDays: readonly { readonly session: IsoDate; readonly stocks: number }[];
  /** Splits on or after the session, in order. */
  readonly splits: readonly {
    readonly executionDate: IsoDate;
    readonly from: number;
    readonly to: number;
    readonly firstSeenAt: Date;
  }[];
  /** Oldest first. */
  readonly requests: readonly FoundRequest[];
  /** Anything at all is stored of the symbol. */
  readonly isKnown: boolean;
}

/** Reads everything that is stored about a session of a symbol. */
export async function readSessionFacts(
  client: pg.ClientBase,
  symbol: string,
  session: IsoDate,
): Promise<SessionFacts> {
  const life = await client.query<NonNullable<SessionFacts['life']>>(
    `SELECT listed_on::text AS "listedOn", delisted_on::text AS "delistedOn", looked_on::text AS "lookedOn"
       FROM symbol_lives WHERE symbol = $1`,
    [symbol],
  );
  const marketDays = await client.query<SessionFacts['marketDays'][number]>(
    `SELECT session::text AS session, stocks FROM market_days WHERE session BETWEEN $1::date - 8 AND $1::date + 8 ORDER BY session`,
    [session],
  );
  const splits = await client.query<SessionFacts['splits'][number]>(
    `SELECT execution_date::text AS "executionDate", split_from AS from, split_to AS to, first_seen_at AS "firstSeenAt"
       FROM splits WHERE symbol = $1 AND execution_date >= $2::date ORDER BY execution_date`,
    [symbol, session],
  );
  const known = await client.query<{ isKnown: boolean }>(
    `SELECT EXISTS (SELECT FROM coverage WHERE symbol = $1) OR EXISTS (SELECT FROM bars_daily WHERE symbol = $1)
         OR EXISTS (SELECT FROM bars_hourly WHERE symbol = $1) OR EXISTS (SELECT FROM absences WHERE symbol = $1)
         OR EXISTS (SELECT FROM symbol_lives WHERE symbol = $1) AS "isKnown"`,
    [symbol],
  );
  return {
    series: [
      await readSeries(client, symbol, session, 'daily'),
      await readSeries(client, symbol, session, 'hourly'),
    ],
    life: life.rows[0] ?? null,
    marketDays: marketDays.rows,
    splits: splits.rows,
    requests: await findRequests(client, symbol, session),
    isKnown: known.rows[0]?.isKnown === true,
  };
}

const MIDNIGHT = `session::timestamp AT TIME ZONE 'America/New_York'`;

async function readSeries(
  client: pg.ClientBase,
  symbol: string,
  session: IsoDate,
  timeframe: BaseTimeframe,
): Promise<SeriesFacts> {
  const one = [symbol, session, timeframe];
  const state = await client.query<{
    isCovered: boolean;
    isProvisional: boolean;
    reason: AbsenceReason | null;
    groupedRows: number | null;
    noticedAt: Date;
    refusedThrough: IsoDate | null;
  }>(
    `SELECT coalesce(c.sessions @> a.session, false) AS "isCovered", coalesce(c.provisional @> a.session, false) AS "isProvisional",
            x.reason, x.grouped_rows AS "groupedRows", x.noticed_at AS "noticedAt", h.through::text AS "refusedThrough"
       FROM (VALUES ($1::text, $2::date, $3::text)) AS a(symbol, session, timeframe)
       LEFT JOIN coverage c ON c.symbol = a.symbol AND c.timeframe = a.timeframe
       LEFT JOIN absences x ON x.symbol = a.symbol AND x.timeframe = a.timeframe AND x.session = a.session
       LEFT JOIN refused_history h ON h.timeframe = a.timeframe`,
    one,
  );
  const bars = await client.query<KeptBar>(
    `SELECT ${timeframe === 'daily' ? MIDNIGHT : 'starts_at'} AS "startsAt", open, high, low, close, volume, vwap, trades, final,
            created_at AS "createdAt", updated_at AS "updatedAt"
       FROM bars_${timeframe} WHERE symbol = $1 AND session = $2::date
        ${timeframe === 'daily' ? '' : NEAR}
      ORDER BY "startsAt"`,
    [symbol, session],
  );
  const revisions = await client.query<Revision>(
    `SELECT starts_at AS "startsAt", open, high, low, close, volume, vwap, trades, stored_at AS "storedAt", replaced_at AS "replacedAt"
       FROM bar_revisions
      WHERE symbol = $1 AND timeframe = $3 AND (starts_at AT TIME ZONE 'America/New_York')::date = $2::date
      ORDER BY starts_at, replaced_at`,
    one,
  );
  const rejects = await client.query<Quarantined>(
    `SELECT starts_at AS "startsAt", open, high, low, close, volume, reason, run_id AS "runId", seen_at AS "seenAt"
       FROM rejected_bars WHERE symbol = $1 AND timeframe = $3 AND session = $2::date ORDER BY starts_at`,
    one,
  );
  const found = state.rows[0]!;
  const { reason, groupedRows, noticedAt } = found;
  return {
    timeframe,
    isCovered: found.isCovered,
    isProvisional: found.isProvisional,
    bars: bars.rows,
    revisions: revisions.rows,
    rejects: rejects.rows,
    absence: reason === null ? null : { reason, groupedRows, noticedAt },
    refusedThrough: found.refusedThrough,
  };
}

/** Hours of a symbol are found by their start; a day on either side, lest a wrong session hides one. */
const NEAR = `AND starts_at >= ($2::date - 1)::timestamp AT TIME ZONE 'America/New_York'
        AND starts_at < ($2::date + 2)::timestamp AT TIME ZONE 'America/New_York'`;

/** The spelling of a stored symbol that differs in case only; null when there is none. */
export async function findSpelling(client: pg.ClientBase, symbol: string): Promise<string | null> {
  const { rows } = await client.query<{ symbol: string }>(
    'SELECT symbol FROM coverage WHERE lower(symbol) = lower($1) AND symbol <> $1 ORDER BY symbol LIMIT 1',
    [symbol],
  );
  return rows[0]?.symbol ?? null;
}
