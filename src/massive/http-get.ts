import { createRequire } from 'node:module';
import { pipeline } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import { createGunzip, gunzipSync } from 'node:zlib';
import type { Dispatcher, Pool as UndiciPool } from 'undici';
import { unusable } from './failure.ts';

// By its index undici comes with fetch, WebSocket, caches and mocks, three times as much to load as what is used here.
const require = createRequire(import.meta.url);
const Pool = require('undici/lib/dispatcher/pool.js') as typeof UndiciPool;
const request = require('undici/lib/api/api-request.js') as (
  this: Dispatcher,
  options: Dispatcher.RequestOptions,
) => Promise<Dispatcher.ResponseData>;

/** An answer whose body is still arriving. */
export interface HttpAnswer {
  readonly status: number;
  /** The media type in lower case, without parameters; empty when not sent. */
  readonly contentType: string;
  readonly requestId: string | undefined;
  readonly retryAfter: string | undefined;
  /** The decompressed body in pieces as they arrive; read once. */
  readonly body: AsyncIterable<Buffer>;
  /** Body bytes received so far, compressed as they came. */
  wireBytes(): number;
}

export interface HttpGet {
  /**
   * One GET of a path (with query) at the base URL, read by `read` within the same deadline.
   * @throws whatever went wrong on the way, unclassified; the signal's reason when cancelled.
   */
  get<T>(pathAndQuery: string, signal: AbortSignal, read: (answer: HttpAnswer) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** No page of ours decompresses to a tenth of this. */
const maxBodyBytes = 64 * 1024 * 1024;
const defaultConnections = 32;
const idleConnectionMs = 30_000;
/** What a small body may inflate to, as it is held whole then; pages of ours are smaller. */
const largePageBytes = 8 * 1024 * 1024;
const inflatedChunkBytes = 64 * 1024;
/** Compressed; such a body is held whole. */
const smallBodyBytes = 512 * 1024;

/** Keep-alive connections to one origin; the key travels in a header only. `timeoutMs` bounds connecting, headers and each silence; twice that the whole. */
export function createHttpGet(config: {
  baseUrl: URL;
  apiKey: string;
  timeoutMs: number;
  maxConnections?: number | undefined;
}): HttpGet {
  const { baseUrl, timeoutMs } = config;
  const pool = new Pool(baseUrl.origin, {
    connections: config.maxConnections ?? defaultConnections,
    connect: { timeout: timeoutMs },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    keepAliveTimeout: idleConnectionMs,
  });
  const prefix = baseUrl.pathname.replace(/\/+$/, '');
  const headers = {
    authorization: `Bearer ${config.apiKey}`,
    accept: 'application/json',
    'accept-encoding': 'gzip',
  };

  return {
    async get(pathAndQuery, signal, read) {
      signal.throwIfAborted();
      const stop = new AbortController();
      const cancel = (): void => stop.abort(signal.reason);
      signal.addEventListener('abort', cancel, { once: true });
      const deadline = setTimeout(() => stop.abort(deadlinePassed(2 * timeoutMs)), 2 * timeoutMs);
      let response: Dispatcher.ResponseData | undefined;
      try {
        response = await request.call(pool, {
          method: 'GET',
          path: prefix + pathAndQuery,
          headers,
          signal: stop.signal,
        });
        // Whoever reads the body hears of its errors; unread, nobody must.
        response.body.on('error', () => {});
        return await read(toAnswer(response));
      } catch (error) {
        throw stop.signal.aborted ? stop.signal.reason : error;
      } finally {
        clearTimeout(deadline);
        signal.removeEventListener('abort', cancel);
        // What was not read to its end would hold the connection.
        response?.body.destroy();
        // undici frees a connection one turn after its answer; the next request would open another.
        await setImmediate();
      }
    },
    close: () => pool.destroy(),
  };
}

function deadlinePassed(ms: number): Error {
  return Object.assign(new Error(`no complete answer within ${ms / 1000} s`), { code: 'DEADLINE' });
}

function toAnswer(response: Dispatcher.ResponseData): HttpAnswer {
  const header = (name: string): string | undefined => {
    const value = response.headers[name];
    return Array.isArray(value) ? value[0] : value;
  };
  const body = inflated(response.body, header('content-encoding')?.trim().toLowerCase() ?? '');
  return {
    status: response.statusCode,
    contentType: (header('content-type') ?? '').split(';', 1)[0]!.trim().toLowerCase(),
    requestId: header('x-request-id'),
    retryAfter: header('retry-after'),
    body: bounded(body.chunks),
    wireBytes: () => body.wireBytes(),
  };
}

interface Body {
  readonly chunks: AsyncIterable<Buffer>;
  wireBytes(): number;
}

function inflated(body: Dispatcher.ResponseData['body'], encoding: string): Body {
  if (encoding === '' || encoding === 'identity') {
    let bytes = 0;
    async function* counted(): AsyncGenerator<Buffer> {
      for await (const chunk of body) {
        bytes += chunk.length;
        yield chunk;
      }
    }
    return { chunks: counted(), wireBytes: () => bytes };
  }
  if (encoding !== 'gzip' && encoding !== 'x-gzip') {
    throw unusable(`an encoding that was not asked for (${encoding})`);
  }
  let wireBytes = 0;
  const arriving = body[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const next = async (): Promise<Buffer | null> => {
    const { done, value } = await arriving.next();
    if (done === true) return null;
    wireBytes += value.length;
    return value;
  };
  async function* chunks(): AsyncGenerator<Buffer> {
    const held: Buffer[] = [];
    for (let chunk = await next(); chunk !== null; chunk = await next()) {
      held.push(chunk);
      if (wireBytes > smallBodyBytes) return yield* inflateStream(held, next);
    }
    // A page of the usual size costs less at once than by way of another thread.
    yield inflateWhole(Buffer.concat(held));
  }
  return { chunks: chunks(), wireBytes: () => wireBytes };
}

async function* inflateStream(
  held: readonly Buffer[],
  next: () => Promise<Buffer | null>,
): AsyncGenerator<Buffer> {
  async function* compressed(): AsyncGenerator<Buffer> {
    yield* held;
    for (let chunk = await next(); chunk !== null; chunk = await next()) yield chunk;
  }
  const gunzip = createGunzip({ chunkSize: inflatedChunkBytes });
  const ended = pipeline(compressed, gunzip);
  // Its failure comes out of the loop below, unless that ends first.
  ended.catch(() => {});
  yield* gunzip;
  // The compressed data may end before the body does; only then is the connection free again.
  await ended;
}

function inflateWhole(compressed: Buffer): Buffer {
  try {
    return gunzipSync(compressed, { maxOutputLength: largePageBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(largePageBytes);
    throw error;
  }
}

const tooLarge = (bytes: number): Error => unusable(`a body of more than ${bytes / 1024 / 1024} MB`);

async function* bounded(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) throw tooLarge(maxBodyBytes);
    yield chunk;
  }
}
