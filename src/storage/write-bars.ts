import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { Bar, BaseTimeframe } from '../market/bar.ts';
import type { BarList } from '../market/packed-bars.ts';
import { type IsoDate, fromDayNumber, toDayNumber } from '../market/date.ts';
import { encodeRows } from './binary-copy.ts';

/** What a write did to one symbol's bars. */
export interface WriteCounts {
  readonly symbol: string;
  readonly new: number;
  readonly changed: number;
  /** Sessions of the bars that are new or changed, one a bar. */
  readonly sessions: readonly IsoDate[];
}

/** Bars of one symbol, each key once. */
export interface BarsToWrite {
  readonly symbol: string;
  readonly bars: BarList;
  /** Bars of sessions up to here are final. */
  readonly finalThrough: IsoDate;
}

const UNIQUE_VIOLATION = '23505';

const VALUES = ['open', 'high', 'low', 'close', 'volume', 'vwap', 'trades'] as const;

const shapes = {
  daily: {
    table: 'bars_daily',
    stage: 'stage_daily',
    key: 'session',
    columns: ['symbol', 'session', ...VALUES, 'final'],
  },
  hourly: {
    table: 'bars_hourly',
    stage: 'stage_hourly',
    key: 'starts_at',
    columns: ['symbol', 'starts_at', 'session', ...VALUES, 'final'],
  },
} as const;

type Load = (
  client: pg.ClientBase,
  timeframe: BaseTimeframe,
  table: string,
  groups: readonly BarsToWrite[],
) => Promise<void>;

export interface WriteOptions {
  readonly useCopy: boolean;
  /** Whether a symbol's bars may be stored already; where it is wrong, writing takes longer. */
  mayBeStored(symbol: string): boolean;
}

/**
 * Writes raw bars inside the caller's transaction and says what changed; what is stored already costs
 * no write. The caller holds the symbols' coverage rows locked, so that nobody else writes these keys.
 * A symbol comes once per call.
 */
export async function writeBars(
  client: pg.ClientBase,
  timeframe: BaseTimeframe,
  groups: readonly BarsToWrite[],
  { useCopy, mayBeStored }: WriteOptions,
): Promise<WriteCounts[]> {
  const load: Load = useCopy ? copyRows : insertRows;
  const first = groups.filter(({ symbol }) => !mayBeStored(symbol));
  const later = groups.filter(({ symbol }) => mayBeStored(symbol));
  return [
    ...(await addRows(client, timeframe, first, load)),
    ...(await mergeRows(client, timeframe, later, load)),
  ];
}

/** Where nothing is stored all bars are new: they go straight in, three times as fast as through the stage. */
async function addRows(
  client: pg.ClientBase,
  timeframe: BaseTimeframe,
  groups: readonly BarsToWrite[],
  load: Load,
): Promise<WriteCounts[]> {
  if (groups.length === 0) return [];
  await client.query('SAVEPOINT first_bars');
  try {
    const inOrder = groups.toSorted((a, b) => (a.symbol < b.symbol ? -1 : 1));
    await load(client, timeframe, shapes[timeframe].table, inOrder);
  } catch (error) {
    if ((error as { code?: string }).code !== UNIQUE_VIOLATION) throw error;
    // Some are stored after all, such as those of a session that its series was cut in.
    await client.query('ROLLBACK TO first_bars');
    return mergeRows(client, timeframe, groups, load);
  }
  await client.query('RELEASE first_bars');
  return groups.map(({ symbol, bars }) => ({
    symbol,
    new: bars.length,
    changed: 0,
    sessions: Array.from(bars, (bar) => bar.session),
  }));
}

async function mergeRows(
  client: pg.ClientBase,
  timeframe: BaseTimeframe,
  groups: readonly BarsToWrite[],
  load: Load,
): Promise<WriteCounts[]> {
  if (groups.length === 0) return [];
  const { stage, columns } = shapes[timeframe];
  const types = columns.map((column) => `${column} ${columnType(column)}`);
  await client.query(
    `CREATE TEMPORARY TABLE IF NOT EXISTS ${stage} (${types.join(', ')}) ON COMMIT DELETE ROWS`,
  );
  await load(client, timeframe, stage, groups);
  // The stage has no statistics: say that the key's index is the way in, however small the table looks.
  await client.query(
    'SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_seqscan = off; SET LOCAL jit = off',
  );
  const merged = await client.query<{ symbol: string; new: number; changed: number; days: number[] }>(
    mergeSql(timeframe),
  );
  await client.query(
    'SET LOCAL enable_hashjoin TO DEFAULT; SET LOCAL enable_mergejoin TO DEFAULT; SET LOCAL enable_seqscan TO DEFAULT; SET LOCAL jit TO DEFAULT',
  );
  return merged.rows.map(({ days, ...counts }) => ({ ...counts, sessions: days.map(fromDayNumber) }));
}

