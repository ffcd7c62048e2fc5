import type { Check } from './check.ts';

/**
 * A roll-up of its own beside the view's: weeks and months come from the calendar in TypeScript, and the first open
 * and last close are those of the smallest and largest day, where the view sorts all of a period's. Sums may differ in the last digits.
 */
export function rollUpLaw(timeframe: 'weekly' | 'monthly'): Check {
  const period = timeframe === 'weekly' ? 'week' : 'month';
  return {
    name: timeframe,
    words: `every ${period} equals its days`,
    sql: `
      WITH periods AS (
        SELECT symbol, d.${period} AS stamp, ${of('min', 'open')} AS open, max(high) AS high, min(low) AS low, ${of('max', 'close')} AS close,
               sum(volume) AS volume, sum(vwap * volume) AS turnover, sum(CASE WHEN vwap IS NULL THEN 0 ELSE volume END) AS weight,
               sum(trades) AS trades, count(*) FILTER (WHERE NOT final) = 0
                 AND d.next_${period} <= coalesce(nullif(current_setting('tickstock.as_of', true), '')::date, (now() AT TIME ZONE 'America/New_York')::date) AS final
          FROM ohlcv_daily o JOIN checked_symbols USING (symbol) JOIN calendar_days d ON d.day = o.date
         GROUP BY symbol, d.${period}, d.next_${period}
      ), own AS (
        SELECT *, CASE WHEN weight <> 0 THEN turnover / weight END AS vwap FROM periods
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

/** A day's price, of the first day (min) or the last (max). */
const of = (which: 'min' | 'max', column: string): string =>
  `(${which}(ARRAY[o.date - DATE '1970-01-01', ${column}]))[2]`;

/** Beyond what the order of adding up can make of it. */
const differ = (a: string, b: string): string =>
  `((${a} IS NULL) <> (${b} IS NULL) OR abs(${a} - ${b}) > 1e-9 * greatest(abs(${a}), abs(${b})))`;
