import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import type { FeedEvent } from './event-feed.ts';
import type { EventRedis } from './redis-client.ts';
import { type HeldOutbox, createRedisPublisher } from './redis-publisher.ts';

const event = (number: number): FeedEvent => ({
  number,
  channel: 'c',
  event: 'e',
  runId: 'r',
  message: {},
});

/** An outbox of some events, and a Redis whose two listeners are away for so many looks at them. */
function arrange(known: { listeners: number }, events: number, away: number) {
  const clock = createFakeClock();
  const stop = new AbortController();
  const heardBy: number[] = [];
  const state = { sent: 0, connections: 1, away, ...known };
  const listening = (): number => (state.away > 0 ? 0 : 2);
  const redis: EventRedis = {
    isUp: true,
    get connections() {
      return state.connections;
    },
    publish: async (batch) => void heardBy.push(...batch.map(listening)),
    publishUnrecorded: async () => {},
    async countSubscribers() {
      state.away--;
      return listening();
    },
    close: () => {},
  };
  const outbox: HeldOutbox = {
    number: async () => events,
    async unsent() {
      if (state.sent >= events) stop.abort();
      const through = Math.min(state.sent + 1, events);
      if (through === state.sent) return { events: [], through: 0, listeners: state.listeners };
      return { events: [event(through)], through, listeners: state.listeners };
    },
    markSent: async (through, listeners) => void Object.assign(state, { sent: through, listeners }),
  };
  const publisher = createRedisPublisher(async (work) => (await work(outbox), true), redis, clock);
  return { publisher, clock, redis, state, heardBy, stop, run: () => publisher.run(stop.signal) };
}

describe('the publisher to Redis', () => {
  it('waits for those who heard the last publisher, before it publishes for the first time', async () => {
    const { run, heardBy, state } = arrange({ listeners: 2 }, 3, 40);
    await run();
    expect(heardBy).toEqual([2, 2, 2]);
    expect(state).toMatchObject({ sent: 3, listeners: 2 });
  });

  it('waits ten seconds and no longer for listeners that have gone', async () => {
    const { run, heardBy, state, clock } = arrange({ listeners: 2 }, 2, Infinity);
    const from = clock.now();
    await run();
    expect(heardBy).toEqual([0, 0]);
    expect(state).toMatchObject({ sent: 2, listeners: 0 });
    expect(clock.slept.filter((ms) => ms === 100)).toHaveLength(100);
    expect(clock.now() - from).toBeLessThan(13_000);
  });

  it('waits for them behind every new connection, though nothing failed to be sent over the old one', async () => {
    const { run, redis, heardBy, state, clock } = arrange({ listeners: 0 }, 2, 0);
    const publish = redis.publish.bind(redis);
    redis.publish = async (events) => {
      // Redis began anew after the first event: this one is still taken, and heard by nobody.
      if (state.sent === 1 && state.connections === 1) Object.assign(state, { connections: 2, away: 7 });
      return publish(events);
    };
    await run();
    expect(heardBy).toEqual([2, 0, 2]);
    expect(clock.slept.filter((ms) => ms === 100)).toHaveLength(5);
    expect(state).toMatchObject({ sent: 2, listeners: 2 });
  });
});
