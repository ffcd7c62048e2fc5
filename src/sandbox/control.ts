import type { IncomingMessage } from 'node:http';
import { toAppError, usageError } from '../errors.ts';
import { type Answer, json } from './answer.ts';
import type { Faults } from './faults/faults.ts';
import { parseInstant } from './instant.ts';
import { type Rate, parseRate } from './rate-limit.ts';
import type { RequestCounts } from './request-counts.ts';
import type { SettableClock } from './settable-clock.ts';

const mostBytes = 10_000;

interface Controls {
  readonly clock: SettableClock;
  readonly counts: RequestCounts;
  readonly faults: Faults;
  setRate(rate: Rate | undefined): void;
}

/**
 * Answers `GET /sandbox/stats`, `POST /sandbox/clock {now}`, `POST /sandbox/rate {rate}`, `GET /sandbox/faults` and
 * `POST /sandbox/faults {faults}`, which need no key and count nothing; null for any other path.
 */
export async function answerControl(
  request: IncomingMessage,
  path: string,
  { clock, counts, faults, setRate }: Controls,
): Promise<Answer | null> {
  const now = (): { now: string } => ({ now: new Date(clock.now()).toISOString() });
  switch (`${request.method} ${path}`) {
    case 'GET /sandbox/stats':
      return json(200, { ...now(), ...counts });
    case 'GET /sandbox/faults':
      return json(200, { faults: faults.active() });
    case 'POST /sandbox/clock':
      return change(request, 'set the clock', (body) => {
        clock.set(parseNow(body));
        return now();
      });
    case 'POST /sandbox/rate':
      return change(request, 'set the rate', ({ rate }) => {
        setRate(rate === null ? undefined : parseRate(String(rate)));
        return { rate };
      });
    case 'POST /sandbox/faults':
      return change(request, 'set the faults', (body) => {
        faults.set(parseFaults(body));
        return { faults: faults.active() };
      });
    default:
      return null;
  }
}

/** Applies a JSON body; 400 with the reason when it cannot be used. */
async function change(
  request: IncomingMessage,
  what: string,
  apply: (body: Readonly<Record<string, unknown>>) => object,
): Promise<Answer> {
  try {
    return json(200, apply(parseObject(await readText(request, what))));
  } catch (error) {
    return json(400, { error: toAppError(error).message });
  }
}

async function readText(request: IncomingMessage, what: string): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw usageError(`Cannot ${what}: the body is longer than ${mostBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** What is no JSON object has no fields, which whoever reads them refuses. */
function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null ? { ...body } : {};
  } catch {
    return {};
  }
}

function parseNow({ now }: Readonly<Record<string, unknown>>): number {
  if (typeof now === 'number' && Number.isFinite(now)) return now;
  const instant = typeof now === 'string' ? parseInstant(now) : undefined;
  if (instant === undefined) {
    throw usageError(
      'Cannot set the clock: expected {"now": "2026-01-02T15:00:00Z"}, or ms since the epoch.',
    );
  }
  return instant;
}

function parseFaults({ faults }: Readonly<Record<string, unknown>>): string[] {
  if (Array.isArray(faults) && faults.every((one) => typeof one === 'string')) return faults;
  throw usageError('Cannot set the faults: expected {"faults": ["http-503=share:0.1"]}, or an empty list.');
}
