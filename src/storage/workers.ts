import type pg from 'pg';

/** A process that takes items of runs. */
export interface WorkerSign {
  readonly worker: string;
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  /** Items at once. */
  readonly slots: number;
}

/** A worker silent for so long, by the database's clock, is not counted on. */
const isAlive = `seen_at > now() - interval '5 seconds'`;

/** Gives a worker's sign of life. */
export async function signOn(client: pg.ClientBase | pg.Pool, sign: WorkerSign): Promise<void> {
  await client.query(
    `INSERT INTO workers (worker, host, pid, version, slots) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (worker) DO UPDATE SET seen_at = now(), slots = excluded.slots`,
    [sign.worker, sign.host, sign.pid, sign.version, sign.slots],
  );
}

export async function signOff(client: pg.ClientBase | pg.Pool, worker: string): Promise<void> {
  await client.query('DELETE FROM workers WHERE worker = $1', [worker]);
}

/** The living workers; forgets those silent for a day. */
export async function listWorkers(client: pg.ClientBase | pg.Pool): Promise<WorkerSign[]> {
  await client.query(`DELETE FROM workers WHERE seen_at < now() - interval '1 day'`);
  const { rows } = await client.query<WorkerSign>(
    `SELECT worker, host, pid, version, slots FROM workers WHERE ${isAlive} ORDER BY host, pid`,
  );
  return rows;
}

/** Names the database among others, for queues that several may share. */
export async function readFleetId(client: pg.ClientBase | pg.Pool): Promise<string> {
  const { rows } = await client.query<{ id: string }>('SELECT id::text FROM fleet');
  return rows[0]!.id;
}
