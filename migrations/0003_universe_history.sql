-- For which dates a universe's members are known: its history may begin late and end early.

ALTER TABLE universes
  ADD COLUMN known_from date,
  ADD COLUMN known_through date,
  ADD CHECK (known_from <= known_through);
COMMENT ON COLUMN universes.known_from IS 'The first day for which the members are known; null: any.';
COMMENT ON COLUMN universes.known_through IS 'The last day for which they are known; null: to this day.';
