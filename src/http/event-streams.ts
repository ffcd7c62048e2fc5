import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type EventFeed, type FeedEvent, toWireText } from '../events/event-feed.ts';

/** What the streams need of the outbox. */
export interface KeptEvents {
  read(after: number, limit: number): Promise<FeedEvent[]>;
  /** The oldest number kept and the last one given. */
  bounds(): Promise<{ first: number; numbered: number }>;
}

export interface EventStreams {
  readonly clients: number;
  /** Sends events until the client leaves: those after `after`, or only new ones when it is null. */
  open(
    response: ServerResponse,
    wish: { readonly after: number | null; readonly runId: string | undefined },
  ): Promise<void>;
  /** Ends all streams; clients come back by themselves. */
  close(): void;
}

const PAGE = 500;
/** A client that lets this much pile up is cut off; it resumes where it was. */
const MOST_BUFFERED_BYTES = 1 << 20;
const CATCH_UP_PATIENCE_MS = 30_000;
const HEARTBEAT_MS = 15_000;
/** How long a browser waits before it comes back. */
const RETRY_MS = 2000;

/**
 * Server-sent events for many clients: what is new is encoded once a run wished for and written to each client as one
 * piece. A client first gets what it missed from the database, then joins the others at exactly that number.
 */
export function createEventStreams(feed: EventFeed, kept: KeptEvents): EventStreams {
  const live = new Map<ServerResponse, string | undefined>();
  const all = new Set<ServerResponse>();

  const stopListening = feed.listen((events) => {
    const chunks = new Map<string | undefined, Buffer>();
    for (const [response, runId] of live) {
      let chunk = chunks.get(runId);
      if (chunk === undefined) chunks.set(runId, (chunk = encode(events, runId)));
      if (chunk.length > 0) write(response, chunk);
    }
  });
  const heartbeat = setInterval(() => {
    for (const response of live.keys()) write(response, ': still here\n\n');
  }, HEARTBEAT_MS);
  heartbeat.unref();

  const write = (response: ServerResponse, chunk: Buffer | string): void => {
    if (!response.write(chunk) && response.writableLength > MOST_BUFFERED_BYTES) response.destroy();
  };

  /** Sends what was missed; returns the number reached, or null when the client has left. */
  const catchUp = async (
    response: ServerResponse,
    from: number,
    runId: string | undefined,
  ): Promise<number | null> => {
    let position = from;
    while (position < feed.position) {
      // What is numbered but not handed on yet comes with the others.
      const events = (await kept.read(position, PAGE)).filter(({ number }) => number <= feed.position);
      const last = events.at(-1)?.number;
      if (last === undefined) return feed.position;
      position = last;
      const isTaken = response.write(encode(events, runId));
      if (!isTaken) await drained(response);
      if (response.destroyed) return null;
    }
    return position;
  };

  return {
    get clients() {
      return all.size;
    },
    async open(response, { after, runId }) {
      all.add(response);
      response.once('close', () => {
        all.delete(response);
        live.delete(response);
      });
      response.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      });
      response.write(`retry: ${RETRY_MS}\n\n`);
      let position = feed.position;
      if (after !== null) {
        const { first, numbered } = await kept.bounds();
        if (after < first - 1 || after > numbered) {
          const reset = {
            oldest: first,
            latest: position,
            message: 'Events in between are gone: read the state anew.',
          };
          response.write(`id: ${position}\nevent: reset\ndata: ${JSON.stringify(reset)}\n\n`);
        } else position = after;
      }
      // Several turns: while one page was sent, more may have come.
      for (;;) {
        const reached = await catchUp(response, position, runId);
        if (reached === null || response.destroyed) return;
        position = reached;
        if (position >= feed.position) break;
      }
      live.set(response, runId);
    },
    close() {
      stopListening();
      clearInterval(heartbeat);
      for (const response of all) response.end();
    },
  };
}

function encode(events: readonly FeedEvent[], runId: string | undefined): Buffer {
  const wanted = runId === undefined ? events : events.filter((event) => event.runId === runId);
  const frames = wanted.map(
    (event) => `id: ${event.number}\nevent: ${event.event}\ndata: ${toWireText(event)}\n\n`,
  );
  return Buffer.from(frames.join(''));
}

/** Resolves when a client has taken what was written, or was cut off because it did not. */
async function drained(response: ServerResponse): Promise<void> {
  const late = AbortSignal.timeout(CATCH_UP_PATIENCE_MS);
  try {
    await Promise.race([
      once(response, 'drain', { signal: late }),
      once(response, 'close', { signal: late }),
    ]);
  } catch {
    response.destroy();
  }
}
