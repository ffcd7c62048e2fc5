import type { Clock } from '../clock.ts';
import { channels } from './contract.ts';
import type { FeedEvent } from './event-feed.ts';
import { createWaker } from './waker.ts';
import type { EventRedis } from './redis-client.ts';

/** The outbox as its one publisher sees it, while it alone holds it. */
export interface HeldOutbox {
  /** Numbers what has been committed since. */
  number(): Promise<number>;
  /** The next events Redis has not taken, progress coalesced, and the last number settled with them. */
  unsent(limit: number): Promise<{ events: readonly FeedEvent[]; through: number }>;
  markSent(through: number): Promise<void>;
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
const SUBSCRIBERS_MS = 10_000;
const LOOK_FOR_SUBSCRIBERS_MS = 100;

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
  let subscribers = 0;
  let wasDown = false;
  const onIdle: (() => void)[] = [];

  /** Waits until as many listen again as did before Redis went away. */
  const awaitSubscribers = async (signal: AbortSignal): Promise<void> => {
    const until = clock.now() + SUBSCRIBERS_MS;
    while (redis.isUp && clock.now() < until && !signal.aborted) {
      const now = await redis.countSubscribers(Object.values(channels));
      if (now !== null && now >= subscribers) return;
      await clock.sleep(LOOK_FOR_SUBSCRIBERS_MS, signal).catch(() => {});
    }
  };

  /** False when Redis did not take them. */
  const send = async (events: readonly FeedEvent[], signal: AbortSignal): Promise<boolean> => {
    if (!redis.isUp) return false;
    if (wasDown) await awaitSubscribers(signal);
    try {
      await redis.publish(events);
    } catch {
      return false;
    }
    subscribers = (await redis.countSubscribers(Object.values(channels))) ?? subscribers;
    return true;
  };

  const publishWhileHolding = async (outbox: HeldOutbox, signal: AbortSignal): Promise<void> => {
    isHolding = true;
    try {
      while (!signal.aborted) {
        await outbox.number();
        const { events, through } = await outbox.unsent(PAGE);
        if (through === 0) {
          for (const resolve of onIdle.splice(0)) resolve();
          await waker.rest(IDLE_MS, signal);
        } else if (await send(events, signal)) {
          wasDown = false;
          await outbox.markSent(through);
        } else {
          wasDown = true;
          await clock.sleep(AGAIN_MS, signal).catch(() => {});
        }
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
