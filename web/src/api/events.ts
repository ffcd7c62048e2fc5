import { keyHeaders } from './client.ts';

/** An event as the service streams it. */
export interface LiveEvent {
  readonly event: string;
  /** The message as on Redis. */
  readonly message: { readonly payload: Record<string, unknown> };
}

export type Connection = 'connecting' | 'live' | 'lost';

const COME_BACK_MS = 2000;

/**
 * Follows all events until the signal aborts, over lost connections too: it goes on after the last one it had.
 * `caughtUp` is told when events may have been missed, so that what is shown is to be read anew.
 */
export async function followEvents(
  hears: {
    event(event: LiveEvent): void;
    connection(state: Connection): void;
    caughtUp(): void;
  },
  signal: AbortSignal,
): Promise<void> {
  let last: string | null = null;
  while (!signal.aborted) {
    try {
      const response: Response = await fetch('/api/processing/events', {
        headers: { ...keyHeaders(), ...(last !== null && { 'last-event-id': last }) },
        signal,
      });
      if (!response.ok || response.body === null) throw new Error(`answered with ${response.status}`);
      hears.connection('live');
      if (last === null) hears.caughtUp();
      for await (const frame of framesOf(response.body)) {
        if (frame.id !== null) last = frame.id;
        if (frame.event === 'reset') hears.caughtUp();
        else if (frame.data !== '') hears.event({ event: frame.event, message: JSON.parse(frame.data) });
      }
    } catch {
      // Said below, and tried again.
    }
    if (signal.aborted) return;
    hears.connection('lost');
    await new Promise((resolve) => setTimeout(resolve, COME_BACK_MS));
  }
}

interface Frame {
  readonly id: string | null;
  readonly event: string;
  readonly data: string;
}

/** The frames of a stream of server-sent events; comments are left out. */
async function* framesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Frame> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const frames: string[] = (rest + decoder.decode(value, { stream: true })).split('\n\n');
    rest = frames.pop() ?? '';
    yield* frames.flatMap(toFrame);
  }
}

function toFrame(text: string): Frame[] {
  const field = (name: string): string | null =>
    text
      .split('\n')
      .find((line) => line.startsWith(`${name}: `))
      ?.slice(name.length + 2) ?? null;
  const event = field('event');
  return event === null ? [] : [{ id: field('id'), event, data: field('data') ?? '' }];
}
