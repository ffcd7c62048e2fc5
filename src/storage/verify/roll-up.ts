import type { Check } from './check.ts';

/**
 * A roll-up of its own beside the view's: weeks and months come from the calendar in TypeScript, and the first and
 * last day's prices by looking those days up, where the view sorts all of a period's. Sums may differ in the last digits.
 */
export function rollUpLaw(timeframe: 'weekly' | 'monthly'): Check {
  const period = timeframe === 'weekly' ? 'week' : 'month';
  return {
    name: timeframe,
    words: `every ${period} equals its days`,
    sql: `
      WITH days AS MATERIALIZED (
        SELECT o.symbol, o.date, o.open, o.high, o.low, o.close, o.volume, o.vwap, o.trades, o.final, d.${period} AS stamp, d.next_${period} AS before
          FROM ohlcv_daily o JOIN checked_symbols USING (symbol) JOIN calendar_days d ON d.day = o.date
      ), periods AS (
        SELECT symbol, stamp, min(date) AS first, max(date) AS last, max(high) AS high, min(low) AS low, sum(volume) AS volume,
               sum(vwap * volume) AS turnover, sum(CASE WHEN vwap IS NULL THEN 0 ELSE volume END) AS weight, sum(trades) AS trades,
               count(*) FILTER (WHERE NOT final) = 0 AND max(before) <= coalesce(nullif(current_setting('tickstock.as_of', true), '')::date,
                 (now() AT TIME ZONE 'America/New_York')::date) AS final
          FROM days GROUP BY symbol, stamp
      ), own AS (
        SELECT p.*, f.open, l.close, CASE WHEN p.weight <> 0 THEN p.turnover / p.weight END AS vwap
          FROM periods p
          JOIN days f ON f.symbol = p.symbol AND f.date = p.first
          JOIN days l ON l.symbol = p.symbol AND l.date = p.last
      ), shown AS (
        SELECT v.* FROM ohlcv_${timeframe} v JOIN checked_symbols USING (symbol)
      )
      SELECT coalesce(o.symbol, v.symbol) AS symbol, '${timeframe}' AS timeframe, coalesce(o.stamp, v.date) AS session,
             CASE WHEN v.symbol IS NULL THEN 'days without their ${period}' WHEN o.symbol IS NULL THEN 'a ${period} without days'
               ELSE concat_ws(' ', 'the view has', v.open, v.high, v.low, v.close, v.volume, v.vwap, v.trades, v.final,
                              'and its days', o.open, o.high, o.low, o.close, o.volume, o.vwap, o.trades, o.final) END AS detail
        FROM own o FULL JOIN shown v ON v.symbol = o.symbol AND v.date = o.stamp
       WHERE (o.open, o.high, o.low, o.close, o.trades, o.final) IS DISTINCT FROM (v.open, v.high, v.low, v.close, v.trades, v.final)
          OR ${differ('o.volume', 'v.volume')} OR ${differ('o.vwap', 'v.vwap')}`,
  };
}

/** Beyond what the order of adding up can make of it. */
const differ = (a: string, b: string): string =>
  `((${a} IS NULL) <> (${b} IS NULL) OR abs(${a} - ${b}) > 1e-9 * greatest(abs(${a}), abs(${b})))`;
