-- Who publishes next must know whom to wait for when Redis has come back.

ALTER TABLE event_position ADD COLUMN listeners integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN event_position.listeners IS 'How many subscriptions there were when Redis took the last event.';
