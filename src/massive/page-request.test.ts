import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { AppError } from '../errors.ts';
import {
  type ScriptedAnswer,
  barRow,
  barsAnswer,
  collect,
  refusal,
  secretKey,
  startScriptedFetcher,
} from '../../test/support/scripted-vendor.ts';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import { createTimeBudget } from '../time-budget.ts';
import { createMassiveFetcher } from './fetcher.ts';
import { createPacer } from './pacing.ts';

const good = barsAnswer('AAPL', [barRow(Date.UTC(2026, 0, 2, 5))]);
const request = { symbol: 'AAPL', timeframe: 'daily', from: '2026-01-02', to: '2026-01-09' } as const;
const tooMany = (headers?: Record<string, string>) =>
  refusal(429, { status: 'ERROR', error: "You've exceeded the maximum requests per minute." }, headers);

const start = (response: ServerResponse, headers: Record<string, string | number> = {}): void => {
  response.writeHead(200, { 'content-type': 'application/json', ...headers });
};
const resetBefore: ScriptedAnswer = (response) => response.destroy();
const resetInside: ScriptedAnswer = (response) => {
  start(response);
  response.write(JSON.stringify(good).slice(0, 60), () => response.destroy());
};
const truncatedGzip: ScriptedAnswer = (response) => {
  start(response, { 'content-encoding': 'gzip' });
  response.end(gzipSync(JSON.stringify(good)).subarray(0, -20));
};
const stallBefore: ScriptedAnswer = () => {};
const stallInside: ScriptedAnswer = (response) => {
  start(response);
  response.write('{"results":[');
};
const noHttp: ScriptedAnswer = (response) => response.socket?.end(`HTTP/1.1 xx ${secretKey}\r\n\r\n`);
/** Compressed it is larger than what is inflated at once. */
const largeBody = gzipSync(JSON.stringify({ padding: randomBytes(1_000_000).toString('base64'), ...good }));
const large: ScriptedAnswer = (response) => {
  start(response, { 'content-encoding': 'gzip' });
  response.end(largeBody);
};
const truncatedLarge: ScriptedAnswer = (response) => {
  start(response, { 'content-encoding': 'gzip' });
  response.end(largeBody.subarray(0, -2000));
};
const bomb =
  (row: string, rows: number): ScriptedAnswer =>
  (response) => {
    start(response, { 'content-encoding': 'gzip' });
    response.end(gzipSync(`{"results":[${`${row},`.repeat(rows)}${row}]}`, { level: 1 }));
  };

