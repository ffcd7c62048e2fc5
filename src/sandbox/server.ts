import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Answer } from './answer.ts';
import { deliver } from './deliver.ts';

/** What is known of an answer once it is on its way. */
export interface Sent {
  readonly status: number;
  readonly rows: number;
  /** Body bytes, compressed where they were. */
  readonly bytes: number;
}

/** Answers one request; `send` is the one way out. */
export type Handler = (
  request: IncomingMessage,
  send: (requestId: string, answer: Answer) => Promise<Sent>,
) => Promise<void>;

// Longer than any client keeps an idle connection, so that it is the client who closes.
const keepAliveMs = 75_000;
const compress = promisify(gzip);
// Most bodies fit, so that each is compressed in one go.
const zip = { level: 1, chunkSize: 128 * 1024 } as const;

/** A plain HTTP server on loopback; resolves when it listens. */
export async function listen(port: number, handler: Handler): Promise<Server> {
  const server = createServer({ keepAlive: true, keepAliveTimeout: keepAliveMs }, (request, response) => {
    handler(request, (requestId, answer) => send(request, response, requestId, answer)).catch(() => {
      // The client is gone, or the sandbox is closing.
      response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}

async function send(
  request: IncomingMessage,
  response: ServerResponse,
  requestId: string,
  answer: Answer,
): Promise<Sent> {
  const zipped = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  const body = zipped ? await compress(answer.body, zip) : Buffer.from(answer.body);
  const { status, contentType, rows, delivery } = answer;
  const headers = {
    'Content-Type': contentType === 'application/json' ? contentType : `${contentType}; charset=utf-8`,
    'Content-Length': body.length,
    Vary: 'Accept-Encoding',
    'X-Request-Id': requestId,
    ...(zipped && { 'Content-Encoding': 'gzip' }),
    ...answer.headers,
  };
  if (delivery === undefined) {
    response.writeHead(status, headers);
    response.end(body);
  } else {
    await deliver(delivery, response, status, headers, body);
  }
  return { status, rows, bytes: body.length };
}
