import { describe, expect, it } from 'vitest';
import { collect, refusal, startScriptedFetcher } from '../../test/support/scripted-vendor.ts';

const notFound = refusal(404, { status: 'NOT_FOUND', request_id: 'r', message: 'Ticker not found.' });
const apple = {
  ticker: 'AAPL',
  name: 'Apple Inc.',
  market: 'stocks',
  type: 'CS',
  primary_exchange: 'XNAS',
  active: true,
  list_date: '1980-12-12',
};
const listing = (results: readonly object[], extra: object = {}) => ({
  status: 'OK',
  request_id: 'r',
  results,
  count: results.length,
  ...extra,
});

describe('finding a ticker', () => {
  it('tells what the vendor knows of it', async () => {
    await using t = await startScriptedFetcher([{ status: 'OK', request_id: 'r', results: apple }]);
    expect(await t.fetcher.findTicker('AAPL', t.signal)).toEqual({
      symbol: 'AAPL',
      name: 'Apple Inc.',
      type: 'CS',
      exchange: 'XNAS',
      active: true,
      listedOn: '1980-12-12',
      delistedOn: null,
    });
    expect(t.fetcher.stats).toMatchObject({ requests: 0, evidenceRequests: 1 });
  });

  it('finds a delisted one in the listing, the latest that had the ticker', async () => {
    const rows = ['2004-04-19T04:00:00Z', '2022-10-28T00:00:00Z', '2011-01-03T05:00:00Z'].map(
      (delisted_utc) => ({
        ticker: 'TWTR',
        name: delisted_utc,
        active: false,
        delisted_utc,
      }),
    );
    const then = { status: 'OK', results: { ticker: 'TWTR', list_date: '2013-11-07' } };
    await using t = await startScriptedFetcher([notFound, listing(rows), then]);
    expect(await t.fetcher.findTicker('TWTR', t.signal)).toMatchObject({
      active: false,
      listedOn: '2013-11-07',
      delistedOn: '2022-10-28',
    });
    expect(t.vendor.requests[1]).toMatchObject({
      path: '/v3/reference/tickers',
      query: { ticker: 'TWTR', active: 'false' },
    });
    expect(t.vendor.requests[2]).toMatchObject({
      path: '/v3/reference/tickers/TWTR',
      query: { date: '2022-10-27' },
    });
    expect(t.retries).toEqual([]);
  });

  it('says null for one the vendor does not know', async () => {
    await using t = await startScriptedFetcher([notFound, listing([])]);
    expect(await t.fetcher.findTicker('NOPE', t.signal)).toBeNull();
  });

  it('does not take another case for the same company', async () => {
    await using t = await startScriptedFetcher([
      { status: 'OK', results: { ...apple, ticker: 'BCPC' } },
      listing([]),
    ]);
    expect(await t.fetcher.findTicker('BCpC', t.signal)).toBeNull();
  });

  it('passes on every other failure', async () => {
    await using t = await startScriptedFetcher([refusal(401, { status: 'ERROR', error: 'Unknown API Key' })]);
    await expect(t.fetcher.findTicker('AAPL', t.signal)).rejects.toMatchObject({ code: 'API_KEY_INVALID' });
  });
});

describe('listing tickers', () => {
  it('follows the cursor and passes filters on', async () => {
    await using t = await startScriptedFetcher([
      listing([apple], { next_url: 'http://127.0.0.1/v3/reference/tickers?cursor=abc' }),
      listing([{ ticker: 'MSFT' }, { name: 'nameless' }]),
    ]);
    const pages = await collect(
      t.fetcher.tickers({ active: true, type: 'CS', exchange: 'XNAS', date: '2026-01-02' }, t.signal),
    );
    expect(pages.flat().map((ticker) => ticker.symbol)).toEqual(['AAPL', 'MSFT']);
    expect(t.vendor.requests.map((request) => request.query)).toEqual([
      {
        market: 'stocks',
        sort: 'ticker',
        order: 'asc',
        limit: '1000',
        active: 'true',
        type: 'CS',
        exchange: 'XNAS',
        date: '2026-01-02',
      },
      { cursor: 'abc' },
    ]);
    expect(t.fetcher.stats.malformed).toBe(1);
  });
});

describe('asking for the market status', () => {
  it('gives the vendor’s clock in ms', async () => {
    await using t = await startScriptedFetcher([
      { market: 'extended-hours', serverTime: '2026-01-05T17:37:37-05:00' },
    ]);
    expect(await t.fetcher.marketStatus(t.signal)).toEqual({
      market: 'extended-hours',
      serverTime: Date.UTC(2026, 0, 5, 22, 37, 37),
    });
  });
});
