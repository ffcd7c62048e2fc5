import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { EventFeed, FeedEvent } from '../events/event-feed.ts';
import { createEventStreams } from './event-streams.ts';

const event = (number: number, text = ''): FeedEvent => ({
  number,
  channel: 'c',
  event: 'e',
  runId: 'r',
  message: { text },
});

/** A feed that hands on what it is told to. */
function handFeed(startAt: number): EventFeed & { handOn(...events: FeedEvent[]): void } {
  const listeners = new Set<(events: readonly FeedEvent[]) => void>();
  let position = startAt;
  return {
    get position() {
      return position;
    },
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    wake() {},
    run: async () => {},
    handOn(...events) {
      position = events.at(-1)!.number;
      for (const listener of listeners) listener(events);
    },
  };
}

/** A client that takes what is written, or lets it pile up. */
class Client extends EventEmitter {
  text = '';
  destroyed = false;
  writableLength = 0;
  readonly isSlow: boolean;

  constructor(isSlow: boolean) {
    super();
    this.isSlow = isSlow;
  }
  writeHead(): void {}
  write(chunk: Buffer | string): boolean {
    this.text += chunk.toString();
    if (this.isSlow) this.writableLength += chunk.length;
    return !this.isSlow;
  }
  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
  end(): void {
    this.destroy();
  }
  get ids(): number[] {
    return [...this.text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
  }
}

const asResponse = (client: Client): ServerResponse => client as unknown as ServerResponse;
const keeping = (events: readonly FeedEvent[], numbered: number) => ({
  read: async (after: number, limit: number) => events.filter(({ number }) => number > after).slice(0, limit),
  bounds: async () => ({ first: 1, numbered }),
});

describe('event streams', () => {
  it('cut a client off that lets a megabyte pile up, and nobody else', async () => {
    const feed = handFeed(0);
    const streams = createEventStreams(feed, keeping([], 0));
    const [slow, quick] = [new Client(true), new Client(false)];
    for (const client of [slow, quick])
      await streams.open(asResponse(client), { after: null, runId: undefined });
    feed.handOn(event(1, 'x'.repeat(1_200_000)));
    expect([slow.destroyed, quick.destroyed, streams.clients]).toEqual([true, false, 1]);
    feed.handOn(event(2));
    expect(quick.ids).toEqual([1, 2]);
    streams.close();
  });

  it('give a client that joins while events come each of them once', async () => {
    const all = Array.from({ length: 2000 }, (_, index) => event(index + 1));
    const feed = handFeed(1500);
    const kept = keeping(all, 1500);
    const streams = createEventStreams(feed, {
      ...kept,
      async read(after, limit) {
        // More is handed on while the client is still catching up.
        if (feed.position < 2000) feed.handOn(...all.slice(feed.position, feed.position + 250));
        return kept.read(after, limit);
      },
    });
    const client = new Client(false);
    await streams.open(asResponse(client), { after: 0, runId: undefined });
    feed.handOn(event(2001));
    expect(client.ids).toEqual(Array.from({ length: 2001 }, (_, index) => index + 1));
    streams.close();
    expect(client.destroyed).toBe(true);
  });

  it('send nothing of other runs', async () => {
    const feed = handFeed(0);
    const streams = createEventStreams(feed, keeping([], 0));
    const client = new Client(false);
    await streams.open(asResponse(client), { after: null, runId: 'r' });
    feed.handOn(event(1), { ...event(2), runId: 's' }, event(3));
    expect(client.ids).toEqual([1, 3]);
    streams.close();
  });
});
