import { Redis } from 'ioredis';
import { commonOptions } from './redis-options.ts';
import { type FeedEvent, toWireText } from './event-feed.ts';

const LONGEST_RETRY_MS = 2000;

/** Redis as the publisher needs it. */
export interface EventRedis {
  /** False while there is no connection. */
  readonly isUp: boolean;
  /** How many connections there have been. */
  readonly connections: number;
  /** Publishes in order. Throws, perhaps half-way, when Redis does not take them. */
  publish(events: readonly FeedEvent[]): Promise<void>;
  /** Publishes one message that is in no outbox, if Redis takes it. */
  publishUnrecorded(channel: string, message: object): Promise<void>;
  /** How many listen on the channels; null when the server does not tell. */
  countSubscribers(channels: readonly string[]): Promise<number | null>;
  close(): void;
}

/** Connects at once and again whenever the connection is lost; `onState` hears of both. The URL is in no message. */
export function connectRedis(url: string, onState: (isUp: boolean, reason: string) => void): EventRedis {
  const redis = new Redis(url, {
    ...commonOptions,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    retryStrategy: (times) => Math.min(100 * 2 ** Math.min(times, 6), LONGEST_RETRY_MS),
  });
  let isUp = false;
  let connections = 0;
  let reason = 'the connection ended';
  const set = (now: boolean): void => {
    if (now === isUp) return;
    isUp = now;
    onState(isUp, reason);
  };
  redis.on('ready', () => {
    connections++;
    set(true);
  });
  redis.on('close', () => set(false));
  redis.on('error', (error: Error) => (reason = error.message));
  return {
    get isUp() {
      return isUp;
    },
    get connections() {
      return connections;
    },
    async publish(events) {
      const pipeline = redis.pipeline();
      for (const event of events) pipeline.publish(event.channel, toWireText(event));
      const answers = (await pipeline.exec()) ?? [];
      const failure = answers.find(([error]) => error !== null)?.[0];
      if (failure) throw failure;
      if (answers.length !== events.length) throw new Error('Redis did not take all of them');
    },
    async publishUnrecorded(channel, message) {
      await redis.publish(channel, JSON.stringify(message)).catch(() => {});
    },
    async countSubscribers(channels) {
      try {
        const answer = (await redis.pubsub('NUMSUB', ...channels)) as (string | number)[];
        return answer.reduce<number>((sum, value, index) => (index % 2 === 1 ? sum + Number(value) : sum), 0);
      } catch {
        return null;
      }
    },
    close() {
      redis.removeAllListeners('close');
      redis.disconnect();
    },
  };
}
