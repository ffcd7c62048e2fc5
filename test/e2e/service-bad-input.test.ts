import { request as httpRequest } from 'node:http';
import fc, { type Arbitrary } from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { problem } from '../../src/http/contract.ts';
import { type TestDatabase, createTestDatabase } from '../support/postgres.ts';
import { sandboxOfFile } from '../support/program.ts';
import { type Schema, fromSchema, hostile } from '../support/schema-arbitrary.ts';
import { type ServiceProcess, startService } from '../support/service.ts';

const NOW = '2026-01-06T12:00:00Z';
const PATIENCE_MS = 20_000;
/** Requests made up for each operation. */
const RUNS = 60;

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: Schema }[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: Schema } } };
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

const sandbox = sandboxOfFile(NOW, '--symbols', '5');
let database: TestDatabase;
let service: ServiceProcess;
let operations: {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}[];

beforeAll(async () => {
  database = await createTestDatabase();
  service = await startService({
    ...sandbox().env,
    DATABASE_URL: database.url,
    DATA_IMPORT_SERVICE_CHANGES_PER_SECOND: '100000',
    DATA_IMPORT_SERVICE_REQUESTS_PER_SECOND: '100000',
    DATA_IMPORT_UNIVERSES: 'dow30',
    DATA_IMPORT_LOOKBACK_HOURLY_DAYS: '1',
    DATA_IMPORT_LOOKBACK_DAILY_DAYS: '5',
  });
  const { body } = await service.ask('/openapi.json');
  operations = Object.entries(body.paths as Record<string, Record<string, Operation>>).flatMap(
    ([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        name: `${method.toUpperCase()} ${path}`,
        method: method.toUpperCase(),
        path,
        operation,
      })),
  );
});
afterAll(async () => {
  await service?.stop();
  await database?.drop();
});

/** Sends bytes as they are, which `fetch` would not; streams are left after their head. */
function send(
  method: string,
  target: string,
  body?: string,
  headers: Record<string, string> = { 'content-type': 'application/json' },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(service.url);
    const sent = httpRequest(
      {
        hostname,
        port,
        method,
        path: target,
        // Node leaves the length out for methods that seldom have a body.
        headers: body === undefined ? {} : { ...headers, 'content-length': String(Buffer.byteLength(body)) },
        timeout: PATIENCE_MS,
        // One connection each: the service hangs up after what it cannot read.
        agent: false,
      },
      (response) => {
        const type = response.headers['content-type'] ?? '';
        const answer = (text: string): void => resolve({ status: response.statusCode!, type, body: text });
        if (type.startsWith('text/event-stream')) {
          answer('');
          response.destroy();
          return;
        }
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => answer(Buffer.concat(chunks).toString()));
        response.on('error', reject);
      },
    );
    sent.on('timeout', () => sent.destroy(new Error(`${method} ${target} did not answer`)));
    sent.on('error', reject);
    sent.end(body);
  });
}

const isUnavailable = ({ body }: Answer): boolean => /"code":"(API_KEY_INVALID|TOO_MANY_CLIENTS)"/.test(body);

const hasBody = (method: string): boolean => ['POST', 'PUT', 'PATCH', 'DELETE'].includes(method);

