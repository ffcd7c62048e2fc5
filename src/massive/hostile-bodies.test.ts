import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import { barRow, barsAnswer, collect } from '../../test/support/scripted-vendor.ts';
import { AppError } from '../errors.ts';
import { isSession } from '../market/calendar.ts';
import { type Bar, rejectReason } from '../market/bar.ts';
import { type MassiveFetcher, createMassiveFetcher } from './fetcher.ts';

/** What the vendor sends to every request; set before each. */
interface Body {
  readonly bytes: string | Buffer;
  readonly contentType: string;
  readonly gzip: boolean;
}

const request = { symbol: 'AAPL', timeframe: 'daily', from: '2026-01-02', to: '2026-01-09' } as const;
const rows = [2, 5, 6, 7, 8, 9].map((day) => barRow(Date.UTC(2026, 0, day, 5)));
const good = barsAnswer('AAPL', rows) as Record<string, unknown>;

describe('whatever the vendor sends', () => {
  let body: Body;
  let asked = 0;
  const server = createServer((_request, response) => {
    asked++;
    response.writeHead(200, {
      'content-type': body.contentType,
      ...(body.gzip && { 'content-encoding': 'gzip' }),
    });
    response.end(body.gzip ? gzipSync(body.bytes, { level: 1 }) : body.bytes);
  });
  let fetcher: MassiveFetcher;
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    fetcher = createMassiveFetcher(
      {
        baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        apiKey: 'key',
        rateLimitMs: 0,
        timeoutMs: 5000,
        maxTries: 2,
      },
      { clock: createFakeClock(), random: () => 0 },
    );
  });
  afterAll(async () => {
    await fetcher.close();
    server.close();
  });

  /** The bars that would be stored, or the error: there is nothing third. */
  async function outcome(sent: Body): Promise<Bar[] | AppError> {
    body = sent;
    asked = 0;
    try {
      const pages = await collect(fetcher.bars(request, new AbortController().signal));
      return pages
        .flatMap((page) => page.bars)
        .filter((bar) => rejectReason(bar, request.timeframe, isSession) === null);
    } catch (error) {
      if (error instanceof AppError && error.code !== 'INTERNAL') return error;
      throw error;
    }
  }

  const isSound = (bar: Bar): boolean =>
    [bar.open, bar.high, bar.low, bar.close].every((price) => price > 0 && price <= 1e8) &&
    bar.high >= Math.max(bar.open, bar.low, bar.close) &&
    bar.low <= Math.min(bar.open, bar.close) &&
    bar.volume >= 0 &&
    Number.isFinite(bar.volume) &&
    bar.symbol === 'AAPL' &&
    bar.session >= request.from &&
    bar.session <= request.to;

  /** What was wrong about what came of it: nothing. */
  async function wrongWith(sent: Body): Promise<unknown[]> {
    const came = await outcome(sent);
    const tooMany = asked > 40 ? [`${asked} requests`] : [];
    if (!(came instanceof AppError)) return [...came.filter((bar) => !isSound(bar)), ...tooMany];
    return came.message.startsWith('Could not fetch daily bars of AAPL') ? tooMany : [came.message];
  }

  const anyJson = fc.jsonValue({ maxDepth: 4 });
  /** JSON.stringify cannot print these, and vendors can. */
  const anyNumber = fc.constantFrom(
    '1e999',
    '-1e999',
    '-0',
    '1e-400',
    '0.1e1',
    '9e11',
    '00',
    'NaN',
    '123456789012345678901234567890',
  );
  const field = fc.constantFrom('o', 'h', 'l', 'c', 'v', 'vw', 'n', 't');
  const json = { contentType: 'application/json', gzip: true };

  it('any JSON in any field of the envelope: bars that keep the row rules, or an error that says what came', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...Object.keys(good), 'next_url', 'error', 'message'),
        anyJson,
        async (name, value) => {
          const bytes = JSON.stringify({ ...good, [name]: value });
          expect(await wrongWith({ ...json, bytes })).toEqual([]);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('any JSON in any field of a row', async () => {
    await fc.assert(
      fc.asyncProperty(field, fc.nat(5), anyJson, async (name, at, value) => {
        const results = rows.map((row, i) => (i === at ? { ...row, [name]: value } : row));
        expect(await wrongWith({ ...json, bytes: JSON.stringify({ ...good, results }) })).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it('numbers no float holds', async () => {
    await fc.assert(
      fc.asyncProperty(field, anyNumber, async (name, text) => {
        const printed = JSON.stringify({ ...good, results: [{ ...rows[0], [name]: '@' }, ...rows.slice(1)] });
        expect(await wrongWith({ ...json, bytes: printed.replace('"@"', text) })).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it('any JSON at all, and any bytes', async () => {
    const types = fc.constantFrom(
      'application/json',
      'text/html',
      'text/plain',
      'image/png',
      '',
      'application/json; charset=latin1',
    );
    const bytes = fc.oneof(
      anyJson.map((value) => JSON.stringify(value)),
      fc.string(),
      fc.uint8Array({ maxLength: 2000 }).map((array) => Buffer.from(array)),
      fc.nat(JSON.stringify(good).length).map((at) => JSON.stringify(good).slice(0, at)),
    );
    await fc.assert(
      fc.asyncProperty(bytes, types, fc.boolean(), async (sent, contentType, gzip) => {
        expect(await wrongWith({ bytes: sent, contentType, gzip })).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it.each<[string, () => string]>([
    ['nested 10,000 deep', () => `{"status":"OK","results":${'['.repeat(10_000)}${']'.repeat(10_000)}}`],
    [
      'nested 10,000 objects deep in a row',
      () => `{"results":[${'{"o":'.repeat(10_000)}1${'}'.repeat(10_000)}],"status":"OK"}`,
    ],
    ['50 MB of rows', () => `{"results":[${`${JSON.stringify(rows[0])},`.repeat(550_000)}{}],"status":"OK"}`],
    ['50 MB of one text', () => JSON.stringify({ ...good, message: 'x'.repeat(50_000_000) })],
    ['50 MB of spaces', () => `${' '.repeat(50_000_000)}${JSON.stringify(good)}`],
    ['50 MB of one number', () => `{"results":[{"o":${'1'.repeat(50_000_000)}}],"status":"OK"}`],
  ])('%s is refused', async (_what, bytes) => {
    expect(await outcome({ ...json, bytes: bytes() })).toMatchObject({ code: 'VENDOR_RESPONSE_INVALID' });
  });

  it('the good answer itself', async () => {
    expect(await outcome({ ...json, bytes: JSON.stringify(good) })).toHaveLength(6);
  });
});