/** Old values go to bar_revisions before they are replaced. Rows go in by key. */
function mergeSql(timeframe: BaseTimeframe): string {
  const { table, stage, key, columns } = shapes[timeframe];
  const row = (alias: string): string => VALUES.map((column) => `${alias}.${column}`).join(', ');
  const staged = columns.filter((column) => column !== 'final').map((column) => `s.${column}`);
  const startsAt = key === 'session' ? `b.session::timestamp AT TIME ZONE 'America/New_York'` : 'b.starts_at';
  return `
WITH incoming AS MATERIALIZED (
  SELECT ${staged.join(', ')}, s.final OR coalesce(b.final, false) AS final, b.symbol IS NOT NULL AS known,
         b.symbol IS NULL OR (${row('b')}) IS DISTINCT FROM (${row('s')}) AS differs
    FROM ${stage} s LEFT JOIN ${table} b ON b.symbol = s.symbol AND b.${key} = s.${key}
   WHERE b.symbol IS NULL OR (${row('b')}, b.final) IS DISTINCT FROM (${row('s')}, s.final OR b.final)
), revised AS (
  INSERT INTO bar_revisions (symbol, timeframe, starts_at, ${VALUES.join(', ')}, stored_at)
  SELECT b.symbol, '${timeframe}', ${startsAt}, ${row('b')}, b.updated_at
    FROM incoming i JOIN ${table} b ON b.symbol = i.symbol AND b.${key} = i.${key} WHERE i.known AND i.differs
), added AS (
  INSERT INTO ${table} (${columns.join(', ')})
  SELECT ${columns.join(', ')} FROM incoming WHERE NOT known ORDER BY symbol, ${key}
), replaced AS (
  UPDATE ${table} b SET ${VALUES.map((column) => `${column} = i.${column}`).join(', ')}, final = i.final, updated_at = now()
    FROM incoming i WHERE i.known AND b.symbol = i.symbol AND b.${key} = i.${key}
)
SELECT symbol, (count(*) FILTER (WHERE NOT known))::integer AS new, (count(*) FILTER (WHERE known))::integer AS changed,
       array_agg(session - DATE '1970-01-01') AS days
  FROM incoming WHERE differs GROUP BY symbol`;
}

async function copyRows(
  client: pg.ClientBase,
  timeframe: BaseTimeframe,
  table: string,
  groups: readonly BarsToWrite[],
): Promise<void> {
  const { columns } = shapes[timeframe];
  const chunks = encodeRows(barsOf(groups), columns.length, ({ bar, final }, to) => {
    to.text(bar.symbol);
    if (timeframe === 'hourly') to.timestamp(bar.startsAt);
    to.date(toDayNumber(bar.session));
    to.double(bar.open);
    to.double(bar.high);
    to.double(bar.low);
    to.double(bar.close);
    to.double(bar.volume);
    to.double(bar.vwap);
    to.integer(bar.trades);
    to.boolean(final);
  });
  const target = client.query(copyFrom(`COPY ${table} (${columns.join(', ')}) FROM STDIN (FORMAT binary)`));
  await pipeline(Readable.from(chunks), target);
}

function* barsOf(groups: readonly BarsToWrite[]): Generator<{ bar: Bar; final: boolean }> {
  for (const { bars, finalThrough } of groups) {
    for (const bar of bars) yield { bar, final: bar.session <= finalThrough };
  }
}

/** For poolers that cannot COPY. */
async function insertRows(
  client: pg.ClientBase,
  timeframe: BaseTimeframe,
  table: string,
  groups: readonly BarsToWrite[],
): Promise<void> {
  const { columns } = shapes[timeframe];
  const rows = groups.flatMap(({ bars, finalThrough }) =>
    Array.from(bars, (bar) => ({
      ...bar,
      starts_at: new Date(bar.startsAt).toISOString(),
      final: bar.session <= finalThrough,
    })),
  );
  const parameters = columns.map((column) => rows.map((row) => row[column]));
  const arrays = columns.map((column, index) => `$${index + 1}::${columnType(column)}[]`);
  await client.query(
    `INSERT INTO ${table} (${columns.join(', ')}) SELECT * FROM unnest(${arrays.join(', ')})`,
    parameters,
  );
}

function columnType(column: string): string {
  const types: Record<string, string> = {
    symbol: 'text',
    session: 'date',
    starts_at: 'timestamptz',
    trades: 'integer',
    final: 'boolean',
  };
  return types[column] ?? 'double precision';
}
