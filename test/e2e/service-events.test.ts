import { type IncomingMessage, request } from 'node:http';
import { type TestContext, afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, createTestDatabase } from '../support/postgres.ts';
import { sandboxOfFile } from '../support/program.ts';
import { type ServiceProcess, startService } from '../support/service.ts';

const NOW = '2026-01-06T12:00:00Z';
const sandbox = sandboxOfFile(NOW, '--symbols', '5');
let database: TestDatabase;
let service: ServiceProcess;
beforeAll(async () => {
  database = await createTestDatabase();
  service = await startService({
    ...sandbox().env,
    DATABASE_URL: database.url,
    DATA_IMPORT_SERVICE_EVENT_CLIENTS: '20',
  });
});
afterAll(async () => {
  await service?.stop();
  await database?.drop();
});

interface Frame {
  readonly id: number;
  readonly event: string;
  readonly data: { readonly payload: { readonly run_id: string }; readonly latest?: number };
}

interface Stream {
  readonly frames: readonly Frame[];
  /** Resolves once a frame fits. */
  until(fits: (frame: Frame) => boolean): Promise<void>;
  leave(): void;
}

/** Follows events as a browser would. */
function follow({ onTestFinished }: TestContext, query = '', lastEventId?: number): Promise<Stream> {
  return new Promise((resolve, reject) => {
    const headers = lastEventId === undefined ? {} : { 'last-event-id': String(lastEventId) };
    const sent = request(
      `${service.url}/api/processing/events${query}`,
      { headers, agent: false },
      (response) => {
        if (response.statusCode !== 200) return reject(new Error(`answered ${response.statusCode}`));
        resolve(framesOf(response));
      },
    );
    sent.on('error', reject);
    sent.end();
    onTestFinished(() => void sent.destroy());
  });
}

function framesOf(response: IncomingMessage): Stream {
  const frames: Frame[] = [];
  const waiting = new Set<() => void>();
  let text = '';
  response.on('error', () => {});
  response.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    const parts = text.split('\n\n');
    text = parts.pop() ?? '';
    for (const part of parts) {
      const [, id, event, data] = /^id: (\d+)\nevent: (\w+)\ndata: (.*)$/.exec(part) ?? [];
      if (id !== undefined)
        frames.push({ id: Number(id), event: event!, data: JSON.parse(data!) as Frame['data'] });
    }
    for (const look of waiting) look();
  });
  return {
    frames,
    until: (fits) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!frames.some(fits)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    leave: () => void response.destroy(),
  };
}

async function trigger(...symbols: string[]): Promise<string> {
  const ask = { symbols, timeframes: ['daily'], lookback_days: 5 };
  const { status, body } = await service.ask('/api/processing/import/trigger', ask);
  if (status !== 200) throw new Error(JSON.stringify(body));
  return body.run_id;
}

const isEndOf =
  (runId: string) =>
  ({ event, data }: Frame): boolean =>
    event === 'data_import_completed' && data.payload.run_id === runId;

/** Runs an import to its end and gives the number of its last event. */
async function importAndWait(context: TestContext, symbol: string): Promise<{ runId: string; last: number }> {
  const stream = await follow(context);
  const runId = await trigger(symbol);
  await stream.until(isEndOf(runId));
  stream.leave();
  return { runId, last: stream.frames.find(isEndOf(runId))!.id };
}

describe('following events', () => {
  it('tells what happens from now on, numbered without a hole', async (context) => {
    const stream = await follow(context);
    const runId = await trigger('AAPL');
    await stream.until(isEndOf(runId));
    const events = stream.frames.map(({ event }) => event);
    expect([events[0], events.at(-1)]).toEqual(['data_import_started', 'data_import_completed']);
    const ids = stream.frames.map(({ id }) => id);
    expect(ids).toEqual(ids.map((_, index) => ids[0]! + index));
  });

  it('resumes after the last event seen without a gap or a repeat, again and again', async (context) => {
    const { last: begin } = await importAndWait(context, 'AMGN');
    const whole = await follow(context, '', begin);
    const seen: number[] = [];
    let last = begin;
    // A client that is cut off after each piece it gets, while imports go on.
    for (let n = 0; n < 6; n++) {
      const runId = await trigger(['AAPL', 'AMGN', 'BCPC', 'BCpC', 'BRK.B'][n % 5]!);
      const piece = await follow(context, '', last);
      await piece.until(({ id }) => id > last);
      piece.leave();
      const got = piece.frames.map(({ id }) => id);
      seen.push(...got);
      last = got.at(-1)!;
      await whole.until(isEndOf(runId));
    }
    // One more import, so that there is something left for sure.
    const next = await trigger('AAPL');
    const rest = await follow(context, `?last_event_id=${last}`);
    await rest.until(isEndOf(next));
    await whole.until(isEndOf(next));
    seen.push(...rest.frames.map(({ id }) => id));
    const end = whole.frames.at(-1)!.id;
    const expected = Array.from({ length: end - begin }, (_, index) => begin + 1 + index);
    expect(seen).toEqual(expected);
    expect(whole.frames.map(({ id }) => id)).toEqual(expected);
  });

  it('can be of one run only', async (context) => {
    const stream = await follow(context);
    const other = await trigger('BCPC');
    const wanted = await trigger('AAPL');
    await stream.until(isEndOf(wanted));
    await stream.until(isEndOf(other));
    const only = await follow(context, `?run_id=${wanted}&last_event_id=0`);
    await only.until(isEndOf(wanted));
    expect(new Set(only.frames.map(({ data }) => data.payload.run_id))).toEqual(new Set([wanted]));
  });

  it.for([
    ['older than what is kept', 1],
    ['of another database', 10_000_000],
  ] as const)('from an id %s begins with a reset, and goes on from there', async ([, from], context) => {
    const { last } = await importAndWait(context, 'AAPL');
    await database.pool.query('DELETE FROM events WHERE number <= $1', [last - 2]);
    const stream = await follow(context, '', from);
    await stream.until(({ event }) => event === 'reset');
    const runId = await trigger('AAPL');
    await stream.until(isEndOf(runId));
    const [reset, next] = stream.frames;
    expect(reset).toMatchObject({ id: last, event: 'reset', data: { latest: last } });
    expect(next?.id).toBe(last + 1);
  });

  it('refuses an id that is none, and more clients than it should have', async (context) => {
    const answer = await fetch(`${service.url}/api/processing/events`, { headers: { 'last-event-id': 'x' } });
    expect(answer.status).toBe(400);
    const all = await Promise.allSettled(Array.from({ length: 25 }, () => follow(context)));
    expect(all.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(20);
    expect(all.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: new Error('answered 503'),
    });
  });
});
