-- One row a key hands out the slots of all its processes.

CREATE TABLE pacing (
  fingerprint   bytea PRIMARY KEY,
  slot_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  paused_until  timestamptz NOT NULL DEFAULT '-infinity',
  gap_ms        double precision,
  refused_ms    double precision,
  held_ms       double precision,
  failed_trials integer NOT NULL DEFAULT 0,
  changes       integer NOT NULL DEFAULT 0,
  changed_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  grants        integer NOT NULL DEFAULT 1,
  refusals      integer NOT NULL DEFAULT 0,
  unbroken      boolean NOT NULL DEFAULT true
);
COMMENT ON TABLE pacing IS 'The pace of a vendor''s key, over all processes that use it, by this server''s clock.';
COMMENT ON COLUMN pacing.fingerprint IS 'SHA-256 of the vendor''s address and the key.';
COMMENT ON COLUMN pacing.slot_at IS 'The slot handed out last.';
COMMENT ON COLUMN pacing.paused_until IS 'No slot before, since the vendor refused requests as too fast.';
COMMENT ON COLUMN pacing.gap_ms IS 'Least time between slots as refusals have taught it; null: polygon.rate_limit_ms says.';
COMMENT ON COLUMN pacing.refused_ms IS 'The widest gap that was refused lately.';
COMMENT ON COLUMN pacing.held_ms IS 'The narrowest gap that held, while a narrower one is on trial.';
COMMENT ON COLUMN pacing.failed_trials IS 'Trials refused one after the other.';
COMMENT ON COLUMN pacing.changes IS 'Counts changes of the gap; the columns after it are since the last one.';
COMMENT ON COLUMN pacing.unbroken IS 'Slots were wanted all the time.';
