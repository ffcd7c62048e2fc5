import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import { ask, range, sandboxNow, startSandbox } from '../../test/support/sandbox.ts';
import type { Sandbox, SandboxOptions } from './sandbox.ts';

const days = range('AAPL', 'day', '2026-08-03', '2026-08-07');

async function withSandbox<T>(
  options: Partial<SandboxOptions>,
  work: (sandbox: Sandbox) => Promise<T>,
): Promise<T> {
  const sandbox = await startSandbox(options);
  try {
    return await work(sandbox);
  } finally {
    await sandbox.close();
  }
}

describe('the sandbox', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox();
  });
  afterAll(() => sandbox.close());

  it('listens on loopback and has a key that follows from its seed', async () => {
    expect(sandbox.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(sandbox.key).toMatch(/^[0-9a-f]{32}$/);
    const keys = await Promise.all([1, 2].map((seed) => withSandbox({ seed }, async ({ key }) => key)));
    expect(keys[0]).toBe(sandbox.key);
    expect(keys[1]).not.toBe(sandbox.key);
  });

  it('accepts its key in the header or in the URL, and no other', async () => {
    expect((await ask(sandbox, days)).status).toBe(200);
    expect((await ask(sandbox, `${days}?apiKey=${sandbox.key}`, {})).status).toBe(200);
    const none = await ask(sandbox, days, {});
    const wrong = await ask(sandbox, days, { authorization: 'Bearer 0000' });
    expect([none.status, wrong.status]).toEqual([401, 401]);
    expect(none.body).toEqual({
      status: 'ERROR',
      request_id: none.headers.get('x-request-id'),
      error: 'API Key was not provided',
    });
    expect(wrong.body).toMatchObject({ status: 'ERROR', error: 'Unknown API Key' });
  });

  it('answers an unknown path in plain text', async () => {
    const { status, headers, text } = await ask(sandbox, '/v2/nothing');
    expect([status, headers.get('content-type')]).toEqual([404, 'text/plain; charset=utf-8']);
    expect(text).toBe('404 page not found\n');
  });

  it('names each request in header and body, never twice the same', async () => {
    const [one, two] = [await ask(sandbox, days), await ask(sandbox, days)];
    expect(one.body.request_id).toMatch(/^[0-9a-f]{32}$/);
    expect(one.headers.get('x-request-id')).toBe(one.body.request_id);
    expect(two.body.request_id).not.toBe(one.body.request_id);
  });

  it('compresses when asked', async () => {
    const key = { authorization: `Bearer ${sandbox.key}` };
    const plain = await ask(sandbox, days, { ...key, 'accept-encoding': 'identity' });
    const zipped = await ask(sandbox, days, { ...key, 'accept-encoding': 'gzip' });
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(zipped.headers.get('content-encoding')).toBe('gzip');
    expect(zipped.headers.get('vary')).toBe('Accept-Encoding');
    expect(Number(zipped.headers.get('content-length'))).toBeLessThan(plain.text.length);
    expect(zipped.body.results).toEqual(plain.body.results);
  });
});

it('counts requests by route and key, with results, bytes and statuses', () =>
  withSandbox({}, async (sandbox) => {
    const sent = await Promise.all([
      ask(sandbox, days),
      ask(sandbox, range('AAPL', 'hour', '2026-08-07', '2026-08-07')),
      ask(sandbox, days, { authorization: 'Bearer my-real-key' }),
      ask(sandbox, days, {}),
      ask(sandbox, '/nowhere'),
    ]);
    const { body, text } = await ask(sandbox, '/sandbox/stats', {});
    const bytes = sent.map(({ headers }) => Number(headers.get('content-length')));
    expect(body.total).toEqual({
      requests: 5,
      rows: 21,
      bytes: bytes.reduce((sum, count) => sum + count, 0),
      statuses: { 200: 2, 401: 2, 404: 1 },
    });
    expect(body.routes['aggregates/hour']).toEqual({
      requests: 1,
      rows: 16,
      bytes: bytes[1],
      statuses: { 200: 1 },
    });
    expect(body.routes['aggregates/day']).toMatchObject({ requests: 3, rows: 5 });
    expect(body.keys[sandbox.key].routes).toEqual({ 'aggregates/day': 1, 'aggregates/hour': 1, unknown: 1 });
    expect(body.keys.unknown.requests).toBe(1);
    expect(body.keys.none.statuses).toEqual({ 401: 1 });
    expect(text).not.toContain('my-real-key');
    expect(sandbox.stats().total).toEqual(body.total);
  }));

