import type { App } from './app.ts';
import type { Announcement } from './events/announcement.ts';
import { connectRedis } from './events/redis-client.ts';
import { type RedisPublisher, createRedisPublisher } from './events/redis-publisher.ts';
import { whileHolding } from './storage/exclusive.ts';
import { markSent, numberEvents, readUnsent } from './storage/outbox.ts';

const LOCK = 'tickstock publish';

/** Redis and the one who brings the outbox to it. */
export interface Publishing extends RedisPublisher {
  readonly isRedisUp: boolean;
  /** Tells of what the database could not take, since it is gone itself: without a number, and once. */
  publishUnrecorded(event: Announcement): Promise<void>;
  /** Drops the connection. */
  close(): void;
}

/** Connects to a Redis. `onState` hears when it comes and goes. */
export function createPublishing(
  url: string,
  { database, clock }: Pick<App, 'database' | 'clock'>,
  onState: (isUp: boolean, reason: string) => void,
): Publishing {
  const redis = connectRedis(url, onState);
  const publisher = createRedisPublisher(
    (work) =>
      whileHolding(database, LOCK, (client) =>
        work({
          number: () => database.transaction('number events', numberEvents),
          unsent: (limit) => readUnsent(client, limit),
          markSent: (through, listeners) => markSent(client, through, listeners),
        }),
      ),
    redis,
    clock,
  );
  return {
    ...publisher,
    get isRedisUp() {
      return redis.isUp;
    },
    publishUnrecorded: ({ channel, message }) => redis.publishUnrecorded(channel, message),
    close: () => redis.close(),
  };
}
