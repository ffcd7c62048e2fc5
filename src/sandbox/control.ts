import type { IncomingMessage } from 'node:http';
import { toAppError, usageError } from '../errors.ts';
import { type Answer, json } from './answer.ts';
import { parseInstant } from './instant.ts';
import type { RequestCounts } from './request-counts.ts';
import type { SettableClock } from './settable-clock.ts';

const mostBytes = 10_000;

/** Answers `GET /sandbox/stats` and `POST /sandbox/clock {now}`, which need no key and count nothing; null for any other path. */
export async function answerControl(
  request: IncomingMessage,
  path: string,
  clock: SettableClock,
  counts: RequestCounts,
): Promise<Answer | null> {
  if (path === '/sandbox/stats' && request.method === 'GET') {
    return json(200, { now: new Date(clock.now()).toISOString(), ...counts });
  }
  if (path !== '/sandbox/clock' || request.method !== 'POST') return null;
  try {
    clock.set(parseNow(await readText(request)));
    return json(200, { now: new Date(clock.now()).toISOString() });
  } catch (error) {
    return json(400, { error: toAppError(error).message });
  }
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostBytes)
      throw usageError(`Cannot set the clock: the body is longer than ${mostBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function parseNow(text: string): number {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  const now = typeof body === 'object' && body !== null && 'now' in body ? body.now : undefined;
  if (typeof now === 'number' && Number.isFinite(now)) return now;
  const instant = typeof now === 'string' ? parseInstant(now) : undefined;
  if (instant === undefined) {
    throw usageError(
      'Cannot set the clock: expected {"now": "2026-01-02T15:00:00Z"}, or ms since the epoch.',
    );
  }
  return instant;
}
