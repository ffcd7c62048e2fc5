import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { type Item, type ItemQueue, itemSchema } from '../jobs/fleet.ts';

/** How long the queue may take over one command before it counts as away. */
const PATIENCE_MS = 3000;
const LONGEST_RETRY_MS = 1000;
/** A worker that is not heard of for so long has lost its items to the others. */
const LOCK_MS = 5000;
const LOOK_FOR_LOST_MS = 1500;

const nameOf = (fleetId: string): string => `tickstock-${fleetId}`;

const connect = (url: string): Redis => {
  const redis = new Redis(url, {
    // As BullMQ asks of connections that wait for jobs.
    maxRetriesPerRequest: null,
    enableReadyCheck: false,
    connectTimeout: PATIENCE_MS,
    retryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 5), LONGEST_RETRY_MS),
  });
  redis.on('error', () => {});
  return redis;
};

/** The queue of a database's fleet in Redis. A queue that is away rejects within seconds; it is connected again by itself. */
export function openItemQueue(url: string, fleetId: string): ItemQueue {
  const connection = connect(url);
  const queue = new Queue<Item>(nameOf(fleetId), { connection, skipVersionCheck: true });
  queue.on('error', () => {});
  return {
    async add(id, item, urgent) {
      // A job whose id is kept would make adding it again do nothing.
      const options = {
        jobId: id,
        removeOnComplete: true,
        removeOnFail: true,
        ...(!urgent && { priority: 10 }),
      };
      await patiently(queue.add(item.work.kind, item, options));
    },
    has: async (id) => (await patiently(queue.getJob(id))) !== undefined,
    async remove(id) {
      // One that a worker has is locked, and stays with it.
      await patiently(queue.remove(id)).catch(() => {});
    },
    async close() {
      await patiently(queue.close()).catch(() => {});
      connection.disconnect();
    },
  };
}

/** Takes items from the queue, `slots` at once, until it is closed. What `work` throws gives the item up for now. */
export function takeItems(
  { url, fleetId, slots }: { readonly url: string; readonly fleetId: string; readonly slots: number },
  work: (item: Item) => Promise<void>,
  onState: (isUp: boolean, reason: string) => void,
): { close(): Promise<void> } {
  const connection = connect(url);
  let reason = 'the connection ended';
  connection.on('error', (error: Error) => (reason = error.message));
  connection.on('ready', () => onState(true, reason));
  connection.on('close', () => onState(false, reason));
  const worker = new Worker<unknown>(
    nameOf(fleetId),
    async ({ data }) => {
      const item = itemSchema.safeParse(data);
      // Of another version; whoever offered it offers it again.
      if (item.success) await work(item.data);
    },
    {
      connection,
      concurrency: slots,
      lockDuration: LOCK_MS,
      stalledInterval: LOOK_FOR_LOST_MS,
      // Who has lost too many workers is known by the database, not by the queue.
      maxStalledCount: 1_000_000,
      runRetryDelay: 1000,
      drainDelay: 1,
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
      skipVersionCheck: true,
    },
  );
  worker.on('error', () => {});
  return {
    async close() {
      connection.removeAllListeners('close');
      await patiently(worker.close(), LOCK_MS).catch(() => {});
      connection.disconnect();
    },
  };
}

function patiently<T>(promise: Promise<T>, ms = PATIENCE_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('Redis does not answer')), ms);
  });
  promise.catch(() => {});
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
