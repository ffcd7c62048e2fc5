-- The views of bars as of a day, so that they keep the order of the primary key and cost less to plan. What they answer stays the same.
-- A condition inside a branch of UNION ALL hides the branch's index order from whatever reads the union: the newest bar then
-- took all bars of the symbol, and weeks of everything a sort on disk. So the conditions stand outside.

CREATE OR REPLACE VIEW split_factors AS
SELECT symbol,
       coalesce(lag(execution_date) OVER (PARTITION BY symbol ORDER BY execution_date), '-infinity'::date) AS from_session,
       execution_date AS before_session,
       tickstock_product(split_from) OVER following AS old_shares,
       tickstock_product(split_to) OVER following AS new_shares
  FROM (SELECT symbol, execution_date, split_from, split_to, verdict, known_on, withdrawn_on AS gone_on FROM splits
        UNION ALL
        SELECT symbol, execution_date, split_from, split_to, verdict, known_on, replaced_on FROM split_revisions) known
 WHERE execution_date <= (SELECT tickstock_as_of())
   AND known_on <= (SELECT tickstock_as_of())
   AND (gone_on IS NULL OR gone_on > (SELECT tickstock_as_of()))
   AND verdict <> 'held'
WINDOW following AS (PARTITION BY symbol ORDER BY execution_date ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING);

-- Of the two branches one gives rows: when nothing was revised later, as of today above all, no row pays for a join.
-- max() is one look into the index, where EXISTS would read the whole table.
-- IS NOT TRUE keeps the day out of index conditions: it leaves out few sessions or none, but the planner, which does not know the
-- day, takes a third for the rest and would fetch the whole table through a bitmap.
CREATE OR REPLACE VIEW stored_daily AS
SELECT symbol, session, open, high, low, close, volume, vwap, trades, created_at, updated_at, final
  FROM (SELECT symbol, session, open, high, low, close, volume, vwap, trades, created_at, updated_at, final, false AS is_revised
          FROM bars_daily
        UNION ALL
        SELECT b.symbol, b.session,
               CASE WHEN r.symbol IS NULL THEN b.open       ELSE r.open      END,
               CASE WHEN r.symbol IS NULL THEN b.high       ELSE r.high      END,
               CASE WHEN r.symbol IS NULL THEN b.low        ELSE r.low       END,
               CASE WHEN r.symbol IS NULL THEN b.close      ELSE r.close     END,
               CASE WHEN r.symbol IS NULL THEN b.volume     ELSE r.volume    END,
               CASE WHEN r.symbol IS NULL THEN b.vwap       ELSE r.vwap      END,
               CASE WHEN r.symbol IS NULL THEN b.trades     ELSE r.trades    END,
               b.created_at,
               CASE WHEN r.symbol IS NULL THEN b.updated_at ELSE r.stored_at END,
               b.final AND r.symbol IS NULL, true
          FROM bars_daily b
          LEFT JOIN revised_later r ON r.symbol = b.symbol AND r.session = b.session AND r.timeframe = 'daily') branches
 WHERE (session > (SELECT tickstock_as_of())) IS NOT TRUE
   AND is_revised = (SELECT coalesce(max(replaced_on) > tickstock_as_of(), false) FROM bar_revisions);

CREATE OR REPLACE VIEW stored_hourly AS
SELECT symbol, starts_at, session, open, high, low, close, volume, vwap, trades, created_at, updated_at, final
  FROM (SELECT symbol, starts_at, session, open, high, low, close, volume, vwap, trades, created_at, updated_at, final, false AS is_revised
          FROM bars_hourly
        UNION ALL
        SELECT b.symbol, b.starts_at, b.session,
               CASE WHEN r.symbol IS NULL THEN b.open       ELSE r.open      END,
               CASE WHEN r.symbol IS NULL THEN b.high       ELSE r.high      END,
               CASE WHEN r.symbol IS NULL THEN b.low        ELSE r.low       END,
               CASE WHEN r.symbol IS NULL THEN b.close      ELSE r.close     END,
               CASE WHEN r.symbol IS NULL THEN b.volume     ELSE r.volume    END,
               CASE WHEN r.symbol IS NULL THEN b.vwap       ELSE r.vwap      END,
               CASE WHEN r.symbol IS NULL THEN b.trades     ELSE r.trades    END,
               b.created_at,
               CASE WHEN r.symbol IS NULL THEN b.updated_at ELSE r.stored_at END,
               b.final AND r.symbol IS NULL, true
          FROM bars_hourly b
          LEFT JOIN revised_later r ON r.symbol = b.symbol AND r.starts_at = b.starts_at AND r.timeframe = 'hourly') branches
 WHERE (session > (SELECT tickstock_as_of())) IS NOT TRUE
   AND is_revised = (SELECT coalesce(max(replaced_on) > tickstock_as_of(), false) FROM bar_revisions);
