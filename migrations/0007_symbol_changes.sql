-- Renamed symbols: the vendor keeps each history under the name of its time.

CREATE TABLE symbol_changes (
  old_symbol   text COLLATE "C" NOT NULL,
  new_symbol   text COLLATE "C" NOT NULL,
  last_session date NOT NULL,
  source       text NOT NULL,
  imported_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (old_symbol, last_session),
  UNIQUE (new_symbol, last_session),
  CHECK (old_symbol <> new_symbol),
  CHECK (isfinite(last_session))
);
COMMENT ON TABLE symbol_changes IS 'Of a date a symbol has one successor and one predecessor. Names are used again, by the same and by others.';
COMMENT ON COLUMN symbol_changes.last_session IS 'The last session under the old name; from the next one on the bars are under the new one.';
COMMENT ON COLUMN symbol_changes.source IS 'Where it is known from.';
