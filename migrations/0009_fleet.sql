-- Runs that outlive the process that works them.

ALTER TABLE processing_runs
  ADD COLUMN requests_logged integer NOT NULL DEFAULT 0,
  ADD COLUMN stop_requested text CHECK (stop_requested IN ('cancel', 'pause')),
  ADD COLUMN goes_on boolean NOT NULL DEFAULT false,
  DROP COLUMN cancel_requested;
COMMENT ON COLUMN processing_runs.requests_logged IS 'How many rows requests has had of the run; each batch numbers its own from here.';
COMMENT ON COLUMN processing_runs.stop_requested IS 'What somebody asks of whoever works on the run.';
COMMENT ON COLUMN processing_runs.goes_on IS 'Parked because its process was told to stop: the next one goes on with it.';
UPDATE processing_runs r SET requests_logged = (SELECT coalesce(max(n), 0) FROM requests q WHERE q.run_id = r.run_id);

ALTER TABLE symbol_processing_status
  ADD COLUMN own_requests boolean NOT NULL DEFAULT false,
  ADD COLUMN lost_workers smallint NOT NULL DEFAULT 0;
COMMENT ON COLUMN symbol_processing_status.own_requests IS 'In work with requests of its own, not just on days of all stocks: the death of its process may be its fault.';
COMMENT ON COLUMN symbol_processing_status.lost_workers IS 'How many processes have died while they had such requests in work.';

CREATE TABLE run_answers (
  run_id text NOT NULL REFERENCES processing_runs ON DELETE CASCADE,
  item   text COLLATE "C" NOT NULL,
  answer jsonb NOT NULL,
  PRIMARY KEY (run_id, item)
);
COMMENT ON TABLE run_answers IS 'What came of a symbol of a run in progress whose end is not decided yet: its doubts wait for evidence.';

CREATE TABLE run_batches (
  run_id text NOT NULL REFERENCES processing_runs ON DELETE CASCADE,
  batch  uuid NOT NULL,
  result json NOT NULL,
  PRIMARY KEY (run_id, batch)
);
COMMENT ON TABLE run_batches IS 'The batches of a run in progress: whoever lost the connection at the commit finds out here whether it counts.';

ALTER TABLE symbol_processing_status ADD COLUMN taken_by text;
COMMENT ON COLUMN symbol_processing_status.taken_by IS 'The worker of the fleet that has it in work.';

CREATE TABLE workers (
  worker     text COLLATE "C" PRIMARY KEY,
  host       text NOT NULL,
  pid        integer NOT NULL,
  version    text NOT NULL,
  slots      integer NOT NULL CHECK (slots > 0),
  started_at timestamptz NOT NULL DEFAULT now(),
  seen_at    timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE workers IS 'The processes that take work of runs; one that is silent for seconds is not counted on.';

CREATE TABLE fleet (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  id       uuid NOT NULL DEFAULT gen_random_uuid()
);
COMMENT ON TABLE fleet IS 'Names this database in queues that several databases may share.';
INSERT INTO fleet DEFAULT VALUES;

ALTER TABLE symbol_processing_status
  ADD COLUMN weeks int4multirange NOT NULL DEFAULT '{}',
  ADD COLUMN months int4multirange NOT NULL DEFAULT '{}';
COMMENT ON COLUMN symbol_processing_status.weeks IS 'The weeks (since 1970) the run has counted as imported; weeks and months that several batches touch count once.';
