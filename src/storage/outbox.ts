import type pg from 'pg';

/** An event to be published, as it is written with what made it true. */
export interface OutboxEvent {
  readonly channel: string;
  readonly event: string;
  readonly runId: string | null;
  readonly attempt: number | null;
  readonly message: object;
}

/** An event with its place in the order of publication. */
export interface NumberedEvent {
  readonly number: number;
  readonly channel: string;
  readonly event: string;
  readonly runId: string | null;
  readonly message: object;
}

/** Notified when events were committed. */
export const EVENTS_WRITTEN = 'tickstock_events';

/** Of these only the newest of a run is of use once they are late. */
const COALESCED = ['job_progress_update', 'daily_processing_progress'];

/** Adds events to the outbox, in their order; the caller's transaction makes them true. */
export async function appendEvents(
  client: pg.ClientBase | pg.Pool,
  events: readonly OutboxEvent[],
): Promise<void> {
  if (events.length === 0) return;
  await client.query(
    `WITH written AS (
       INSERT INTO events (channel, event, run_id, attempt, message)
       SELECT channel, event, run_id, attempt, message
         FROM unnest($1::text[], $2::text[], $3::text[], $4::integer[], $5::json[])
              WITH ORDINALITY AS e(channel, event, run_id, attempt, message, n) ORDER BY n RETURNING 1)
     SELECT pg_notify($6, '') FROM written LIMIT 1`,
    [
      events.map(({ channel }) => channel),
      events.map(({ event }) => event),
      events.map(({ runId }) => runId),
      events.map(({ attempt }) => attempt),
      events.map(({ message }) => JSON.stringify(message)),
      EVENTS_WRITTEN,
    ],
  );
}

/**
 * Numbers the committed events that have none, without holes and in the order they were written. Whoever does it
 * holds the position's row, so that numbers are committed in their order. Returns the last number given.
 */
export async function numberEvents(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query<{ numbered: number }>(
    'SELECT numbered::double precision AS numbered FROM event_position FOR UPDATE',
  );
  const from = rows[0]?.numbered ?? 0;
  // A statement of its own: it must see what the holder of the row before committed.
  const given = await client.query(
    `UPDATE events e SET number = $1 + fresh.n
       FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM events WHERE number IS NULL) fresh
      WHERE e.id = fresh.id`,
    [from],
  );
  const count = given.rowCount ?? 0;
  if (count > 0) await client.query('UPDATE event_position SET numbered = $1', [from + count]);
  return from + count;
}

/** The numbered events after a number, in order. */
export async function readEvents(
  client: pg.ClientBase | pg.Pool,
  after: number,
  limit: number,
): Promise<NumberedEvent[]> {
  const { rows } = await client.query<NumberedEvent>(
    `SELECT number::double precision AS number, channel, event, run_id AS "runId", message
       FROM events WHERE number > $1 ORDER BY number LIMIT $2`,
    [after, limit],
  );
  return rows;
}

/**
 * The next events Redis has not taken, in order, out of at most `limit`: of a run's progress only the newest.
 * `through` is the last number that is settled once these are sent, `listeners` how many heard the last ones.
 */
export async function readUnsent(
  client: pg.ClientBase,
  limit: number,
): Promise<{ events: NumberedEvent[]; through: number; listeners: number }> {
  const { rows } = await client.query<NumberedEvent & { isStale: boolean; listeners: number }>(
    `SELECT (SELECT listeners FROM event_position), number::double precision AS number, channel, event, run_id AS "runId", message,
            event = ANY($2) AND number < max(number) OVER (PARTITION BY event, run_id, attempt) AS "isStale"
       FROM (SELECT * FROM events WHERE number > (SELECT sent FROM event_position) ORDER BY number LIMIT $1) next
      ORDER BY number`,
    [limit, COALESCED],
  );
  return {
    events: rows.filter(({ isStale }) => !isStale),
    through: rows.at(-1)?.number ?? 0,
    listeners: rows[0]?.listeners ?? 0,
  };
}

/** Remembers that Redis has taken everything through a number, for so many listeners. */
export async function markSent(client: pg.ClientBase, through: number, listeners: number): Promise<void> {
  await client.query('UPDATE event_position SET sent = greatest(sent, $1), listeners = $2', [
    through,
    listeners,
  ]);
}

/** Which numbers there are. */
export interface OutboxBounds {
  /** The oldest number kept; one more than `numbered` when none is. */
  readonly first: number;
  readonly numbered: number;
}

/** How far Redis is behind; counts what waits. */
export interface OutboxState extends OutboxBounds {
  readonly sent: number;
  /** Events that Redis has not taken. */
  readonly waiting: number;
  /** Seconds the oldest event has waited for Redis; 0 when none waits. */
  readonly lagSeconds: number;
}

const boundColumns = `coalesce((SELECT min(number) FROM events), numbered + 1)::double precision AS first,
            numbered::double precision AS numbered`;

export const outboxBounds = (client: pg.ClientBase | pg.Pool): Promise<OutboxBounds> =>
  readPosition<OutboxBounds>(client, boundColumns);

export const outboxState = (client: pg.ClientBase | pg.Pool): Promise<OutboxState> =>
  readPosition<OutboxState>(
    client,
    `${boundColumns}, sent::double precision AS sent,
            (SELECT count(*) FROM events WHERE number > sent OR number IS NULL)::integer AS waiting,
            coalesce(extract(epoch FROM now() - (SELECT created_at FROM events
                     WHERE number > sent OR number IS NULL ORDER BY id LIMIT 1)), 0)::double precision AS "lagSeconds"`,
  );

async function readPosition<T extends object>(client: pg.ClientBase | pg.Pool, columns: string): Promise<T> {
  const { rows } = await client.query<T>(`SELECT ${columns} FROM event_position`);
  const state = rows[0];
  if (state === undefined) throw new Error('the position of the outbox is missing');
  return state;
}

/** Removes events older than `days`, sent or not; how many. */
export async function pruneEvents(client: pg.ClientBase | pg.Pool, days: number): Promise<number> {
  const { rowCount } = await client.query(
    'DELETE FROM events WHERE created_at < now() - make_interval(days => $1)',
    [days],
  );
  return rowCount ?? 0;
}