describe('its limit', () => {
  it('can be set, and lifted, while it runs', () =>
    withSandbox({ clock: createFakeClock() }, async (sandbox) => {
      const setRate = async (body: string): Promise<unknown> =>
        (await fetch(`${sandbox.url}/sandbox/rate`, { method: 'POST', body })).json();
      const statuses = async (): Promise<number[]> => {
        const seen: number[] = [];
        for (let n = 0; n < 3; n++) seen.push((await ask(sandbox, '/v1/marketstatus/now')).status);
        return seen;
      };
      expect(await setRate('{"rate":"2/min"}')).toEqual({ rate: '2/min' });
      expect(await statuses()).toEqual([200, 200, 429]);
      expect(await setRate('{"rate":"fast"}')).toEqual({
        error: expect.stringContaining('expected requests a second or a minute'),
      });
      expect(await statuses()).toEqual([429, 429, 429]);
      expect(await setRate('{"rate":null}')).toEqual({ rate: null });
      expect(await statuses()).toEqual([200, 200, 200]);
    }));
});

describe('its clock', () => {
  const setClock = (sandbox: Sandbox, body: string): Promise<Response> =>
    fetch(`${sandbox.url}/sandbox/clock`, { method: 'POST', body });

  it('starts where it is told, advances, and can be set', () =>
    withSandbox({ clock: createFakeClock() }, async (sandbox) => {
      expect(sandbox.now()).toBe(sandboxNow);
      const answer = await setClock(sandbox, '{"now":"2025-01-09T23:00:00-05:00"}');
      expect(await answer.json()).toEqual({ now: '2025-01-10T04:00:00.000Z' });
      const { body } = await ask(sandbox, '/v1/marketstatus/now');
      expect(body.serverTime).toBe('2025-01-09T23:00:00-05:00');
      await setClock(sandbox, `{"now":${sandboxNow}}`);
      expect(sandbox.now()).toBe(sandboxNow);
    }));

  it('refuses what is no instant within its calendar, and stays', () =>
    withSandbox({ clock: createFakeClock() }, async (sandbox) => {
      for (const body of [
        '',
        '{}',
        '{"now":"tomorrow"}',
        '{"now":"2025-01-09"}',
        '{"now":"2031-01-02T00:00:00-05:00"}',
      ]) {
        const answer = await setClock(sandbox, body);
        expect(answer.status).toBe(400);
        expect(await answer.json()).toEqual({ error: expect.stringMatching(/^Cannot set the/) });
      }
      expect(sandbox.now()).toBe(sandboxNow);
    }));
});

it('answers 429 above its rate, and again when time has passed', async () => {
  const clock = createFakeClock();
  await withSandbox({ clock, rate: { requests: 2, perMs: 60_000 } }, async (sandbox) => {
    const statuses = async (count: number): Promise<number[]> => {
      const seen: number[] = [];
      for (let request = 0; request < count; request++) seen.push((await ask(sandbox, days)).status);
      return seen;
    };
    expect(await statuses(3)).toEqual([200, 200, 429]);
    const { body, headers } = await ask(sandbox, days);
    expect(body).toMatchObject({ status: 'ERROR' });
    expect(body.error).toMatch(
      /^You've exceeded the maximum requests per minute, please wait or upgrade your subscription to continue\. /,
    );
    expect(headers.get('retry-after')).toBeNull();
    clock.advance(30_000);
    expect(await statuses(2)).toEqual([200, 429]);
  });
});