/** Never a 500, and every refusal a problem that says what is wrong. */
function expectDecency(answer: Answer): void {
  const failure = answer.status >= 500 && !isUnavailable(answer) ? answer.body : null;
  expect(failure).toBeNull();
  if (answer.status < 400) return;
  expect(answer.type).toBe('application/problem+json; charset=utf-8');
  const told = problem.parse(JSON.parse(answer.body));
  expect(told.status).toBe(answer.status);
  expect(told.code).toMatch(/^[A-Z_]+$/);
  expect(told.detail).not.toMatch(/\n\s+at |node_modules|postgres(ql)?:\/\//);
}

/** A request an operation might get. */
function requestOf(
  path: string,
  { parameters = [], requestBody }: Operation,
): Arbitrary<{ target: string; body: string | undefined }> {
  const values = fc.record(
    Object.fromEntries(
      parameters.map(({ name, schema }) => [name, fc.option(fromSchema(schema), { nil: undefined })]),
    ),
  );
  const body =
    requestBody === undefined
      ? fc.constant(undefined)
      : fc.oneof(
          {
            weight: 8,
            arbitrary: fromSchema(requestBody.content['application/json'].schema).map((value) =>
              JSON.stringify(value),
            ),
          },
          { weight: 1, arbitrary: fc.string() },
        );
  return fc
    .tuple(values, body, fc.option(fc.tuple(fc.string({ maxLength: 8 }), hostile), { freq: 8 }))
    .map(([given, text, extra]) => {
      const encode = (value: unknown): string =>
        encodeURIComponent(
          (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).replace(/\p{Cs}/gu, ''),
        );
      const target = path.replace(/\{(\w+)\}/g, (_, name: string) => encode(given[name] ?? 'x') || 'x');
      const query = parameters
        .filter((one) => one.in === 'query' && given[one.name] !== undefined)
        .map(({ name }) => `${name}=${encode(given[name])}`);
      if (extra !== null) query.push(`${encode(extra[0])}=${encode(extra[1])}`);
      return { target: query.length === 0 ? target : `${target}?${query.join('&')}`, body: text };
    });
}

describe('Whatever is sent to the service', () => {
  it('gets a decent answer from every operation', { timeout: 300_000 }, async () => {
    expect(operations.length).toBeGreaterThan(20);
    for (const { method, path, operation } of operations) {
      await fc.assert(
        fc.asyncProperty(requestOf(path, operation), async ({ target, body }) => {
          expectDecency(await send(method, target, body));
        }),
        { numRuns: RUNS },
      );
    }
    expect((await service.ask('/health')).status).toBe(200);
  });

  it('gets a decent answer for any path, method and type', async () => {
    const methods = fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD');
    const types = fc.constantFrom(
      'application/json',
      'text/plain',
      'application/xml',
      'multipart/form-data',
      'x',
    );
    const targets = fc
      .string({ unit: fc.constantFrom(...'/abc.%2F0?&=+;~\\[]{}"<>|^`'), maxLength: 40 })
      .map((text) => `/${text}`);
    await fc.assert(
      fc.asyncProperty(
        methods,
        targets,
        types,
        fc.option(fc.string()),
        async (method, target, type, body) => {
          const answer = await send(method, target, hasBody(method) ? (body ?? '') : undefined, {
            'content-type': type,
          });
          if (method !== 'HEAD' && method !== 'OPTIONS') expectDecency(answer);
          expect(answer.status).toBeLessThan(500);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('is refused when it is too large', async () => {
    const body = JSON.stringify({ name: 'mine', members: ['A'.repeat(3_000_000)] });
    // The service may hang up before it has read all of it.
    const status = await send('POST', '/api/universes', body).then(
      (answer) => answer.status,
      () => 413,
    );
    expect(status).toBe(413);
    const headers = { 'content-type': 'application/json', 'x-large': 'x'.repeat(20_000) };
    expect((await send('POST', '/api/universes', '{}', headers)).status).toBe(431);
    expect((await service.ask('/health')).status).toBe(200);
  });

  it('names every fault at once, each with its place', async () => {
    const answer = await service.ask('/api/bars/A!?timeframe=yearly&from=soon&limit=0&colour=red');
    expect([answer.status, answer.body.code]).toEqual([400, 'INPUT_INVALID']);
    expect(answer.body.errors.map(({ place }: { place: string }) => place)).toEqual(
      expect.arrayContaining([
        'params.symbol',
        'query.timeframe',
        'query.from',
        'query.limit',
        'query.colour',
      ]),
    );
    const body = await service.ask('/api/processing/import/trigger', {
      universes: ['dow30', 'csv:/etc/passwd'],
      symbols: ['AAPL'],
      timeframes: ['daily', 'yearly'],
      colour: 'red',
    });
    expect(body.body.errors.map(({ place }: { place: string }) => place)).toEqual(
      expect.arrayContaining(['body.universes[1]', 'body.timeframes[1]', 'body.colour']),
    );
  });
});
