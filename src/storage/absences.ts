import type pg from 'pg';
import type { BaseTimeframe } from '../market/bar.ts';
import type { IsoDate } from '../market/date.ts';
import { type Answered, type EarlierCoverage, seriesOf, spansOf } from './coverage.ts';

/**
 * Brings absences in line with what was answered, inside the caller's transaction and after its bars are written. Those
 * of an earlier answer are looked for where `isRepeated` says that there was one.
 * A session whose bar was stored before is none, even when the vendor fails to repeat it. Nothing new writes nothing.
 * The reasons are given once all facts are there, by `settleAbsences`.
 */
export async function writeAbsences(
  client: pg.ClientBase,
  answers: readonly Answered[],
  { isRepeated }: Pick<EarlierCoverage, 'isRepeated'>,
): Promise<void> {
  const absences = absencesOf(answers);
  const [repeated, still] = [answers.filter(isRepeated), absences.filter(isRepeated)];
  // A session that has its bar now is no absence any more.
  if (repeated.length > 0) await deleteAbsences(client, repeated, still);
  if (absences.length === 0) return;
  await client.query(
    `INSERT INTO absences AS x (symbol, timeframe, session, reason, grouped_rows)
     SELECT * FROM unnest($1::text[], $2::text[], $3::date[], $4::text[], $5::integer[])
                     AS a(symbol, timeframe, session, reason, grouped_rows)
      WHERE NOT CASE a.timeframe
              WHEN 'daily' THEN EXISTS (SELECT FROM bars_daily b WHERE b.symbol = a.symbol AND b.session = a.session)
              ELSE EXISTS (SELECT FROM bars_hourly b
                            WHERE b.symbol = a.symbol
                              AND b.starts_at >= a.session::timestamp AT TIME ZONE 'America/New_York'
                              AND b.starts_at < (a.session + 1)::timestamp AT TIME ZONE 'America/New_York')
            END
     ON CONFLICT (symbol, timeframe, session) DO UPDATE SET grouped_rows = excluded.grouped_rows
       WHERE excluded.grouped_rows <> coalesce(x.grouped_rows, -1)`,
    [
      absences.map((a) => a.symbol),
      absences.map((a) => a.timeframe),
      absences.map((a) => a.session),
      absences.map((a) => a.reason),
      absences.map((a) => a.groupedRows),
    ],
  );
}

async function deleteAbsences(
  client: pg.ClientBase,
  answers: readonly Answered[],
  still: readonly Absence[],
): Promise<void> {
  const [symbols, timeframes, from, before] = spansOf(answers);
  await client.query(
    `DELETE FROM absences x
      USING unnest($1::text[], $2::text[], $3::date[], $4::date[]) AS a(symbol, timeframe, from_session, before_session)
      WHERE x.symbol = a.symbol AND x.timeframe = a.timeframe AND x.session >= a.from_session AND x.session < a.before_session
        AND NOT EXISTS (SELECT FROM unnest($5::text[], $6::text[], $7::date[]) AS still(symbol, timeframe, session)
                         WHERE still.symbol = x.symbol AND still.timeframe = x.timeframe AND still.session = x.session)`,
    [
      symbols,
      timeframes,
      from,
      before,
      still.map((absence) => absence.symbol),
      still.map((absence) => absence.timeframe),
      still.map((absence) => absence.session),
    ],
  );
}

/** The answers' absences, each once: of answers that overlap the later one stands. */
function absencesOf(answers: readonly Answered[]) {
  const series = new Map<string, Map<IsoDate, Absence>>();
  for (const { symbol, timeframe, from, before, absent, rejected, groupedRows = null } of answers) {
    const key = seriesOf({ symbol, timeframe });
    const earlier = series.get(key);
    // Most of thousands of symbols have none.
    if (earlier === undefined && absent.length === 0) continue;
    const known = earlier ?? new Map<IsoDate, Absence>();
    series.set(key, known);
    for (const session of known.keys()) if (session >= from && session < before) known.delete(session);
    for (const session of absent) {
      const reason = rejected.includes(session) ? 'rejected' : 'unexplained';
      known.set(session, { symbol, timeframe, session, reason, groupedRows });
    }
  }
  return [...series.values()].flatMap((known) => [...known.values()]);
}

interface Absence {
  readonly symbol: string;
  readonly timeframe: BaseTimeframe;
  readonly session: IsoDate;
  readonly reason: 'unexplained' | 'rejected';
  readonly groupedRows: number | null;
}
