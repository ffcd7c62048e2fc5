import type pg from 'pg';
import type { Split } from '../market/split.ts';
import type { SplitAndPrices, SplitJudgement } from '../market/split-verdict.ts';

/** A standing split with the raw day bars nearest to it and its verdict so far. */
export type SplitToJudge = Split & SplitAndPrices & SplitJudgement;

const select = `
  SELECT s.symbol, s.execution_date::text AS "executionDate", s.split_from AS "from", s.split_to AS "to", s.verdict, s.observed,
         CASE WHEN b.session IS NOT NULL THEN json_build_object('session', b.session, 'close', b.close) END AS before,
         CASE WHEN a.session IS NOT NULL THEN json_build_object('session', a.session, 'open', a.open) END AS after
    FROM splits s
    LEFT JOIN LATERAL (SELECT session, close FROM bars_daily
                        WHERE symbol = s.symbol AND session < s.execution_date ORDER BY session DESC LIMIT 1) b ON true
    LEFT JOIN LATERAL (SELECT session, open FROM bars_daily
                        WHERE symbol = s.symbol AND session >= s.execution_date ORDER BY session LIMIT 1) a ON true`;

/** The symbols' standing splits, by symbol and date. */
export async function readSplitsToJudge(
  client: pg.ClientBase | pg.Pool,
  symbols: readonly string[],
): Promise<SplitToJudge[]> {
  const { rows } = await client.query<SplitToJudge>(
    `${select}
      WHERE s.symbol = ANY ($1::text[]) AND s.withdrawn_on IS NULL
      ORDER BY s.symbol, s.execution_date`,
    [symbols],
  );
  return rows;
}

/** The standing splits that are held back, the newest first, at most `most` of them. */
export async function listHeldSplits(client: pg.ClientBase | pg.Pool, most: number): Promise<SplitToJudge[]> {
  const { rows } = await client.query<SplitToJudge>(
    `${select}
      WHERE s.verdict = 'held' AND s.withdrawn_on IS NULL
      ORDER BY s.execution_date DESC, s.symbol LIMIT $1`,
    [most],
  );
  return rows;
}

/** Stores judgements that differ from those before. */
export async function writeVerdicts(
  client: pg.ClientBase | pg.Pool,
  judged: readonly (Split & SplitJudgement)[],
): Promise<void> {
  if (judged.length === 0) return;
  await client.query(
    `UPDATE splits s SET verdict = j.verdict, observed = j.observed, updated_at = now()
       FROM unnest($1::text[], $2::date[], $3::text[], $4::float8[]) AS j(symbol, execution_date, verdict, observed)
      WHERE s.symbol = j.symbol AND s.execution_date = j.execution_date`,
    [
      judged.map(({ symbol }) => symbol),
      judged.map(({ executionDate }) => executionDate),
      judged.map(({ verdict }) => verdict),
      judged.map(({ observed }) => observed),
    ],
  );
}
