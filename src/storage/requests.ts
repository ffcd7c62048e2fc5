import type pg from 'pg';
import type { ErrorCode } from '../errors.ts';
import type { DateRange, IsoDate } from '../market/date.ts';

/** One page asked of the vendor, as it is kept. */
export interface LoggedRequest {
  readonly attempt: number;
  /** As planned, a later page of that, or asked to settle a doubt; tries beyond the first are retries. */
  readonly purpose: 'planned' | 'page' | 'evidence';
  readonly route: string;
  readonly symbol: string | null;
  /** Inclusive; null where the request has no dates. */
  readonly sessions: DateRange | null;
  readonly params: Readonly<Record<string, string>>;
  /** The last try's HTTP status; null when none came. */
  readonly status: number | null;
  readonly tries: number;
  readonly waitMs: number;
  readonly netMs: number;
  /** The part of that spent on reading rows as they came; null of requests of old. */
  readonly parseMs: number | null;
  /** From the page's arrival to the write that stored it; null when there was nothing to store. */
  readonly storeMs: number | null;
  readonly bytes: number;
  readonly rows: number;
  readonly requestId: string | null;
  readonly errorCode: ErrorCode | null;
  readonly endedAt: Date;
}

/** Adds to the log of a run, which numbers them over all its attempts; `before` is the last number so far. */
export async function appendRequests(
  client: pg.ClientBase,
  runId: string,
  before: number,
  requests: readonly LoggedRequest[],
): Promise<void> {
  if (requests.length === 0) return;
  await client.query(
    `INSERT INTO requests (run_id, n, attempt, purpose, route, symbol, sessions, params, status, tries,
                           wait_ms, net_ms, parse_ms, store_ms, bytes, rows, request_id, error_code, ended_at)
     SELECT $1, n, attempt, purpose, route, symbol, CASE WHEN from_date IS NULL THEN NULL ELSE daterange(from_date, to_date, '[]') END, params, status, tries,
            wait_ms, net_ms, parse_ms, store_ms, bytes, rows, request_id, error_code, ended_at
       FROM unnest($2::integer[], $3::integer[], $4::text[], $5::text[], $6::text[], $7::date[], $8::date[], $9::jsonb[],
                   $10::integer[], $11::integer[], $12::integer[], $13::integer[], $14::integer[], $15::integer[], $16::bigint[],
                   $17::integer[], $18::text[], $19::text[], $20::timestamptz[])
              AS a(n, attempt, purpose, route, symbol, from_date, to_date, params, status, tries,
                   wait_ms, net_ms, parse_ms, store_ms, bytes, rows, request_id, error_code, ended_at)`,
    [
      runId,
      requests.map((_, index) => before + 1 + index),
      requests.map(({ attempt }) => attempt),
      requests.map(({ purpose }) => purpose),
      requests.map(({ route }) => route),
      requests.map(({ symbol }) => symbol),
      requests.map(({ sessions }) => sessions?.from ?? null),
      requests.map(({ sessions }) => sessions?.to ?? null),
      requests.map(({ params }) => JSON.stringify(params)),
      requests.map(({ status }) => status),
      requests.map(({ tries }) => tries),
      requests.map(({ waitMs }) => Math.round(waitMs)),
      requests.map(({ netMs }) => Math.round(netMs)),
      requests.map(({ parseMs }) => (parseMs === null ? null : Math.round(parseMs))),
      requests.map(({ storeMs }) => (storeMs === null ? null : Math.round(storeMs))),
      requests.map(({ bytes }) => bytes),
      requests.map(({ rows }) => rows),
      requests.map(({ requestId }) => requestId),
      requests.map(({ errorCode }) => errorCode),
      requests.map(({ endedAt }) => endedAt),
    ],
  );
}

/** Forgets requests that were answered more than so many days before `now`, the importer's clock in ms. */
export async function pruneRequests(
  client: pg.ClientBase | pg.Pool,
  keepDays: number,
  now: number,
): Promise<void> {
  await client.query('DELETE FROM requests WHERE ended_at < $1::timestamptz - make_interval(days => $2)', [
    new Date(now),
    keepDays,
  ]);
}

/** A request of a run, numbered over its attempts. */
export type NumberedRequest = Omit<LoggedRequest, 'sessions' | 'params'> & {
  /** From 1. */
  readonly n: number;
  /** Inclusive; null where the request has no dates. */
  readonly from: IsoDate | null;
  readonly to: IsoDate | null;
};

const columns = `n, attempt, purpose, route, symbol, lower(sessions)::text AS from, (upper(sessions) - 1)::text AS to,
  status, tries, wait_ms AS "waitMs", net_ms AS "netMs", parse_ms AS "parseMs", store_ms AS "storeMs",
  bytes::double precision AS bytes, rows, request_id AS "requestId", error_code AS "errorCode", ended_at AS "endedAt"`;

/** The requests of a run by number, those after (or, newest first, before) one; `outcome` and `find`, a part of the symbol, leave out others. */
export async function listRequests(
  client: pg.ClientBase | pg.Pool,
  runId: string,
  query: {
    outcome: 'all' | 'failed' | 'retried';
    find: string | undefined;
    order: 'newest' | 'oldest';
    after: number | undefined;
    limit: number;
  },
): Promise<NumberedRequest[]> {
  const [isAfter, direction] = query.order === 'newest' ? ['<', 'DESC'] : ['>', 'ASC'];
  const { rows } = await client.query<NumberedRequest>(
    `SELECT ${columns} FROM requests
      WHERE run_id = $1 AND ($2::integer IS NULL OR n ${isAfter} $2) AND ($3::text IS NULL OR strpos(lower(symbol), lower($3)) > 0)
        AND CASE $4 WHEN 'failed' THEN error_code IS NOT NULL WHEN 'retried' THEN tries > 1 ELSE true END
      ORDER BY n ${direction} LIMIT $5`,
    [runId, query.after ?? null, query.find ?? null, query.outcome, query.limit],
  );
  return rows;
}

/** A request that asked for a symbol's session, with its run. */
export type FoundRequest = NumberedRequest & {
  readonly runId: string;
  readonly from: IsoDate;
  readonly to: IsoDate;
};

/** The requests that asked for a session of a symbol, its own and those for all stocks, oldest first. */
export async function findRequests(
  client: pg.ClientBase | pg.Pool,
  symbol: string,
  session: IsoDate,
): Promise<FoundRequest[]> {
  const { rows } = await client.query<FoundRequest>(
    `SELECT run_id AS "runId", ${columns}
       FROM requests
      WHERE (symbol = $1 OR symbol IS NULL) AND sessions @> $2::date
      ORDER BY ended_at, n`,
    [symbol, session],
  );
  return rows;
}
