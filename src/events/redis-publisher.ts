import type { Clock } from '../clock.ts';
import type { FeedEvent } from './event-feed.ts';
import { channels } from './event-names.ts';
import { createWaker } from './waker.ts';
import type { EventRedis } from './redis-client.ts';

interface Unsent {
  readonly events: readonly FeedEvent[];
  readonly through: number;
  readonly listeners: number;
}

/** The outbox as its one publisher sees it, while it alone holds it. */
export interface HeldOutbox {
  /** Numbers what has been committed since. */
  number(): Promise<number>;
  /** The next events Redis has not taken, progress coalesced, the last number settled with them, and how many heard the last ones. */
  unsent(limit: number): Promise<Unsent>;
  markSent(through: number, listeners: number): Promise<void>;
}

export interface RedisPublisher {
  /** Something may have been committed. */
  wake(): void;
  /** Publishes until the signal aborts, whatever happens to Redis or the database meanwhile. */
  run(signal: AbortSignal): Promise<void>;
  /** Resolves when everything committed so far is published, or after `patienceMs`; false then. At once where another process publishes. */
  flush(patienceMs: number): Promise<boolean>;
}

const IDLE_MS = 5000;
const AGAIN_MS = 250;
const STAND_BY_MS = 2000;
const PAGE = 1000;
/** A Redis that comes back has forgotten who listened; they get this long to come back too. */
const LISTENERS_MS = 10_000;
const LOOK_FOR_LISTENERS_MS = 100;

/**
 * Publishes the outbox to Redis, in order and each event at least once. Of all processes of a database one does it;
 * the others stand by. `hold` runs its work while this process holds the outbox, and is false when another does.
 */
export function createRedisPublisher(
  hold: (work: (outbox: HeldOutbox) => Promise<void>) => Promise<boolean>,
  redis: EventRedis,
  clock: Clock,
): RedisPublisher {
  const waker = createWaker(clock);
  let isHolding = false;
  /** The connection to Redis over which events went last: behind another one may be a Redis that began anew. */
  let usedConnection = 0;
  const onIdle: (() => void)[] = [];

  const countListeners = (): Promise<number | null> => redis.countSubscribers(Object.values(channels));

  /** Waits until as many listen as did when Redis took the last event. */
  const awaitListeners = async (expected: number, signal: AbortSignal): Promise<void> => {
    // Not until an instant: the clock may jump.
    for (let waited = 0; waited < LISTENERS_MS; waited += LOOK_FOR_LISTENERS_MS) {
      if (!redis.isUp || signal.aborted || ((await countListeners()) ?? 0) >= expected) return;
      await clock.sleep(LOOK_FOR_LISTENERS_MS, signal).catch(() => {});
    }
  };

  /** How many listen; null when Redis did not take them. */
  const send = async ({ events, listeners }: Unsent, signal: AbortSignal): Promise<number | null> => {
    const connection = redis.connections;
    if (!redis.isUp) return null;
    if (connection !== usedConnection) await awaitListeners(listeners, signal);
    try {
      await redis.publish(events);
    } catch {
      return null;
    }
    const now = await countListeners();
    // Over another connection by now, they may have been heard by nobody.
    if (redis.connections !== connection) return null;
    usedConnection = connection;
    return now ?? listeners;
  };

  const publishWhileHolding = async (outbox: HeldOutbox, signal: AbortSignal): Promise<void> => {
    isHolding = true;
    try {
      while (!signal.aborted) {
        await outbox.number();
        const unsent = await outbox.unsent(PAGE);
        if (unsent.through === 0) {
          for (const resolve of onIdle.splice(0)) resolve();
          await waker.rest(IDLE_MS, signal);
          continue;
        }
        const listeners = await send(unsent, signal);
        if (listeners === null) await clock.sleep(AGAIN_MS, signal).catch(() => {});
        else await outbox.markSent(unsent.through, listeners);
      }
    } finally {
      isHolding = false;
    }
  };

  return {
    wake: waker.wake,
    async run(signal) {
      while (!signal.aborted) {
        // Without the database somebody else may hold the outbox by the time it is back.
        await hold((outbox) => publishWhileHolding(outbox, signal)).catch(() => false);
        await clock.sleep(STAND_BY_MS, signal).catch(() => {});
      }
    },
    async flush(patienceMs) {
      if (!isHolding) return true;
      const idle = new Promise<boolean>((resolve) => onIdle.push(() => resolve(true)));
      waker.wake();
      const late = new AbortController();
      const patience = clock.sleep(patienceMs, late.signal).then(
        () => false,
        () => false,
      );
      const isDone = await Promise.race([idle, patience]);
      late.abort();
      return isDone;
    },
  };
}
