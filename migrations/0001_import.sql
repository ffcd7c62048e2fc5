-- Raw bars as traded, what consumers read (views adjusted for splits), and the record of runs.
-- Text keys compare by bytes ("C"): the order is the same on every server, and fast.

CREATE TABLE bars_daily (
  symbol     text COLLATE "C" NOT NULL,
  session    date NOT NULL,
  open       double precision NOT NULL,
  high       double precision NOT NULL,
  low        double precision NOT NULL,
  close      double precision NOT NULL,
  volume     double precision NOT NULL,
  vwap       double precision,
  trades     integer,
  final      boolean NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (symbol, session)
);
COMMENT ON TABLE bars_daily IS 'Raw day bars: neither split nor dividend adjusted. session is the New York date.';

CREATE TABLE bars_hourly (
  symbol     text COLLATE "C" NOT NULL,
  starts_at  timestamptz NOT NULL,
  session    date NOT NULL,
  open       double precision NOT NULL,
  high       double precision NOT NULL,
  low        double precision NOT NULL,
  close      double precision NOT NULL,
  volume     double precision NOT NULL,
  vwap       double precision,
  trades     integer,
  final      boolean NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (symbol, starts_at)
);
COMMENT ON TABLE bars_hourly IS 'Raw hour bars, 04:00 to 19:00 New York, extended hours included.';

CREATE TABLE bar_revisions (
  symbol      text COLLATE "C" NOT NULL,
  timeframe   text NOT NULL,
  starts_at   timestamptz NOT NULL,
  open        double precision NOT NULL,
  high        double precision NOT NULL,
  low         double precision NOT NULL,
  close       double precision NOT NULL,
  volume      double precision NOT NULL,
  vwap        double precision,
  trades      integer,
  stored_at   timestamptz NOT NULL,
  replaced_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (symbol, timeframe, starts_at, replaced_at)
);
COMMENT ON TABLE bar_revisions IS 'The values a bar had before the vendor revised it. A day starts at 00:00 New York.';

CREATE TABLE rejected_bars (
  symbol    text COLLATE "C" NOT NULL,
  timeframe text NOT NULL,
  starts_at timestamptz NOT NULL,
  session   date NOT NULL,
  open      double precision,
  high      double precision,
  low       double precision,
  close     double precision,
  volume    double precision,
  vwap      double precision,
  trades    double precision,
  reason    text NOT NULL,
  run_id    text NOT NULL,
  seen_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (symbol, timeframe, starts_at)
);
COMMENT ON TABLE rejected_bars IS 'Quarantine: bars that broke a row rule, as the vendor sent them.';

CREATE TABLE splits (
  symbol         text COLLATE "C" NOT NULL,
  execution_date date NOT NULL,
  split_from     double precision NOT NULL CHECK (split_from > 0 AND split_from < 'Infinity'),
  split_to       double precision NOT NULL CHECK (split_to > 0 AND split_to < 'Infinity'),
  first_seen_at  timestamptz NOT NULL DEFAULT now(),
  updated_at     timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (symbol, execution_date)
);
COMMENT ON TABLE splits IS 'split_to new shares for split_from old ones; bars before execution_date are in old shares.';

CREATE TABLE coverage (
  symbol     text COLLATE "C" NOT NULL,
  timeframe  text NOT NULL,
  sessions   datemultirange NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (symbol, timeframe)
) WITH (fillfactor = 50);
COMMENT ON TABLE coverage IS 'Sessions asked and answered; each is bridged to the next: [session, next session).';

CREATE TABLE absences (
  symbol     text COLLATE "C" NOT NULL,
  timeframe  text NOT NULL,
  session    date NOT NULL,
  reason     text NOT NULL DEFAULT 'unexplained' CHECK (reason IN ('unexplained', 'rejected')),
  noticed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (symbol, timeframe, session)
);
COMMENT ON TABLE absences IS 'Covered sessions without a bar, and why.';

-- As of which New York day views adjust: the session setting tickstock.as_of, else today.
-- product() of floats: exact for whole ratios, unlike exp(sum(ln())).
CREATE AGGREGATE tickstock_product(double precision) (SFUNC = float8mul, STYPE = double precision, INITCOND = '1');

CREATE VIEW split_factors AS
SELECT symbol,
       coalesce(lag(execution_date) OVER (PARTITION BY symbol ORDER BY execution_date), '-infinity'::date) AS from_session,
       execution_date AS before_session,
       tickstock_product(split_from) OVER following AS old_shares,
       tickstock_product(split_to) OVER following AS new_shares
  FROM splits
 WHERE execution_date <= coalesce(nullif(current_setting('tickstock.as_of', true), '')::date,
                                  (now() AT TIME ZONE 'America/New_York')::date)
