-- What has been asked and answered, why a bar is missing, and every request with its answer.

ALTER TABLE coverage ADD COLUMN provisional datemultirange NOT NULL DEFAULT '{}';
COMMENT ON COLUMN coverage.provisional IS 'Those of sessions to be asked once more when the next one has closed.';
UPDATE coverage c
   SET provisional = c.sessions * p.spans
  FROM (SELECT symbol, timeframe, range_agg(daterange(session, next)) AS spans
          FROM (SELECT symbol, 'daily' AS timeframe, session, final,
                       lead(session) OVER (PARTITION BY symbol ORDER BY session) AS next
                  FROM bars_daily
                UNION ALL
                SELECT symbol, 'hourly', session, bool_and(final),
                       lead(session) OVER (PARTITION BY symbol ORDER BY session)
                  FROM bars_hourly GROUP BY symbol, session) bars
         WHERE NOT final
         GROUP BY symbol, timeframe) p
 WHERE p.symbol = c.symbol AND p.timeframe = c.timeframe;

ALTER TABLE absences DROP CONSTRAINT absences_reason_check;
ALTER TABLE absences ADD CONSTRAINT absences_reason_check CHECK (reason IN (
  'unexplained', 'rejected', 'not_listed', 'delisted', 'clipped', 'vendor_gap', 'vendor_outage', 'no_trade'));
ALTER TABLE absences ADD COLUMN grouped_rows integer;
COMMENT ON COLUMN absences.grouped_rows IS 'How many stocks the bars of all stocks of that day had, without this one; null when they were not asked.';
CREATE INDEX absences_session ON absences (session);

CREATE TABLE market_days (
  session  date PRIMARY KEY,
  stocks   integer NOT NULL,
  asked_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE market_days IS 'How many stocks the newest answer for all stocks of a session had.';

CREATE TABLE symbol_lives (
  symbol      text COLLATE "C" PRIMARY KEY,
  listed_on   date,
  delisted_on date,
  looked_on   date NOT NULL
);
COMMENT ON TABLE symbol_lives IS 'From when until when the vendor says a symbol traded; delisted_on is the first day it did not.';

CREATE TABLE refused_history (
  timeframe text PRIMARY KEY,
  through   date NOT NULL
);
COMMENT ON TABLE refused_history IS 'The vendor refused sessions up to here as older than the history of the plan.';

CREATE TABLE requests (
  run_id     text NOT NULL REFERENCES processing_runs ON DELETE CASCADE,
  n          integer NOT NULL,
  attempt    integer NOT NULL,
  purpose    text NOT NULL CHECK (purpose IN ('planned', 'page', 'evidence')),
  route      text NOT NULL,
  symbol     text COLLATE "C",
  sessions   daterange,
  params     jsonb NOT NULL,
  status     integer,
  tries      integer NOT NULL,
  wait_ms    integer NOT NULL,
  net_ms     integer NOT NULL,
  store_ms   integer,
  bytes      bigint NOT NULL,
  rows       integer NOT NULL,
  request_id text,
  error_code text,
  ended_at   timestamptz NOT NULL,
  PRIMARY KEY (run_id, n)
);
COMMENT ON TABLE requests IS 'What was asked of the vendor and what came of it; kept for requests.keep_days.';
COMMENT ON COLUMN requests.purpose IS 'As planned, a later page of that, or asked to settle a doubt; tries beyond the first are retries.';
CREATE INDEX requests_symbol ON requests (symbol, ended_at);
CREATE INDEX requests_ended_at ON requests (ended_at);
