-- Splits with their history and the verdict of the prices, and views that answer as of any New York day.

CREATE FUNCTION tickstock_as_of() RETURNS date LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT coalesce(nullif(current_setting('tickstock.as_of', true), '')::date, (now() AT TIME ZONE 'America/New_York')::date) $$;
COMMENT ON FUNCTION tickstock_as_of() IS 'The New York day views read as: the session setting tickstock.as_of, else today. As a sub-select it is evaluated once a query.';

ALTER TABLE splits
  ADD COLUMN known_on date,
  ADD COLUMN withdrawn_on date,
  ADD COLUMN verdict text NOT NULL DEFAULT 'pending' CHECK (verdict IN ('announced', 'pending', 'unverifiable', 'confirmed', 'held')),
  ADD COLUMN observed double precision;
UPDATE splits SET known_on = least(execution_date, (first_seen_at AT TIME ZONE 'America/New_York')::date);
ALTER TABLE splits
  ALTER COLUMN known_on SET DEFAULT tickstock_as_of(),
  ALTER COLUMN known_on SET NOT NULL;
COMMENT ON COLUMN splits.known_on IS 'The New York day since which this ratio is known, by the importer''s clock; earlier ratios are in split_revisions.';
COMMENT ON COLUMN splits.withdrawn_on IS 'The New York day on which the vendor no longer listed it; null: it stands.';
COMMENT ON COLUMN splits.verdict IS 'What the raw prices say; one that is held is not applied.';
COMMENT ON COLUMN splits.observed IS 'Raw close before / raw open on or after; null when there was nothing to judge by.';

CREATE TABLE split_revisions (
  symbol         text COLLATE "C" NOT NULL,
  execution_date date NOT NULL,
  split_from     double precision NOT NULL,
  split_to       double precision NOT NULL,
  verdict        text NOT NULL,
  known_on       date NOT NULL,
  replaced_on    date NOT NULL,
  PRIMARY KEY (symbol, execution_date, known_on),
  CHECK (known_on < replaced_on)
);
COMMENT ON TABLE split_revisions IS 'What was known of a split before it was corrected, or before it stood again: in force on the New York days [known_on, replaced_on).';

CREATE TABLE split_look (
  only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  known_from date,
  looked_on  date
);
COMMENT ON TABLE split_look IS 'The whole market''s splits are known since the execution date known_from; looked_on: the New York day of the last look.';
INSERT INTO split_look DEFAULT VALUES;

ALTER TABLE bar_revisions ADD COLUMN replaced_on date;
UPDATE bar_revisions SET replaced_on = (replaced_at AT TIME ZONE 'America/New_York')::date;
ALTER TABLE bar_revisions
  ALTER COLUMN replaced_on SET DEFAULT tickstock_as_of(),
  ALTER COLUMN replaced_on SET NOT NULL;
COMMENT ON COLUMN bar_revisions.replaced_on IS 'The New York day on which the revision was seen, by the importer''s clock.';
CREATE INDEX bar_revisions_replaced_on ON bar_revisions (replaced_on);

CREATE OR REPLACE VIEW split_factors AS
SELECT symbol,
       coalesce(lag(execution_date) OVER (PARTITION BY symbol ORDER BY execution_date), '-infinity'::date) AS from_session,
       execution_date AS before_session,
       tickstock_product(split_from) OVER following AS old_shares,
       tickstock_product(split_to) OVER following AS new_shares
  FROM (SELECT symbol, execution_date, split_from, split_to
          FROM splits
         WHERE known_on <= (SELECT tickstock_as_of())
           AND (withdrawn_on IS NULL OR withdrawn_on > (SELECT tickstock_as_of()))
           AND verdict <> 'held'
        UNION ALL
        SELECT symbol, execution_date, split_from, split_to
          FROM split_revisions
         WHERE known_on <= (SELECT tickstock_as_of())
           AND replaced_on > (SELECT tickstock_as_of())
           AND verdict <> 'held') known
 WHERE execution_date <= (SELECT tickstock_as_of())
WINDOW following AS (PARTITION BY symbol ORDER BY execution_date ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING);

CREATE VIEW revised_later AS
SELECT DISTINCT ON (symbol, timeframe, starts_at)
       symbol, timeframe, starts_at, (starts_at AT TIME ZONE 'America/New_York')::date AS session,
       open, high, low, close, volume, vwap, trades, stored_at
  FROM bar_revisions
 WHERE replaced_on > (SELECT tickstock_as_of())
 ORDER BY symbol, timeframe, starts_at, replaced_on, replaced_at;
COMMENT ON VIEW revised_later IS 'The values of the as-of day of bars that were revised after it.';

-- Two branches, of which one gives rows: when nothing was revised later, as of today above all, no row pays for a join.
-- max() is one look into the index, where EXISTS would read the whole table.
CREATE VIEW stored_daily AS
SELECT symbol, session, open, high, low, close, volume, vwap, trades, created_at, updated_at, final
  FROM bars_daily
 WHERE session <= (SELECT CASE WHEN max(replaced_on) > tickstock_as_of() THEN '-infinity' ELSE tickstock_as_of() END FROM bar_revisions)
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
       b.final AND r.symbol IS NULL
  FROM bars_daily b
  LEFT JOIN revised_later r ON r.symbol = b.symbol AND r.session = b.session AND r.timeframe = 'daily'
 WHERE b.session <= (SELECT tickstock_as_of())
   AND coalesce((SELECT max(replaced_on) FROM bar_revisions) > (SELECT tickstock_as_of()), false);
