import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ListedRow, ask, listed, startSandbox } from '../../test/support/sandbox.ts';
import type { Sandbox } from './sandbox.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ symbols: undefined });
});
afterAll(() => sandbox.close());

const rowsOf = async (path: string): Promise<ListedRow[]> => (await listed(sandbox, path)).rows;

describe('reference tickers', () => {
  it('list who trades today by symbol, over pages without a gap', async () => {
    const { rows, pages } = await listed(sandbox, '/v3/reference/tickers?market=stocks&limit=100');
    expect(pages).toBe(Math.ceil(rows.length / 100));
    expect(pages).toBeGreaterThan(4);
    const symbols = rows.map(({ ticker }) => ticker);
    expect(symbols).toEqual([...new Set(symbols)].toSorted());
    expect(symbols).toEqual(expect.arrayContaining(['BCPC', 'BCpC', 'BRK.B']));
    expect(rows.every(({ active, delisted_utc: delisted }) => active && delisted === undefined)).toBe(true);
  });

  it('keep the key out of next_url', async () => {
    const { body } = await ask(sandbox, `/v3/reference/tickers?limit=1&apiKey=${sandbox.key}`, {});
    const url = new URL(body.next_url);
    expect(url.origin).toBe(sandbox.url);
    expect(Buffer.from(url.searchParams.get('cursor')!, 'base64url').toString()).not.toContain(sandbox.key);
  });

  it('list the delisted ones with their last day', async () => {
    const rows = await rowsOf('/v3/reference/tickers?active=false&limit=1000');
    expect(rows.length).toBeGreaterThan(4);
    for (const row of rows) {
      expect(row['active']).toBe(false);
      expect(row['delisted_utc']).toMatch(/^\d{4}-\d{2}-\d{2}T00:00:00Z$/);
    }
  });

  it('tell who was listed on a date', async () => {
    const [gone] = await rowsOf('/v3/reference/tickers?active=false&limit=1');
    const before = `/v3/reference/tickers?ticker=${gone!['ticker']}&date=2000-01-03`;
    expect(await rowsOf(before)).toMatchObject([{ ticker: gone!['ticker'], active: true }]);
    expect(await rowsOf(`/v3/reference/tickers?ticker=${gone!['ticker']}`)).toEqual([]);
  });

  it('can be searched and filtered', async () => {
    expect((await rowsOf('/v3/reference/tickers?search=apple')).map(({ ticker }) => ticker)).toEqual([
      'AAPL',
    ]);
    expect(
      (await rowsOf('/v3/reference/tickers?ticker.gte=BC&ticker.lt=BD')).map(({ ticker }) => ticker),
    ).toEqual(['BCPC', 'BCpC']);
    const exchanges = await rowsOf('/v3/reference/tickers?exchange=XNAS&limit=1000');
    expect(new Set(exchanges.map((row) => row['primary_exchange']))).toEqual(new Set(['XNAS']));
    expect(await rowsOf('/v3/reference/tickers?market=crypto')).toEqual([]);
    const downwards = await rowsOf('/v3/reference/tickers?limit=1000&order=desc');
    expect(downwards[0]!['ticker'] > downwards.at(-1)!['ticker']).toBe(true);
  });

  it.each(['limit=1001', 'limit=0', 'sort=age'])('refuse %s', async (query) => {
    expect((await ask(sandbox, `/v3/reference/tickers?${query}`)).status).toBe(400);
  });
});

describe('ticker details', () => {
  it('tell since when a symbol is listed', async () => {
    const { body } = await ask(sandbox, '/v3/reference/tickers/BRK.B');
    expect(body.status).toBe('OK');
    expect(body.results).toMatchObject({ ticker: 'BRK.B', name: 'Berkshire Hathaway', active: true });
    expect(body.results.list_date < '2000').toBe(true);
  });

  it('do not know a symbol that never was, or one in another case', async () => {
    for (const symbol of ['XXXX', 'aapl']) {
      const { status, body, headers } = await ask(sandbox, `/v3/reference/tickers/${symbol}`);
      expect(status).toBe(404);
      expect(body).toEqual({
        status: 'NOT_FOUND',
        request_id: headers.get('x-request-id'),
        message: 'Ticker not found.',
      });
    }
  });

  it('know a delisted symbol only on a date of its own', async () => {
    const [gone] = await rowsOf('/v3/reference/tickers?active=false&limit=1');
    const path = `/v3/reference/tickers/${gone!['ticker']}`;
    expect((await ask(sandbox, path)).status).toBe(404);
    expect((await ask(sandbox, `${path}?date=2000-01-03`)).body.results).toMatchObject({ active: true });
  });
});
