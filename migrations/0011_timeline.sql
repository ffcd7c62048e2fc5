-- What the page of a run shows: how many requests are to come, and how long reading their answers took.

ALTER TABLE processing_runs ADD COLUMN requests_planned integer;
COMMENT ON COLUMN processing_runs.requests_planned IS 'What requests comes to when the attempt has done as planned, with the later pages there were so far. Null before there was such a count.';

ALTER TABLE requests ADD COLUMN parse_ms integer;
COMMENT ON COLUMN requests.parse_ms IS 'The part of net_ms spent on reading rows as they came; null before it was measured.';
