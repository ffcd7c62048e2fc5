import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, sandboxNow, startSandbox } from '../../test/support/sandbox.ts';
import type { Sandbox } from './sandbox.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ symbols: undefined });
});
afterAll(() => sandbox.close());

type Row = Record<string, any>; // oxlint-disable-line typescript/no-explicit-any -- rows of every listing

/** All pages of a listing. */
async function listed(path: string): Promise<{ rows: Row[]; pages: number }> {
  const rows: Row[] = [];
  let pages = 0;
  for (let next: string | undefined = path; next !== undefined; pages++) {
    const { body } = await ask(sandbox, next);
    rows.push(...body.results);
    next = body.next_url;
  }
  return { rows, pages };
}

const rowsOf = async (path: string): Promise<Row[]> => (await listed(path)).rows;

async function at<T>(now: string, work: () => Promise<T>): Promise<T> {
  sandbox.setNow(Date.parse(now));
  try {
    return await work();
  } finally {
    sandbox.setNow(sandboxNow);
  }
}

describe('reference tickers', () => {
  it('list who trades today by symbol, over pages without a gap', async () => {
    const { rows, pages } = await listed('/v3/reference/tickers?market=stocks&limit=100');
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

describe('splits', () => {
  it('come newest first, those announced for the future too', async () => {
    const rows = await rowsOf('/stocks/v1/splits?limit=5000');
    const dates = rows.map((row) => row['execution_date'] as string);
    expect(dates).toEqual(dates.toSorted().toReversed());
    expect(dates[0]! > '2026-08-08').toBe(true);
    expect(dates[0]! < '2026-11-01').toBe(true);
    expect(Object.keys(rows[0]!).toSorted()).toEqual([
      'adjustment_type',
      'execution_date',
      'historical_adjustment_factor',
      'id',
      'split_from',
      'split_to',
      'ticker',
    ]);
  });

  it('have whole and fractional ratios, reverse ones, and a few rows twice', async () => {
    const rows = await rowsOf('/stocks/v1/splits?limit=5000');
    const fractional = rows.filter((row) => !Number.isInteger(row['split_to'])).length / rows.length;
    expect(fractional).toBeGreaterThan(0.12);
    expect(fractional).toBeLessThan(0.26);
    expect(new Set(rows.map((row) => row['adjustment_type']))).toEqual(
      new Set(['forward_split', 'reverse_split', 'stock_dividend']),
    );
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
    const days = new Set(rows.map((row) => `${row['ticker']} ${row['execution_date']}`));
    expect(rows.length - days.size).toBeGreaterThan(0);
    expect(rows.length - days.size).toBeLessThan(rows.length / 10);
  });

  it('are chosen by symbols and dates, in the order asked for, over pages', async () => {
    const some = await listed(
      '/stocks/v1/splits?ticker.any_of=AAPL,MSFT&execution_date.gte=2000-01-01&sort=execution_date.asc&limit=2',
    );
    expect(some.pages).toBeGreaterThan(1);
    expect(new Set(some.rows.map(({ ticker }) => ticker))).toEqual(new Set(['AAPL', 'MSFT']));
    const dates = some.rows.map((row) => row['execution_date'] as string);
    expect(dates).toEqual(dates.toSorted());
    expect(dates[0]! >= '2000-01-01').toBe(true);
  });

  it('appear when they are announced, and some are called off', async () => {
    const future = async (now: string): Promise<Set<string>> =>
      at(now, async () => {
        const rows = await rowsOf(`/stocks/v1/splits?execution_date.gt=${now.slice(0, 10)}&limit=5000`);
        return new Set(rows.map(({ id }) => id as string));
      });
    const called: string[] = [];
    for (let month = 1; month <= 12; month++) {
      const from = `2024-${String(month).padStart(2, '0')}`;
      const announced = await future(`${from}-02T12:00:00Z`);
      const happened = await at('2025-06-02T12:00:00Z', () => rowsOf('/stocks/v1/splits?limit=5000'));
      const ids = new Set(happened.map(({ id }) => id as string));
      called.push(...[...announced].filter((id) => !ids.has(id)));
    }
    expect(called.length).toBeGreaterThan(0);
    expect((await future('2024-01-02T12:00:00Z')).size).toBeGreaterThan(0);
  });

  it('have an older twin', async () => {
    const rows = await rowsOf('/v3/reference/splits?ticker=AAPL&limit=1000');
    const twins = await rowsOf('/stocks/v1/splits?ticker=AAPL&limit=5000');
    expect(rows).toEqual(
      twins.map((row) => ({
        id: row['id'],
        execution_date: row['execution_date'],
        split_from: row['split_from'],
        split_to: row['split_to'],
        ticker: 'AAPL',
      })),
    );
    expect((await ask(sandbox, '/v3/reference/splits?limit=1001')).status).toBe(400);
  });
});

it('a generated market pays no dividends', async () => {
  expect(await rowsOf('/stocks/v1/dividends')).toEqual([]);
});

describe('market status', () => {
  it.each([
    ['2026-08-07T07:59:59Z', 'closed', '2026-08-07T03:59:59-04:00'],
    ['2026-08-07T08:00:00Z', 'extended-hours', '2026-08-07T04:00:00-04:00'],
    ['2026-08-07T13:30:00Z', 'open', '2026-08-07T09:30:00-04:00'],
    ['2026-08-07T20:00:00Z', 'extended-hours', '2026-08-07T16:00:00-04:00'],
    ['2026-08-08T00:00:00Z', 'closed', '2026-08-07T20:00:00-04:00'],
    ['2025-11-28T18:00:00Z', 'extended-hours', '2025-11-28T13:00:00-05:00'],
    ['2025-11-28T22:00:00Z', 'closed', '2025-11-28T17:00:00-05:00'],
    ['2026-07-03T15:00:00Z', 'closed', '2026-07-03T11:00:00-04:00'],
  ])('at %s is %s', async (now, market, serverTime) => {
    const { body } = await at(now, () => ask(sandbox, '/v1/marketstatus/now'));
    expect([body.market, body.serverTime.slice(0, 19)]).toEqual([market, serverTime.slice(0, 19)]);
    expect(body.serverTime.slice(19)).toBe(serverTime.slice(19));
    expect([body.earlyHours, body.afterHours].filter(Boolean)).toHaveLength(
      market === 'extended-hours' ? 1 : 0,
    );
  });

  it('lists the closures and early closes to come as a bare array', async () => {
    const { body } = await ask(sandbox, '/v1/marketstatus/upcoming');
    const nyse = (body as Row[]).filter(({ exchange }) => exchange === 'NYSE');
    expect(nyse[0]).toEqual({ date: '2026-09-07', exchange: 'NYSE', name: 'Labor Day', status: 'closed' });
    expect(nyse.find(({ date }) => date === '2026-11-27')).toEqual({
      date: '2026-11-27',
      exchange: 'NYSE',
      name: 'Thanksgiving',
      status: 'early-close',
      open: '2026-11-27T14:30:00.000Z',
      close: '2026-11-27T18:00:00.000Z',
    });
    expect(nyse.every(({ date }) => date > '2026-08-08')).toBe(true);
  });
});
