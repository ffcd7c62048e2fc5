import { Redis } from 'ioredis';
import { type EventName, channels } from '../../src/events/event-names.ts';

// oxlint-disable-next-line typescript/no-explicit-any -- payloads of every event
type Payload = any;

/** A message as it came over Redis. */
export interface Heard {
  readonly channel: string;
  readonly event: EventName;
  readonly number: number;
  readonly payload: Payload;
  /** As parsed, whole. */
  readonly message: unknown;
  /** Ms since the epoch. */
  readonly heardAt: number;
}

export interface Subscriber {
  readonly heard: readonly Heard[];
  of(event: EventName): Heard[];
  /** Resolves with the first message that fits, heard already or not. */
  until(fits: (heard: Heard) => boolean): Promise<Heard>;
  close(): void;
}

/** Listens on every channel of the service, and again after Redis was away. */
export async function subscribe(url: string): Promise<Subscriber> {
  const redis = new Redis(url, { retryStrategy: () => 100, maxRetriesPerRequest: null });
  redis.on('error', () => {});
  const heard: Heard[] = [];
  const waiting: { fits: (one: Heard) => boolean; resolve: (one: Heard) => void }[] = [];
  redis.on('message', (channel, text) => {
    const message = JSON.parse(text) as Pick<Heard, 'event' | 'number' | 'payload'>;
    const one: Heard = {
      channel,
      event: message.event,
      number: message.number,
      payload: message.payload,
      message,
      heardAt: Date.now(),
    };
    heard.push(one);
    for (const { fits, resolve } of waiting) if (fits(one)) resolve(one);
  });
  await redis.subscribe(...Object.values(channels));
  return {
    heard,
    of: (event) => heard.filter((one) => one.event === event),
    until: (fits) =>
      new Promise((resolve) => {
        const already = heard.find(fits);
        if (already === undefined) waiting.push({ fits, resolve });
        else resolve(already);
      }),
    close: () => redis.disconnect(),
  };
}
