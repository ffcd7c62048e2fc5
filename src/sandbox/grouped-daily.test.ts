import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, range, startSandbox } from '../../test/support/sandbox.ts';
import type { Sandbox } from './sandbox.ts';

const grouped = (date: string): string => `/v2/aggs/grouped/locale/us/market/stocks/${date}`;
/** 16:00 New York of Friday 7 August 2026, as recorded. */
const recordedTime = 1786132800000;

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ symbols: undefined });
});
afterAll(() => sandbox.close());

interface Row {
  readonly T: string;
  readonly t: number;
  readonly v: number;
}

const rowsOf = async (date: string): Promise<Row[]> => (await ask(sandbox, grouped(date))).body.results;

describe('grouped daily', () => {
  it('has every stock that traded, stamped 16:00 New York', async () => {
    const { body } = await ask(sandbox, grouped('2026-08-07'));
    expect(Object.keys(body)).toEqual([
      'queryCount',
      'resultsCount',
      'adjusted',
      'results',
      'status',
      'request_id',
      'count',
    ]);
    expect(body.resultsCount).toBe(body.results.length);
    expect(new Set(body.results.map(({ t }: Row) => t))).toEqual(new Set([recordedTime]));
    const tickers = new Set(body.results.map(({ T }: Row) => T));
    for (const symbol of ['BCPC', 'BCpC', 'BRK.B', 'AAPL']) expect(tickers).toContain(symbol);
    expect(tickers.size).toBeGreaterThan(500);
  });

  it('is 16:00 New York on an early close too, and in winter', async () => {
    expect((await rowsOf('2025-11-28'))[0]!.t).toBe(Date.parse('2025-11-28T21:00:00Z'));
  });

  it('carries the same bars as the range route but for the time', async () => {
    const row = (await rowsOf('2026-08-07')).find(({ T }) => T === 'BRK.B')!;
    const { body } = await ask(sandbox, range('BRK.B', 'day', '2026-08-07', '2026-08-07'));
    const { T: _ticker, t: _time, ...prices } = row;
    expect(body.results[0]).toEqual({ ...prices, t: Date.parse('2026-08-07T04:00:00Z') });
  });

  it('is in disorder, the same each time, another each day', async () => {
    const order = async (date: string): Promise<string[]> => (await rowsOf(date)).map(({ T }) => T);
    const friday = await order('2026-08-07');
    expect(friday).not.toEqual(friday.toSorted());
    expect(await order('2026-08-07')).toEqual(friday);
    expect(await order('2026-08-06')).not.toEqual(friday);
  });

  it('now and then repeats a ticker, once with less volume', async () => {
    let repeated = 0;
    for (const date of ['2026-08-03', '2026-08-04', '2026-08-05', '2026-08-06', '2026-08-07']) {
      const volumes = new Map<string, number[]>();
      for (const { T, v } of await rowsOf(date)) volumes.set(T, [...(volumes.get(T) ?? []), v]);
      for (const [symbol, sent] of volumes) {
        if (sent.length === 1) continue;
        repeated++;
        expect(sent).toHaveLength(2);
        const { body } = await ask(sandbox, range(symbol, 'day', date, date));
        expect(Math.max(...sent)).toBe(body.results[0].v);
        expect(Math.min(...sent)).toBeLessThan(body.results[0].v);
      }
    }
    expect(repeated).toBeGreaterThan(0);
    expect(repeated).toBeLessThan(20);
  });

  it.each(['2026-08-08', '2026-07-03', '2026-08-10'])('is empty without results on %s', async (date) => {
    const { status, body } = await ask(sandbox, grouped(date));
    expect(status).toBe(200);
    expect(body).toEqual({
      queryCount: 0,
      resultsCount: 0,
      adjusted: true,
      status: 'OK',
      request_id: expect.any(String),
    });
  });

  it('refuses what is no date', async () => {
    const { status, body } = await ask(sandbox, grouped('today'));
    expect(status).toBe(400);
    expect(body.error).toMatch(/^Could not parse the time parameter: 'date'/);
  });
});

it('prev is the last session before today, stamped 16:00 New York', async () => {
  const { body } = await ask(sandbox, '/v2/aggs/ticker/AAPL/prev');
  expect(body).toMatchObject({ ticker: 'AAPL', queryCount: 1, resultsCount: 1, count: 1 });
  expect(body.results[0]).toMatchObject({ T: 'AAPL', t: recordedTime });
});
