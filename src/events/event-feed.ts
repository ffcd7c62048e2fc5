import type { Clock } from '../clock.ts';
import { createWaker } from './waker.ts';

/** A committed event with its place in the order. */
export interface FeedEvent {
  readonly number: number;
  readonly channel: string;
  readonly event: string;
  readonly runId: string | null;
  readonly message: object;
}

/** An event as consumers get it, over Redis and streams alike. */
export const toWireText = ({ message, number }: Pick<FeedEvent, 'message' | 'number'>): string =>
  JSON.stringify({ ...message, number });

/** What a feed needs of the outbox. */
export interface FeedSource {
  /** Numbers what has been committed since; the last number. */
  number(): Promise<number>;
  read(after: number, limit: number): Promise<FeedEvent[]>;
}

/** The events of one database in their order, to whoever listens in this process. */
export interface EventFeed {
  /** The last number handed to the listeners. */
  readonly position: number;
  /** Returns how to end it. */
  listen(listener: (events: readonly FeedEvent[]) => void): () => void;
  /** Something may have been committed. */
  wake(): void;
  /** Hands events on until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

/** Events gathered before they are handed on, so that many listeners cost little. */
const TICK_MS = 150;
/** Looked for even when no notice came. */
const IDLE_MS = 5000;
const PAGE = 1000;

export function createEventFeed(source: FeedSource, startAt: number, clock: Clock): EventFeed {
  const listeners = new Set<(events: readonly FeedEvent[]) => void>();
  let position = startAt;
  const waker = createWaker(clock);

  const handOn = async (): Promise<void> => {
    const last = await source.number();
    while (position < last) {
      const events = await source.read(position, PAGE);
      const newest = events.at(-1)?.number;
      if (newest === undefined) {
        // Pruned meanwhile: there is nothing left to hand on.
        position = last;
        return;
      }
      position = newest;
      for (const listener of listeners) listener(events);
    }
  };

  return {
    get position() {
      return position;
    },
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    wake: waker.wake,
    async run(signal) {
      while (!signal.aborted) {
        await waker.rest(IDLE_MS, signal);
        if (signal.aborted) return;
        // The database may be away for a while; what it holds is handed on when it is back.
        await handOn().catch(() => {});
        await clock.sleep(TICK_MS, signal).catch(() => {});
      }
    },
  };
}
