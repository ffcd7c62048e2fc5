import type { Check } from './check.ts';

/** A close this many times the one before, or its share of it, is no market's. */
const SUSPECT = 50;

const jumps = (timeframe: 'daily' | 'hourly'): string => `
  SELECT symbol, '${timeframe}' AS timeframe, session, 'close ' || close || ' after ' || before AS detail
    FROM (SELECT symbol, session, close, lag(close) OVER series AS before, lag(session) OVER series AS previous
            FROM bars_${timeframe} JOIN checked_symbols USING (symbol)
          WINDOW series AS (PARTITION BY symbol ORDER BY ${timeframe === 'daily' ? 'session' : 'starts_at'})) b
   WHERE (close > ${SUSPECT} * before OR before > ${SUSPECT} * close)
     AND NOT EXISTS (SELECT FROM splits s WHERE s.symbol = b.symbol AND s.execution_date > b.previous AND s.execution_date <= b.session)`;

/** What breaks no law, yet a person should look at. */
export const findings: readonly Check[] = [
  {
    name: 'suspect_bars',
    words: `raw closes more than ${SUSPECT} times the one before, or less than its ${SUSPECT}th part, without a split`,
    sql: `${jumps('daily')} UNION ALL ${jumps('hourly')}`,
  },
  {
    name: 'unexplained_gaps',
    words: 'covered sessions without a bar that nothing explains',
    sql: `SELECT symbol, timeframe, session, 'unexplained' AS detail FROM absences JOIN checked_symbols USING (symbol) WHERE reason = 'unexplained'`,
  },
  {
    name: 'held_splits',
    words: 'splits that the prices contradict, held back from the views',
    // A schema in which splits are not judged has no verdict.
    sql: `
      SELECT symbol, 'daily' AS timeframe, execution_date AS session, split_to || ' for ' || split_from AS detail
        FROM splits s JOIN checked_symbols USING (symbol) WHERE to_jsonb(s) ->> 'verdict' = 'held'`,
  },
];