it('waits for its latency before each answer', async () => {
  const clock = createFakeClock();
  await withSandbox({ clock, latencyMs: 100 }, async (sandbox) => {
    await ask(sandbox, days);
    expect(clock.slept).toEqual([100]);
  });
});

describe('a plan', () => {
  const years = (from: number): string => range('AAPL', 'day', `${from}-01-02`, '2026-08-07');
  const firstDate = (body: { results: { t: number }[] }): string =>
    new Date(body.results[0]!.t).toISOString().slice(0, 10);

  it.each([
    ['basic', '2024-08-08'],
    ['starter', '2021-08-09'],
    ['developer', '2016-08-08'],
  ] as const)('%s clips history to its years without a word', (plan, first) =>
    withSandbox({ plan }, async (sandbox) => {
      const { status, body } = await ask(sandbox, years(2010));
      expect([status, firstDate(body)]).toEqual([200, first]);
    }),
  );

  it('advanced has all of it', () =>
    withSandbox({ plan: 'advanced' }, async (sandbox) => {
      expect(firstDate((await ask(sandbox, years(2010))).body)).toBe('2010-01-04');
    }));

  it('refuses what lies wholly before its history', () =>
    withSandbox({ plan: 'basic' }, async (sandbox) => {
      for (const path of [
        range('AAPL', 'day', '2023-01-02', '2024-08-07'),
        '/v2/aggs/grouped/locale/us/market/stocks/2024-08-07',
      ]) {
        const { status, body } = await ask(sandbox, path);
        expect(status).toBe(403);
        expect(body.status).toBe('NOT_AUTHORIZED');
        expect(body.message).toMatch(/^Your plan doesn't include this data timeframe\. /);
      }
    }));

  it('basic refuses today until it has ended in New York', () =>
    withSandbox({ plan: 'basic', now: Date.parse('2026-08-08T03:30:00Z') }, async (sandbox) => {
      const today = [
        '/v2/aggs/grouped/locale/us/market/stocks/2026-08-07',
        range('AAPL', 'day', '2026-08-07', '2026-08-07'),
      ];
      for (const path of today) {
        const { status, body } = await ask(sandbox, path);
        expect(status).toBe(403);
        expect(body.message).toMatch(
          /^Attempted to request today's data before end of day\. Please upgrade your plan at /,
        );
      }
      // As part of a longer range it is left out.
      expect((await ask(sandbox, days)).body.resultsCount).toBe(4);
      sandbox.setNow(Date.parse('2026-08-08T04:00:00Z'));
      for (const path of today) expect((await ask(sandbox, path)).status).toBe(200);
      expect((await ask(sandbox, days)).body.resultsCount).toBe(5);
    }));

  it.each([
    ['basic', 'OK'],
    ['starter', 'DELAYED'],
    ['developer', 'DELAYED'],
    ['advanced', 'OK'],
  ] as const)('%s labels the newest session %s', (plan, label) =>
    withSandbox({ plan }, async (sandbox) => {
      const older = range('AAPL', 'day', '2026-08-03', '2026-08-06');
      expect((await ask(sandbox, days)).body.status).toBe(label);
      const week = range('AAPL', 'week', '2026-08-03', '2026-08-07');
      expect((await ask(sandbox, week)).body.status).toBe(label);
      expect((await ask(sandbox, older)).body.status).toBe('OK');
    }),
  );

  it('starter sees bars a quarter of an hour late', () =>
    withSandbox({ plan: 'starter', now: Date.parse('2026-08-07T15:20:00Z') }, async (sandbox) => {
      const { body } = await ask(sandbox, range('AAPL', 'minute', '2026-08-07', '2026-08-07'));
      expect(body.results.at(-1).t).toBeLessThanOrEqual(Date.parse('2026-08-07T15:05:00Z'));
      expect(body.results.at(-1).t).toBeGreaterThan(Date.parse('2026-08-07T15:00:00Z'));
    }));
});