describe('asking for a page', () => {
  it.each<[string, ScriptedAnswer, string]>([
    ['a reset before the answer', resetBefore, 'NETWORK_TIMEOUT'],
    ['a reset inside the body', resetInside, 'NETWORK_TIMEOUT'],
    ['gzip that is cut off', truncatedGzip, 'VENDOR_RESPONSE_INVALID'],
    ['a large body that is cut off', truncatedLarge, 'VENDOR_RESPONSE_INVALID'],
    ['a vendor that never answers', stallBefore, 'NETWORK_TIMEOUT'],
    ['a body that stops', stallInside, 'NETWORK_TIMEOUT'],
    ['500', refusal(500, { status: 'ERROR' }), 'VENDOR_RESPONSE_INVALID'],
    ['502 as HTML', refusal(502, '<html>Bad Gateway</html>'), 'VENDOR_RESPONSE_INVALID'],
    ['503', refusal(503, {}), 'VENDOR_RESPONSE_INVALID'],
    ['504', refusal(504, ''), 'NETWORK_TIMEOUT'],
    ['200 with an HTML page', refusal(200, '<html>hello</html>'), 'VENDOR_RESPONSE_INVALID'],
    ['200 with an error inside', { status: 'ERROR', error: 'try again' }, 'VENDOR_RESPONSE_INVALID'],
    [
      'an encoding not asked for',
      (response) => {
        start(response, { 'content-encoding': 'br' });
        response.end('x');
      },
      'VENDOR_RESPONSE_INVALID',
    ],
  ])('tries again after %s', async (_what, answer, code) => {
    await using t = await startScriptedFetcher([answer, good], { timeoutMs: 150 });
    const pages = await collect(t.fetcher.bars(request, t.signal));
    expect(pages).toMatchObject([{ bars: [{ symbol: 'AAPL' }] }]);
    expect(t.retries).toMatchObject([{ error: { code }, attempt: 1, delayMs: 250 }]);
    expect(t.logs).toMatchObject([{ status: 200, tries: 2, waitMs: 250, rows: 1 }]);
    expect(t.fetcher.stats).toMatchObject({ requests: 1, retries: 1, waitMs: 250 });
  });

  it('bounds a body that drips without end', async () => {
    let drip: NodeJS.Timeout | undefined;
    const dripping: ScriptedAnswer = (response) => {
      start(response);
      response.write('{"results":[');
      drip = setInterval(() => response.write(' '), 20);
    };
    await using t = await startScriptedFetcher([dripping], { timeoutMs: 100, maxTries: 1 });
    await expect(collect(t.fetcher.bars(request, t.signal))).rejects.toThrow(
      'no complete answer within 0.2 s',
    );
    clearInterval(drip);
  });

  it('waits longer each time and gives up after its tries', async () => {
    await using t = await startScriptedFetcher(
      Array.from({ length: 4 }, () => refusal(503, {})),
      { maxTries: 4 },
    );
    await expect(collect(t.fetcher.bars(request, t.signal))).rejects.toMatchObject({
      code: 'VENDOR_RESPONSE_INVALID',
      retryable: true,
    });
    expect(t.clock.slept).toEqual([250, 500, 1000]);
    expect(t.vendor.requests).toHaveLength(4);
    expect(t.logs).toMatchObject([{ status: 503, tries: 4, rows: 0 }]);
  });

  it.each<[string, ScriptedAnswer, string]>([
    ['a refused key', refusal(401, { status: 'ERROR', error: 'Unknown API Key' }), 'API_KEY_INVALID'],
    [
      'data outside of the plan',
      refusal(403, { status: 'NOT_AUTHORIZED', message: 'You are not entitled to this data.' }),
      'VENDOR_NOT_ENTITLED',
    ],
    [
      'a day that has not ended',
      refusal(403, {
        status: 'NOT_AUTHORIZED',
        message: "Attempted to request today's data before end of day.",
      }),
      'VENDOR_NOT_READY',
    ],
    ['a bad request', refusal(400, { status: 'ERROR', error: 'Could not parse' }), 'VENDOR_RESPONSE_INVALID'],
  ])('does not ask twice after %s', async (_what, answer, code) => {
    await using t = await startScriptedFetcher([answer, good]);
    await expect(collect(t.fetcher.bars(request, t.signal))).rejects.toMatchObject({ code });
    expect(t.vendor.requests).toHaveLength(1);
  });

  it('waits as long as a throttling vendor says', async () => {
    await using t = await startScriptedFetcher([tooMany({ 'retry-after': '30' }), good]);
    await collect(t.fetcher.bars(request, t.signal));
    expect(t.retries).toMatchObject([
      { error: { code: 'API_RATE_LIMIT', retryAfterMs: 30_000 }, delayMs: 30_000 },
    ]);
    expect(t.clock.slept).toEqual([30_000]);
  });

  it('waits out minutes of throttling that gives no time, then gives up', async () => {
    await using t = await startScriptedFetcher(Array.from({ length: 30 }, () => refusal(429, '')));
    const startedAt = t.clock.now();
    await expect(collect(t.fetcher.bars(request, t.signal))).rejects.toMatchObject({
      code: 'API_RATE_LIMIT',
    });
    const waited = t.clock.now() - startedAt;
    expect(waited).toBeGreaterThan(180_000);
    expect(waited).toBeLessThanOrEqual(300_000);
  });

  it('slows everybody who shares the key when one is throttled', async () => {
    await using t = await startScriptedFetcher([tooMany({ 'retry-after': '30' }), good, good]);
    const startedAt = t.clock.now();
    const first = collect(t.fetcher.bars(request, t.signal));
    while (t.retries.length === 0) await new Promise(setImmediate);
    await Promise.all([first, collect(t.fetcher.bars(request, t.signal))]);
    expect(t.clock.now() - startedAt).toBeGreaterThanOrEqual(30_000);
    expect(t.vendor.requests).toHaveLength(3);
  });

  it('takes a slot for every try', async () => {
    await using t = await startScriptedFetcher([refusal(503, {}), good, good], { rateLimitMs: 1000 });
    await collect(t.fetcher.bars(request, t.signal));
    await collect(t.fetcher.bars(request, t.signal));
    expect(t.clock.slept).toEqual([250, 760, 1010]);
  });

  it('says what is from now on between requests, once for each slow-down', async () => {
    const refused = tooMany({ 'retry-after': '1' });
    await using t = await startScriptedFetcher([good, refused, refused, good], { rateLimitMs: 1000 });
    await collect(t.fetcher.bars(request, t.signal));
    await collect(t.fetcher.bars(request, t.signal));
    // The second refusal says only that the pause was too short.
    expect(t.retries).toMatchObject([{ slowedToMs: 2020 }, { slowedToMs: null }]);
    expect(t.clock.slept).toEqual([1010, 2020, 2020]);
  });

  it('does not take a clock that is set forward for time the vendor took', async () => {
    const steady = createFakeClock();
    let setBy = 0;
    const clock = { ...steady, now: () => steady.now() + setBy };
    const setForward: ScriptedAnswer = (response) => {
      setBy = 3_600_000;
      response.destroy();
    };
    await using t = await startScriptedFetcher([setForward, good], {}, { clock });
    const budget = createTimeBudget(60_000);
    const pages = await collect(t.fetcher.bars({ ...request, budget }, t.signal));
    expect(pages).toHaveLength(1);
    expect(budget.leftMs()).toBeGreaterThan(50_000);
  });

  it('goes ahead with what was refused before', async () => {
    const asked: unknown[] = [];
    const pacer = createPacer({ intervalMs: 0 }, { now: () => 0, steady: () => 0, sleep: async () => {} });
    const watched: typeof pacer = {
      ...pacer,
      take(signal, options) {
        asked.push(options?.isUrgent);
        return pacer.take(signal, options);
      },
    };
    for (const isUrgent of [false, true]) {
      await using t = await startScriptedFetcher([refusal(503, {}), good], {}, { pacer: watched, isUrgent });
      await collect(t.fetcher.bars(request, t.signal));
    }
    expect(asked).toEqual([false, true, true, true]);
  });

  it('reads a body too large to be inflated at once', async () => {
    await using t = await startScriptedFetcher([large]);
    const [page] = await collect(t.fetcher.bars(request, t.signal));
    expect(page?.bars).toHaveLength(1);
    expect(t.fetcher.stats.bytes).toBe(largeBody.length);
  });

  it('reuses one connection', async () => {
    await using t = await startScriptedFetcher([good, refusal(503, {}), good, good]);
    for (let i = 0; i < 3; i++) await collect(t.fetcher.bars(request, t.signal));
    expect(t.vendor.connections).toBe(1);
  });

  it.each<[string, ScriptedAnswer, string]>([
    ['bytes', bomb(`{"x":"${'x'.repeat(10_000)}"}`, 7000), 'a body of more than 8 MB'],
    ['rows', bomb('{"t":1,"v":1}', 100_000), 'more rows than a page can have'],
  ])('refuses a body that inflates to %s beyond all bounds', async (_what, answer, problem) => {
    await using t = await startScriptedFetcher([answer], { maxTries: 1 });
    await expect(collect(t.fetcher.bars(request, t.signal))).rejects.toThrow(problem);
  });
});

