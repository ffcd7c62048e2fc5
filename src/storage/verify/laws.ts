import { HIGHEST_PRICE, HOURS_OF_BARS, LARGEST_VOLUME } from '../../market/bar.ts';
import { judgedAbsences } from '../absence-reasons.ts';
import type { Check } from './check.ts';
import { rollUpLaw } from './roll-up.ts';

const price = (name: string): string => `${name} > 0 AND ${name} <= ${HIGHEST_PRICE}`;

/** The row rules of market/bar.ts; NaN is above every number here, so that each comparison refuses it. */
const keepsRules = `
  ${['open', 'high', 'low', 'close'].map(price).join(' AND ')}
  AND volume >= 0 AND volume <= ${LARGEST_VOLUME}
  AND high >= greatest(open, close, low) AND low <= least(open, close)
  AND coalesce(trades >= 0, true) AND coalesce(abs(vwap) <= ${HIGHEST_PRICE}, true)`;

const values = `concat_ws(' ', ${['open', 'high', 'low', 'close', 'volume', 'vwap', 'trades'].map((name) => `'${name} ' || ${name}`).join(', ')})`;

/** What must hold of everything stored, whatever was imported in whatever order. */
export const laws: readonly Check[] = [
  {
    name: 'bar_or_absence',
    words: 'every covered session has a bar or an absence, never both',
    sql: `
      SELECT symbol, timeframe, session, CASE bars WHEN 0 THEN 'neither a bar nor an absence' ELSE 'a bar and an absence' END AS detail
        FROM cells
       WHERE is_session AND (is_covered AND bars = 0 AND NOT is_absent OR bars > 0 AND is_absent)`,
  },
  {
    name: 'inside_coverage',
    words: 'no bar and no absence lies outside coverage',
    sql: `
      SELECT symbol, timeframe, session, CASE bars WHEN 0 THEN 'an absence' ELSE 'a bar' END || ' outside coverage' AS detail
        FROM cells WHERE is_session AND NOT is_covered`,
  },
  {
    name: 'sessions_only',
    words: 'no bar and no absence is on a day without trading',
    sql: `
      SELECT symbol, timeframe, session, CASE bars WHEN 0 THEN 'an absence' ELSE 'a bar' END || ' on no trading session' AS detail
        FROM cells WHERE NOT is_session`,
  },
  {
    name: 'hours_in_session',
    words: 'every hour bar starts on the hour from 04:00 to 19:00 New York, on the date of its session',
    sql: `
      SELECT symbol, 'hourly' AS timeframe, session, 'starts ' || to_char(local, 'YYYY-MM-DD HH24:MI:SS') || ' New York' AS detail
        FROM (SELECT symbol, session, starts_at AT TIME ZONE 'America/New_York' AS local
                FROM bars_hourly JOIN checked_symbols USING (symbol)) hours
       WHERE local::date <> session OR local::time NOT BETWEEN make_time(${HOURS_OF_BARS.first}, 0, 0) AND make_time(${HOURS_OF_BARS.last}, 0, 0) OR local <> date_trunc('hour', local)`,
  },
  {
    name: 'provisional',
    words: 'what is to be asked again lies inside coverage; its bars are not final and all others are',
    sql: `
      SELECT symbol, timeframe, lower(provisional - sessions) AS session, 'to be asked again, yet not covered' AS detail
        FROM coverage JOIN checked_symbols USING (symbol) WHERE NOT sessions @> provisional
      UNION ALL
      SELECT symbol, timeframe, session,
             CASE WHEN is_provisional THEN 'final, yet to be asked again' ELSE 'not final, yet not to be asked again' END
        FROM cells
       WHERE is_session AND is_covered AND bars > 0 AND CASE WHEN is_provisional THEN final_bars > 0 ELSE final_bars < bars END`,
  },
  {
    name: 'hours_have_days',
    words:
      'every session with hour bars has its day bar where days are covered, or an absence that says why not',
    sql: `
      SELECT h.symbol, 'daily' AS timeframe, h.session, h.bars || ' hour bars, no day bar and no absence' AS detail
        FROM cells h
        JOIN cells d ON d.symbol = h.symbol AND d.session = h.session AND d.timeframe = 'daily'
       WHERE h.timeframe = 'hourly' AND h.bars > 0 AND d.is_covered AND d.bars = 0 AND NOT d.is_absent`,
  },
  {
    name: 'row_rules',
    words: 'every stored bar keeps the row rules',
    sql: `
      SELECT symbol, 'daily' AS timeframe, session, ${values} AS detail
        FROM bars_daily JOIN checked_symbols USING (symbol) WHERE NOT (${keepsRules})
      UNION ALL
      SELECT symbol, 'hourly', session, ${values}
        FROM bars_hourly JOIN checked_symbols USING (symbol) WHERE NOT (${keepsRules})`,
  },
  rollUpLaw('weekly'),
  rollUpLaw('monthly'),
  {
    name: 'reasons',
    words: 'every absence has the reason that the stored facts give now',
    sql: `
      SELECT symbol, timeframe, session, 'is ' || given || ', should be ' || reason AS detail
        FROM (${judgedAbsences} WHERE a.symbol IN (SELECT symbol FROM checked_symbols)) judged
       WHERE reason <> given`,
  },
];
