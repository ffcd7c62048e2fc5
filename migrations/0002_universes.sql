-- Universes kept in the database: named lists of symbols, each membership with its span of dates.

CREATE TABLE universes (
  name       text COLLATE "C" PRIMARY KEY,
  source     text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN universes.source IS 'Where the list came from, such as the file it was imported from.';

CREATE TABLE universe_members (
  universe   text COLLATE "C" NOT NULL REFERENCES universes ON DELETE CASCADE,
  symbol     text COLLATE "C" NOT NULL,
  name       text,
  sector     text,
  valid_from date NOT NULL DEFAULT '-infinity',
  valid_to   date NOT NULL DEFAULT 'infinity',
  PRIMARY KEY (universe, symbol, valid_from),
  CHECK (valid_from <= valid_to)
);
COMMENT ON TABLE universe_members IS 'A symbol that left and came back has a row for each stay.';
COMMENT ON COLUMN universe_members.valid_to IS 'The last day as a member, inclusive.';
