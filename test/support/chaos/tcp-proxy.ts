import { once } from 'node:events';
import { type NetConnectOpts, type Socket, connect, createServer } from 'node:net';

/** Sees what passes over one connection, chunk by chunk, before it is handed on. */
export interface Tap {
  toServer?(chunk: Buffer): void;
  toClient?(chunk: Buffer): void;
  /** The connection is over, however it ended. */
  closed?(): void;
}

/** A link between a program and its server that can be spoilt and made good again. */
export interface TcpProxy {
  /** On 127.0.0.1. */
  readonly port: number;
  /** Connections that are open. */
  readonly connections: number;
  /** Bytes that have passed, both ways. */
  readonly bytes: number;
  /** Resets every connection; new ones are served. Returns how many there were. */
  cut(): number;
  /**
   * Resets the next connection that has sent so many bytes more after the first chunk that holds `mark`, without handing on the rest.
   * Resolves once that has happened; heal() gives up on it.
   */
  cutAfter(bytes: number, mark: string): Promise<void>;
  /** Holds each chunk back for so long, in either direction. */
  delay(ms: number): void;
  /** Lets so many bytes a second pass, over all connections and both ways. */
  throttle(bytesPerSecond: number): void;
  /** Lets nothing pass and resets nothing: connections hang, new ones too. */
  partition(): void;
  /** Ends delay, throttle, partition and a cut that has not come yet; what was held back goes on. */
  heal(): void;
  close(): Promise<void>;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  /** Bytes the client may still send; null while nothing is to be cut here. */
  budget: number | null;
}

interface Ambush {
  readonly bytes: number;
  readonly mark: string;
  sprung(): void;
}

/** Listens on a free port of loopback and hands on to `target`. `tap` is called for each connection. */
export async function createTcpProxy(target: NetConnectOpts, tap: () => Tap = () => ({})): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  let bytes = 0;
  let delayMs = 0;
  let bytesPerSecond = Number.POSITIVE_INFINITY;
  /** When what was let through under the throttle has passed. */
  let busyUntil = 0;
  let ambush: Ambush | null = null;
  let partitioned: { readonly over: Promise<void>; end(): void } | null = null;

  const reset = (pair: Pair): void => {
    pairs.delete(pair);
    pair.client.resetAndDestroy();
    pair.server.destroy();
  };

  const healed = async (): Promise<void> => {
    for (let held = partitioned; held !== null; held = partitioned) await held.over;
  };

  /** Waits as long as a chunk takes. */
  const travel = async (size: number): Promise<void> => {
    if (delayMs > 0) await pause(delayMs);
    if (bytesPerSecond !== Number.POSITIVE_INFINITY) {
      const now = performance.now();
      busyUntil = Math.max(busyUntil, now) + (size / bytesPerSecond) * 1000;
      await pause(busyUntil - now);
    }
    await healed();
  };

  /** False when the connection was cut inside the chunk. */
  const maySend = (pair: Pair, chunk: Buffer): boolean => {
    if (pair.budget === null && ambush !== null && chunk.includes(ambush.mark)) {
      pair.budget = ambush.bytes + chunk.length;
    }
    if (pair.budget === null || ambush === null) return true;
    pair.budget -= chunk.length;
    if (pair.budget > 0) return true;
    const { sprung } = ambush;
    ambush = null;
    pairs.delete(pair);
    pair.client.resetAndDestroy();
    // The server is to have the beginning, so that it is in the middle of something.
    pair.server.end(chunk.subarray(0, chunk.length + pair.budget));
    sprung();
    return false;
  };

  const forward = async (pair: Pair, isUp: boolean, see: (chunk: Buffer) => void): Promise<void> => {
    const [from, to] = isUp ? [pair.client, pair.server] : [pair.server, pair.client];
    for await (const chunk of from as AsyncIterable<Buffer>) {
      await travel(chunk.length);
      if (to.destroyed) return;
      bytes += chunk.length;
      see(chunk);
      if (isUp && !maySend(pair, chunk)) return;
      if (!to.write(chunk)) await drained(to);
    }
    await healed();
    to.end();
  };

  const serve = async (client: Socket): Promise<void> => {
    const { toServer, toClient, closed } = tap();
    client.on('error', () => {});
    await healed();
    const server = connect({ ...target, allowHalfOpen: true } as NetConnectOpts);
    server.on('error', () => {});
    const pair: Pair = { client, server, budget: null };
    pairs.add(pair);
    await Promise.all([
      forward(pair, true, (chunk) => toServer?.(chunk)),
      forward(pair, false, (chunk) => toClient?.(chunk)),
    ]).catch(() => reset(pair));
    pairs.delete(pair);
    closed?.();
  };

  const listener = createServer({ allowHalfOpen: true, noDelay: true }, (client) => void serve(client));
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port was given');

  const heal = (): void => {
    delayMs = 0;
    bytesPerSecond = Number.POSITIVE_INFINITY;
    busyUntil = 0;
    ambush = null;
    const before = partitioned;
    partitioned = null;
    before?.end();
  };
  const cut = (): number => {
    const open = [...pairs];
    open.forEach(reset);
    return open.length;
  };
  return {
    port: address.port,
    get connections() {
      return pairs.size;
    },
    get bytes() {
      return bytes;
    },
    cut,
    cutAfter: (after, mark) =>
      new Promise((resolve) => {
        for (const pair of pairs) pair.budget = null;
        ambush = { bytes: after, mark, sprung: resolve };
      }),
    delay: (ms) => void (delayMs = ms),
    throttle(rate) {
      bytesPerSecond = rate;
    },
    partition() {
      if (partitioned !== null) return;
      let end!: () => void;
      const over = new Promise<void>((resolve) => (end = resolve));
      partitioned = { over, end };
    },
    heal,
    async close() {
      const closed = once(listener, 'close');
      listener.close();
      heal();
      cut();
      await closed;
    },
  };
}

/** Resolves when it takes more, or never will. */
const drained = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      socket.off('drain', done);
      socket.off('close', done);
      resolve();
    };
    socket.on('drain', done);
    socket.on('close', done);
  });

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
