import { describe, expect, it } from 'vitest';
import { collect, startScriptedFetcher } from '../../test/support/scripted-vendor.ts';

const row = (ticker: string, date: string, from: number, to: number) => ({
  id: `${ticker}${date}`,
  ticker,
  execution_date: date,
  split_from: from,
  split_to: to,
  adjustment_type: 'forward_split',
});
const answer = (results: readonly object[], extra: object = {}) => ({
  status: 'OK',
  request_id: 'r',
  results,
  ...extra,
});

describe('fetching splits', () => {
  it('asks for large pages in order of date and follows them', async () => {
    await using t = await startScriptedFetcher([
      answer([row('AAPL', '2026-08-31', 1, 4)], {
        next_url: 'http://127.0.0.1/stocks/v1/splits?cursor=opaque',
      }),
      answer([row('XYZ', '2026-09-01', 1.0512, 1)]),
    ]);
    expect(await collect(t.fetcher.splits({ from: '2026-08-01' }, t.signal))).toEqual([
      [{ symbol: 'AAPL', executionDate: '2026-08-31', from: 1, to: 4 }],
      [{ symbol: 'XYZ', executionDate: '2026-09-01', from: 1.0512, to: 1 }],
    ]);
    expect(t.vendor.requests.map((request) => request.query)).toEqual([
      { 'execution_date.gte': '2026-08-01', sort: 'execution_date.asc', limit: '5000' },
      { cursor: 'opaque' },
    ]);
    expect(t.fetcher.stats).toMatchObject({ requests: 2, laterPages: 1, evidenceRequests: 0 });
  });

  it('leaves out and counts ratios no split can have', async () => {
    const rows = [row('A', '2026-08-03', 0, 2), row('B', '2026-13-03', 1, 2), row('C', '2026-08-03', 1, 2)];
    await using t = await startScriptedFetcher([answer(rows)]);
    expect(await collect(t.fetcher.splits({ from: '2026-08-01' }, t.signal))).toMatchObject([
      [{ symbol: 'C' }],
    ]);
    expect(t.fetcher.stats.malformed).toBe(2);
  });

  it('asks again when results are null, and when the next page is the same', async () => {
    const same =
      'http://127.0.0.1/stocks/v1/splits?execution_date.gte=2026-08-01&sort=execution_date.asc&limit=5000';
    await using t = await startScriptedFetcher([
      answer([], { results: null }),
      answer([], { next_url: same }),
      answer([]),
    ]);
    expect(await collect(t.fetcher.splits({ from: '2026-08-01' }, t.signal))).toEqual([[]]);
    expect(t.retries).toHaveLength(2);
  });
});