describe('keeping the key secret', () => {
  it('lets it into no error, cause or log, whatever the vendor echoes', async () => {
    const echo = `Unknown API Key ${secretKey} ${encodeURIComponent(secretKey)}`;
    const scripts: ScriptedAnswer[] = [
      refusal(401, { status: 'ERROR', error: echo }, { 'x-request-id': secretKey }),
      refusal(500, { status: 'ERROR', request_id: secretKey, error: echo }),
      barsAnswer(secretKey, []),
      barsAnswer('AAPL', [], { next_url: `http://${encodeURIComponent(secretKey)}.example/` }),
      noHttp,
      resetBefore,
    ];
    for (const answer of scripts) {
      await using t = await startScriptedFetcher([answer], { maxTries: 1 });
      const error = await collect(t.fetcher.bars(request, t.signal)).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(AppError);
      expect(inspect([error, t.logs, t.retries], { depth: 10, showHidden: true })).not.toMatch(/SECRET/i);
    }
  });

  it('refuses a key no header can carry without repeating it', () => {
    const config = { baseUrl: 'http://127.0.0.1:1', apiKey: 'SECRET\nkey', rateLimitMs: 0, timeoutMs: 100 };
    const create = () =>
      createMassiveFetcher(config, {
        clock: { now: () => 0, steady: () => 0, sleep: async () => {} },
        random: () => 0,
      });
    expect(create).toThrow(
      'The Massive API key is empty or has characters no key has. Check MASSIVE_API_KEY.',
    );
  });
});

describe('cancelling', () => {
  it.each<[string, ScriptedAnswer]>([
    ['before the answer', stallBefore],
    ['inside the body', stallInside],
  ])('ends a request at once %s', async (_when, answer) => {
    await using t = await startScriptedFetcher([answer]);
    const stop = new AbortController();
    const pages = collect(t.fetcher.bars(request, stop.signal));
    while (t.vendor.requests.length === 0) await new Promise(setImmediate);
    stop.abort();
    await expect(pages).rejects.toMatchObject({
      code: 'CANCELLED',
      message: 'Cancelled while fetching daily bars of AAPL, 2026-01-02 to 2026-01-09.',
    });
    expect(t.retries).toEqual([]);
  });

  it('ends the wait between tries', async () => {
    await using t = await startScriptedFetcher([refusal(503, {}), good]);
    const stop = new AbortController();
    t.retries.push = () => {
      stop.abort(new AppError('CANCELLED', 'Stopped by the user.'));
      return 0;
    };
    await expect(collect(t.fetcher.bars(request, stop.signal))).rejects.toThrow('Stopped by the user.');
    expect(t.vendor.requests).toHaveLength(1);
  });

  it('sends nothing for a signal that was aborted before', async () => {
    await using t = await startScriptedFetcher([good]);
    await expect(collect(t.fetcher.bars(request, AbortSignal.abort()))).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    expect(t.vendor.requests).toHaveLength(0);
    expect(t.logs).toEqual([]);
  });
});

describe('a vendor that is not there', () => {
  it('says that the connection was refused and what to check', async () => {
    await using t = await startScriptedFetcher([], { baseUrl: 'http://127.0.0.1:9', maxTries: 2 });
    await expect(t.fetcher.marketStatus(t.signal)).rejects.toMatchObject({
      code: 'NETWORK_TIMEOUT',
      message:
        'Could not fetch the market status (2 tries): the connection was refused. Check the network and MASSIVE_BASE_URL, then try again.',
    });
  });
});
