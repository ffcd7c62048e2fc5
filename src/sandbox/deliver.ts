import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { Delivery } from './answer.ts';

/** Sends an answer the wrong way. Resolves once nothing more is to be done; what stalls stays open until the client or the sandbox ends it. */
export async function deliver(
  delivery: Delivery,
  response: ServerResponse,
  status: number,
  headers: Record<string, string | number>,
  body: Buffer,
): Promise<void> {
  const half = body.subarray(0, Math.floor(body.length / 2));
  switch (delivery.kind) {
    case 'stall':
      return;
    case 'reset':
      response.destroy();
      return;
    case 'reset-in-body':
      response.writeHead(status, headers);
      response.write(half, () => response.destroy());
      return;
    case 'stall-in-body':
      response.writeHead(status, headers);
      response.write(half);
      return;
    case 'truncated':
      response.writeHead(status, { ...headers, 'Content-Length': half.length });
      response.end(half);
      return;
    case 'drip': {
      response.writeHead(status, headers);
      let at = 0;
      const timer = setInterval(() => {
        if (at === body.length) response.end();
        else response.write(body.subarray(at, ++at));
      }, delivery.everyMs);
      response.once('close', () => clearInterval(timer));
      return;
    }
    case 'flood': {
      const { 'Content-Length': _length, ...open } = headers;
      response.writeHead(status, open);
      const rows = Readable.from(floodOf(delivery.bytes));
      const zipped = headers['Content-Encoding'] === undefined ? [] : [createGzip({ level: 1 })];
      // The client may hang up long before the end, which is its good right.
      await pipeline([rows, ...zipped, response]).catch(() => {});
    }
  }
}

function* floodOf(bytes: number): Generator<string> {
  yield '{"status":"OK","adjusted":false,"results":[';
  const row = '{"v":1000,"vw":10.5,"o":10,"c":10.5,"h":11,"l":9.5,"t":1767330000000,"n":12},';
  const chunk = row.repeat(800);
  for (let sent = 0; sent < bytes; sent += chunk.length) yield chunk;
  yield `${row.slice(0, -1)}]}`;
}
