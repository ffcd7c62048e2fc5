-- What the service needs: the outbox of events, who may call it, the nightly schedule, and signs of life of runs.

CREATE TABLE events (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  number     bigint UNIQUE,
  channel    text NOT NULL,
  event      text NOT NULL,
  run_id     text,
  attempt    integer,
  message    json NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE events IS 'Outbox: written in the transaction that made the event true, numbered by one publisher when committed.';
COMMENT ON COLUMN events.number IS 'Position in the order of publication, without holes; null until the publisher has seen it.';
CREATE INDEX events_unnumbered ON events (id) WHERE number IS NULL;
CREATE INDEX events_created_at ON events (created_at);

CREATE TABLE event_position (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  numbered bigint NOT NULL DEFAULT 0,
  sent     bigint NOT NULL DEFAULT 0,
  CHECK (sent <= numbered)
);
COMMENT ON TABLE event_position IS 'The last number given, and the last one Redis has taken.';
INSERT INTO event_position DEFAULT VALUES;

CREATE TABLE api_keys (
  id         text COLLATE "C" PRIMARY KEY,
  name       text NOT NULL,
  access     text NOT NULL CHECK (access IN ('read', 'write')),
  hash       bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  revoked_at timestamptz
);
COMMENT ON COLUMN api_keys.hash IS 'SHA-256 of the whole key, which is random and kept nowhere.';

CREATE TABLE schedule (
  only_row      boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  enabled       boolean NOT NULL,
  delay_minutes integer NOT NULL CHECK (delay_minutes BETWEEN 0 AND 1440),
  universes     text[] NOT NULL,
  timeframes    text[] NOT NULL,
  enabled_since timestamptz NOT NULL,
  updated_at    timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE schedule IS 'The nightly import: after each close, delay_minutes later. Sessions that closed before enabled_since are not caught up on.';

CREATE TABLE scheduled_sessions (
  session  date PRIMARY KEY,
  run_id   text,
  skipped  text,
  retries  integer NOT NULL DEFAULT 0,
  retry_at timestamptz,
  fired_at timestamptz NOT NULL
);
COMMENT ON TABLE scheduled_sessions IS 'One row a session that has been acted on: its run, or why it was skipped. retry_at: when to ask the vendor again.';

ALTER TABLE processing_runs
  ADD COLUMN session date,
  ADD COLUMN heartbeat_at timestamptz,
  ADD COLUMN cancel_requested boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN processing_runs.session IS 'The session a daily run was for; null for other runs.';
COMMENT ON COLUMN processing_runs.heartbeat_at IS 'The last sign of life of whoever works on the run.';

ALTER TABLE processing_progress ADD COLUMN processing_ms bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN processing_progress.processing_ms IS 'Sum over the symbols that have ended.';
