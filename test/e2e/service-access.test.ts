import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, createTestDatabase } from '../support/postgres.ts';
import { run, sandboxOfFile } from '../support/program.ts';
import { type ServiceProcess, startService } from '../support/service.ts';

const sandbox = sandboxOfFile('2026-01-06T12:00:00Z', '--symbols', '5');
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database?.drop());
const env = (): Record<string, string> => ({ ...sandbox().env, DATABASE_URL: database.url });

async function addKey(...args: string[]): Promise<string> {
  const { code, out } = await run(['keys', 'add', ...args], { env: env() });
  expect(code).toBe(0);
  return out.trim();
}

describe('a service that asks for keys', () => {
  let service: ServiceProcess;
  let readKey: string;
  let writeKey: string;
  beforeAll(async () => {
    readKey = await addKey('a dashboard');
    writeKey = await addKey('an operator', '--write');
    service = await startService({ ...env(), DATA_IMPORT_SERVICE_REQUIRE_KEYS: 'true' });
  });
  afterAll(() => service?.stop());

  const ask = async (path: string, headers: Record<string, string>, method = 'GET', body?: object) => {
    const response = await fetch(service.url + path, {
      method,
      headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, code: /"code":"(\w+)"/.exec(text)?.[1] };
  };

  it.each(['/api/universes', '/api/processing/events', '/metrics', '/api/bars/AAPL', '/nothing'])(
    'lets nobody read %s without one',
    async (path) => {
      expect(await ask(path, {})).toEqual({ status: 401, code: 'KEY_MISSING' });
      for (const wrong of ['x', `${readKey}x`, readKey.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a'))])
        expect(await ask(path, { 'x-api-key': wrong })).toEqual({ status: 401, code: 'KEY_INVALID' });
    },
  );

  it.each(['/health', '/ready', '/openapi.json', '/docs/'])('shows %s to anybody', async (path) => {
    expect((await ask(path, {})).status).toBe(200);
  });

  it('lets a key that reads read, and not change', async () => {
    expect((await ask('/api/universes', { 'x-api-key': readKey })).status).toBe(200);
    expect((await ask('/metrics', { authorization: `Bearer ${readKey}` })).status).toBe(200);
    const body = { name: 'mine', members: ['AAPL'] };
    const headers = { 'x-api-key': readKey };
    expect(await ask('/api/universes', headers, 'POST', body)).toEqual({
      status: 403,
      code: 'KEY_INSUFFICIENT',
    });
    expect(await ask('/api/universes/mine', headers, 'DELETE')).toEqual({
      status: 403,
      code: 'KEY_INSUFFICIENT',
    });
  });

  it('lets a key that writes change', async () => {
    const headers = { 'x-api-key': writeKey };
    const body = { name: 'mine', members: ['AAPL'] };
    expect((await ask('/api/universes', headers, 'POST', body)).status).toBe(201);
    expect((await ask('/api/universes/mine', headers, 'DELETE')).status).toBe(204);
  });

  it('keeps no key where it could be read: not in the database, its log, or its documentation', async () => {
    const { rows } = await database.pool.query<{ text: string }>(
      `SELECT row_to_json(k)::text || encode(hash, 'base64') || encode(hash, 'hex') AS text FROM api_keys k`,
    );
    const list = await run(['keys', 'list'], { env: env() });
    const openapi = await (await fetch(`${service.url}/openapi.json`)).text();
    const config = await run(['config'], { env: env() });
    const metrics = await (
      await fetch(`${service.url}/metrics`, { headers: { 'x-api-key': readKey } })
    ).text();
    const told = [...rows.map(({ text }) => text), list.out, openapi, config.out, metrics].join('\n');
    expect(list.out).toContain('a dashboard');
    for (const secret of [readKey, writeKey, readKey.slice(12), sandbox().key, database.url])
      expect(told.includes(secret)).toBe(false);
  });

  it('lets a revoked key in no longer', async () => {
    const key = await addKey('a guest');
    const id = key.slice(3, 11);
    const revoked = await run(['keys', 'revoke', id], { env: env() });
    expect([revoked.code, revoked.err]).toEqual([
      0,
      `Key ${id} is worthless now; running services notice within five seconds.\n`,
    ]);
    expect(await ask('/api/universes', { 'x-api-key': key })).toEqual({ status: 401, code: 'KEY_INVALID' });
    const again = await run(['keys', 'revoke', id], { env: env() });
    expect([again.code, again.err]).toEqual([
      2,
      `tickstock: There is no key ${id} to revoke. See: tickstock keys list\n`,
    ]);
  });
});

describe('a service on loopback', () => {
  it('is open to this machine, says so, and to no page elsewhere', async () => {
    const service = await startService({
      ...env(),
      DATA_IMPORT_SERVICE_CORS_ORIGINS: 'https://stocks.example',
    });
    const { port } = new URL(service.url);
    try {
      const trigger = (headers: Record<string, string>): Promise<Response> =>
        fetch(`${service.url}/api/processing/daily/trigger`, { method: 'POST', headers });
      expect((await trigger({ origin: 'https://evil.example' })).status).toBe(403);
      expect((await trigger({ origin: `http://127.0.0.1:${port}` })).status).not.toBe(403);
      expect((await trigger({ origin: 'https://stocks.example' })).status).not.toBe(403);
      const preflight = await fetch(`${service.url}/api/universes`, {
        method: 'OPTIONS',
        headers: { origin: 'https://stocks.example', 'access-control-request-method': 'POST' },
      });
      expect(preflight.headers.get('access-control-allow-origin')).toBe('https://stocks.example');
      const foreign = await fetch(`${service.url}/api/universes`, {
        headers: { origin: 'https://evil.example' },
      });
      expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
      const zipped = await fetch(`${service.url}/openapi.json`, { headers: { 'accept-encoding': 'gzip' } });
      expect(zipped.headers.get('content-encoding')).toBe('gzip');
    } finally {
      const { err } = await service.stop();
      expect(err).toContain('open without keys: every program on this machine may read and change');
    }
  });

  it('slows a client down that asks too often', async () => {
    const service = await startService({ ...env(), DATA_IMPORT_SERVICE_REQUESTS_PER_SECOND: '5' });
    try {
      const answers = await Promise.all(Array.from({ length: 40 }, () => service.ask('/health')));
      const refused = answers.filter(({ status }) => status === 429);
      expect(refused.length).toBeGreaterThan(20);
      expect(refused[0]?.body.code).toBe('TOO_MANY_REQUESTS');
      expect(refused[0]?.headers.get('retry-after')).toMatch(/^\d+$/);
    } finally {
      await service.stop();
    }
  });
});

const elsewhere = Object.values(networkInterfaces())
  .flat()
  .find((one) => one?.family === 'IPv4' && !one.internal)?.address;

describe('a service beyond loopback', () => {
  it('asks for keys without being told to, and says when there are none', async () => {
    const fresh = await createTestDatabase();
    const service = await startService({ ...env(), DATABASE_URL: fresh.url }, '--host', '0.0.0.0');
    try {
      const { port } = new URL(service.url);
      const address = elsewhere ?? '127.0.0.1';
      expect((await fetch(`http://${address}:${port}/api/universes`)).status).toBe(401);
      expect((await fetch(`http://${address}:${port}/health`)).status).toBe(200);
    } finally {
      const { err } = await service.stop();
      expect(err).toContain(
        'nobody can come in: there is no key yet; make one with: tickstock keys add NAME --write',
      );
      await fresh.drop();
    }
  });
});
