import {
  type DefaultApi,
  GetStocksAggregatesSortEnum,
  GetStocksAggregatesTimespanEnum,
  restClient,
} from '@massive.com/client-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, range, startSandbox } from '../../test/support/sandbox.ts';
import type { Sandbox } from './sandbox.ts';

let sandbox: Sandbox;
let client: DefaultApi;
let paging: DefaultApi;
beforeAll(async () => {
  sandbox = await startSandbox();
  client = restClient(sandbox.key, sandbox.url);
  paging = restClient(sandbox.key, sandbox.url, { pagination: true });
});
afterAll(() => sandbox.close());

describe("the vendor's own client", () => {
  const days = {
    stocksTicker: 'AAPL',
    multiplier: 1,
    timespan: GetStocksAggregatesTimespanEnum.Day,
    from: '2026-07-01',
    to: '2026-07-31',
    sort: GetStocksAggregatesSortEnum.Asc,
  };

  it('reads bars', async () => {
    const answer = await client.getStocksAggregates({ ...days, adjusted: true, limit: 50_000 });
    const { body } = await ask(sandbox, range('AAPL', 'day', '2026-07-01', '2026-07-31'));
    expect(answer).toMatchObject({ status: 'OK', resultsCount: 22, adjusted: true });
    expect(answer.results).toEqual(body.results);
  });

  it('follows the pages of bars, though it puts them in the wrong order', async () => {
    const answer = await paging.getStocksAggregates({ ...days, adjusted: true, limit: 9 });
    const { body } = await ask(sandbox, range('AAPL', 'day', '2026-07-01', '2026-07-31'));
    const byTime = (answer.results ?? []).toSorted((a, b) => a.t - b.t);
    expect(byTime).toEqual(body.results);
    expect(sandbox.stats().keys[sandbox.key]!.routes['aggregates/day']).toBeGreaterThanOrEqual(3);
  });

  it('reads grouped daily', async () => {
    const answer = await client.getGroupedStocksAggregates({ date: '2026-08-07', adjusted: false });
    expect(answer.resultsCount).toBe(answer.results!.length);
    expect(answer.results!.map((row) => row.T)).toEqual(
      expect.arrayContaining(['AAPL', 'BCPC', 'BCpC', 'BRK.B']),
    );
    expect(answer.results![0]!.t).toBe(1786132800000);
  });

  it('reads tickers, over pages', async () => {
    const answer = await paging.listTickers({ limit: 3 });
    const symbols = answer.results!.map(({ ticker }) => ticker);
    expect(symbols).toEqual(expect.arrayContaining(['AAPL', 'BCPC', 'BCpC', 'BRK.B', 'TSLA']));
    const details = await client.getTicker({ ticker: 'BRK.B' });
    expect(details.results).toMatchObject({ ticker: 'BRK.B', active: true });
  });

  it('reads splits', async () => {
    const answer = await client.getStocksV1Splits({
      ticker: 'AAPL',
      limit: 5000,
      sort: 'execution_date.asc',
    });
    const { body } = await ask(sandbox, '/stocks/v1/splits?ticker=AAPL&limit=5000&sort=execution_date.asc');
    expect(answer.results.length).toBeGreaterThan(0);
    expect(answer.results).toEqual(body.results);
  });

  it('is refused without the right key', async () => {
    const stranger = restClient('someone-else', sandbox.url);
    await expect(stranger.getMarketStatus()).rejects.toMatchObject({ response: { status: 401 } });
  });
});