COMMENT ON VIEW stored_daily IS 'Raw day bars as they were stored on the as-of day, its session the last one; final: the values stood ever since.';

CREATE VIEW stored_hourly AS
SELECT symbol, starts_at, session, open, high, low, close, volume, vwap, trades, created_at, updated_at, final
  FROM bars_hourly
 WHERE session <= (SELECT CASE WHEN max(replaced_on) > tickstock_as_of() THEN '-infinity' ELSE tickstock_as_of() END FROM bar_revisions)
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
       b.final AND r.symbol IS NULL
  FROM bars_hourly b
  LEFT JOIN revised_later r ON r.symbol = b.symbol AND r.starts_at = b.starts_at AND r.timeframe = 'hourly'
 WHERE b.session <= (SELECT tickstock_as_of())
   AND coalesce((SELECT max(replaced_on) FROM bar_revisions) > (SELECT tickstock_as_of()), false);
COMMENT ON VIEW stored_hourly IS 'Raw hour bars as they were stored on the as-of day, its session the last one; final: the values stood ever since.';

CREATE OR REPLACE VIEW ohlcv_daily AS
SELECT b.symbol,
       b.session AS date,
       CASE WHEN f.symbol IS NULL THEN b.open   ELSE b.open   * f.old_shares / f.new_shares END AS open,
       CASE WHEN f.symbol IS NULL THEN b.high   ELSE b.high   * f.old_shares / f.new_shares END AS high,
       CASE WHEN f.symbol IS NULL THEN b.low    ELSE b.low    * f.old_shares / f.new_shares END AS low,
       CASE WHEN f.symbol IS NULL THEN b.close  ELSE b.close  * f.old_shares / f.new_shares END AS close,
       CASE WHEN f.symbol IS NULL THEN b.volume ELSE b.volume * f.new_shares / f.old_shares END AS volume,
       CASE WHEN f.symbol IS NULL THEN b.vwap   ELSE b.vwap   * f.old_shares / f.new_shares END AS vwap,
       b.trades,
       b.created_at,
       b.updated_at,
       b.final
  FROM stored_daily b
  LEFT JOIN split_factors f
    ON f.symbol = b.symbol AND b.session >= f.from_session AND b.session < f.before_session;
COMMENT ON VIEW ohlcv_daily IS 'Day bars as stored on the as-of day, adjusted for the splits known and executed by then.';

CREATE OR REPLACE VIEW ohlcv_hourly AS
SELECT b.symbol,
       b.starts_at AS "timestamp",
       CASE WHEN f.symbol IS NULL THEN b.open   ELSE b.open   * f.old_shares / f.new_shares END AS open,
       CASE WHEN f.symbol IS NULL THEN b.high   ELSE b.high   * f.old_shares / f.new_shares END AS high,
       CASE WHEN f.symbol IS NULL THEN b.low    ELSE b.low    * f.old_shares / f.new_shares END AS low,
       CASE WHEN f.symbol IS NULL THEN b.close  ELSE b.close  * f.old_shares / f.new_shares END AS close,
       CASE WHEN f.symbol IS NULL THEN b.volume ELSE b.volume * f.new_shares / f.old_shares END AS volume,
       CASE WHEN f.symbol IS NULL THEN b.vwap   ELSE b.vwap   * f.old_shares / f.new_shares END AS vwap,
       b.trades,
       b.created_at,
       b.updated_at,
       b.final
  FROM stored_hourly b
  LEFT JOIN split_factors f
    ON f.symbol = b.symbol AND b.session >= f.from_session AND b.session < f.before_session;
COMMENT ON VIEW ohlcv_hourly IS 'Hour bars as stored on the as-of day, adjusted for the splits known and executed by then.';

-- As before, but for the day, which is read once a query.
CREATE OR REPLACE VIEW ohlcv_weekly AS
SELECT symbol,
       date - (date - DATE '1899-12-31') % 7 AS date,
       (array_agg(open ORDER BY date))[1] AS open,
       max(high) AS high,
       min(low) AS low,
       (array_agg(close ORDER BY date))[count(*)] AS close,
       sum(volume) AS volume,
       sum(volume * vwap) / nullif(sum(volume) FILTER (WHERE vwap IS NOT NULL), 0) AS vwap,
       sum(trades) AS trades,
       min(created_at) AS created_at,
       max(updated_at) AS updated_at,
       bool_and(final) AND date - (date - DATE '1899-12-31') % 7 + 7
         <= (SELECT tickstock_as_of()) AS final
  FROM ohlcv_daily
 GROUP BY symbol, date - (date - DATE '1899-12-31') % 7;

CREATE OR REPLACE VIEW ohlcv_monthly AS
SELECT symbol,
       date_trunc('month', date::timestamp)::date AS date,
       (array_agg(open ORDER BY date))[1] AS open,
       max(high) AS high,
       min(low) AS low,
       (array_agg(close ORDER BY date))[count(*)] AS close,
       sum(volume) AS volume,
       sum(volume * vwap) / nullif(sum(volume) FILTER (WHERE vwap IS NOT NULL), 0) AS vwap,
       sum(trades) AS trades,
       min(created_at) AS created_at,
       max(updated_at) AS updated_at,
       bool_and(final) AND (date_trunc('month', date::timestamp) + interval '1 month')::date
         <= (SELECT tickstock_as_of()) AS final
  FROM ohlcv_daily
 GROUP BY symbol, date_trunc('month', date::timestamp);
