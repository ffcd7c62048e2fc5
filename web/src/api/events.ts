import { keyHeaders } from './client.ts';

/** An event as the service streams it. */
export interface LiveEvent {
  readonly event: string;
  /** The message as on Redis. */
  readonly message: { readonly payload: Record<string, unknown> };
}

export type Connection = 'connecting' | 'live' | 'lost';

const COME_BACK_MS = 2000;
/** The service gives a sign of life every 15 s. */
const SILENCE_MS = 40_000;

/**
 * Follows all events until the signal aborts, over lost connections too: it goes on after the last one it had. A page
 * that nobody sees lets go of its connection, of which browsers have six for all of their tabs, and catches up when it
 * is seen again. `caughtUp` is told when events may have been missed, so that what is shown is to be read anew.
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
    await untilSeen();
    const hidden = whenHidden();
    const silence = createSilence();
    try {
      const response: Response = await fetch('/api/processing/events', {
        headers: { ...keyHeaders(), ...(last !== null && { 'last-event-id': last }) },
        signal: AbortSignal.any([signal, hidden.signal, silence.signal]),
      });
      if (!response.ok || response.body === null) throw new Error(`answered with ${response.status}`);
      hears.connection('live');
      if (last === null) hears.caughtUp();
      for await (const frame of framesOf(response.body, silence.broken)) {
        if (frame.id !== null) last = frame.id;
        if (frame.event === 'reset') hears.caughtUp();
        else if (frame.data !== '') hears.event({ event: frame.event, message: JSON.parse(frame.data) });
      }
    } catch {
      // Said below, and tried again.
    } finally {
      hidden.end();
      silence.end();
    }
    if (signal.aborted) return;
    if (hidden.signal.aborted) continue;
    hears.connection('lost');
    await new Promise((resolve) => setTimeout(resolve, COME_BACK_MS));
  }
}

interface Frame {
  readonly id: string | null;
  readonly event: string;
  readonly data: string;
}

/** Resolves when somebody can see the page. */
async function untilSeen(): Promise<void> {
  while (document.hidden)
    await new Promise((resolve) => document.addEventListener('visibilitychange', resolve, { once: true }));
}

/** Aborts once nobody sees the page any more. */
function whenHidden(): { readonly signal: AbortSignal; end(): void } {
  const hidden = new AbortController();
  const look = (): void => {
    if (document.hidden) hidden.abort();
  };
  document.addEventListener('visibilitychange', look);
  return { signal: hidden.signal, end: () => document.removeEventListener('visibilitychange', look) };
}

/** Aborts when the silence is not broken for too long: a service that hangs says nothing of it. */
function createSilence(): { readonly signal: AbortSignal; broken(): void; end(): void } {
  const silent = new AbortController();
  let timer = setTimeout(() => silent.abort(), SILENCE_MS);
  return {
    signal: silent.signal,
    broken() {
      clearTimeout(timer);
      timer = setTimeout(() => silent.abort(), SILENCE_MS);
    },
    end: () => clearTimeout(timer),
  };
}

/** The frames of a stream of server-sent events; comments are left out. `arrived` is called with every piece. */
async function* framesOf(body: ReadableStream<Uint8Array>, arrived: () => void): AsyncGenerator<Frame> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    arrived();
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