WINDOW following AS (PARTITION BY symbol ORDER BY execution_date ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING);
COMMENT ON VIEW split_factors IS 'Sessions in [from_session, before_session) adjust by price * old_shares / new_shares.';

CREATE VIEW ohlcv_daily AS
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
  FROM bars_daily b
  LEFT JOIN split_factors f
    ON f.symbol = b.symbol AND b.session >= f.from_session AND b.session < f.before_session;
COMMENT ON VIEW ohlcv_daily IS 'Day bars adjusted for the splits known today.';

CREATE VIEW ohlcv_hourly AS
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
  FROM bars_hourly b
  LEFT JOIN split_factors f
    ON f.symbol = b.symbol AND b.session >= f.from_session AND b.session < f.before_session;
COMMENT ON VIEW ohlcv_hourly IS 'Hour bars adjusted for the splits known today.';

-- 1899-12-31 was a Sunday; whole-number arithmetic is twice as fast here as extract(dow).
CREATE VIEW ohlcv_weekly AS
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
         <= coalesce(nullif(current_setting('tickstock.as_of', true), '')::date,
                     (now() AT TIME ZONE 'America/New_York')::date) AS final
  FROM ohlcv_daily
 GROUP BY symbol, date - (date - DATE '1899-12-31') % 7;
COMMENT ON VIEW ohlcv_weekly IS 'Weeks rolled up from adjusted days, stamped with their Sunday; final is false while one runs.';

CREATE VIEW ohlcv_monthly AS
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
         <= coalesce(nullif(current_setting('tickstock.as_of', true), '')::date,
                     (now() AT TIME ZONE 'America/New_York')::date) AS final
  FROM ohlcv_daily
 GROUP BY symbol, date_trunc('month', date::timestamp);
COMMENT ON VIEW ohlcv_monthly IS 'Months rolled up from adjusted days, stamped with their 1st; final is false while one runs.';

CREATE TABLE processing_runs (
  run_id            text PRIMARY KEY,
  status            text NOT NULL CHECK (status IN ('pending', 'in_progress', 'paused', 'parked', 'completed', 'failed', 'cancelled')),
  phase             text NOT NULL DEFAULT 'data_import',
  trigger_type      text NOT NULL,
  attempt           integer NOT NULL DEFAULT 1,
  request           jsonb NOT NULL,
  total_symbols     integer NOT NULL,
  records_imported  bigint NOT NULL DEFAULT 0,
  records_new       bigint NOT NULL DEFAULT 0,
  records_changed   bigint NOT NULL DEFAULT 0,
  records_unchanged bigint NOT NULL DEFAULT 0,
  records_rejected  bigint NOT NULL DEFAULT 0,
  requests          integer NOT NULL DEFAULT 0,
  bytes             bigint NOT NULL DEFAULT 0,
  error_code        text,
  error_message     text,
  created_at        timestamptz NOT NULL DEFAULT now(),
  started_at        timestamptz,
  completed_at      timestamptz
);
COMMENT ON COLUMN processing_runs.request IS 'What was asked, resolved: universes, symbols count, timeframes and the window of each.';
CREATE INDEX processing_runs_created_at ON processing_runs (created_at DESC);

CREATE TABLE processing_progress (
  run_id               text NOT NULL REFERENCES processing_runs ON DELETE CASCADE,
  phase                text NOT NULL,
  total_items          integer NOT NULL,
  completed_items      integer NOT NULL DEFAULT 0,
  failed_items         integer NOT NULL DEFAULT 0,
  percent_complete     double precision NOT NULL DEFAULT 0,
  current_item         text,
  estimated_completion timestamptz,
  started_at           timestamptz NOT NULL DEFAULT now(),
  updated_at           timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (run_id, phase)
);

CREATE TABLE symbol_processing_status (
  run_id             text NOT NULL REFERENCES processing_runs ON DELETE CASCADE,
  phase              text NOT NULL,
  symbol             text COLLATE "C" NOT NULL,
  status             text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'in_progress', 'completed', 'failed')),
  attempt            integer NOT NULL DEFAULT 1,
  retry_count        integer NOT NULL DEFAULT 0,
  timeframes         text[] NOT NULL,
  records_imported   bigint NOT NULL DEFAULT 0,
  processing_time_ms integer,
  error_code         text,
  error_message      text,
  started_at         timestamptz,
  completed_at       timestamptz,
  updated_at         timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (run_id, phase, symbol)
);

-- Where the bars came from; bars of two sources never share a database.
CREATE TABLE bar_source (
  only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  source     text NOT NULL,
  first_used timestamptz NOT NULL DEFAULT now()
);
