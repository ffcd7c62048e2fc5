import { beforeEach, describe, expect, it } from 'vitest';
import { openedDatabase } from '../../test/support/opened-database.ts';
import { recordedRun } from '../../test/support/recorded-run.ts';
import { type LoggedRequest, appendRequests, listRequests } from './requests.ts';

const opened = openedDatabase();
beforeEach(() => opened().pool.query('TRUNCATE processing_runs CASCADE'));

const request = (of: Partial<LoggedRequest>): LoggedRequest => ({
  attempt: 1,
  purpose: 'planned',
  route: 'aggregates/daily',
  symbol: 'AAPL',
  sessions: { from: '2026-01-02', to: '2026-01-05' },
  params: {},
  status: 200,
  tries: 1,
  waitMs: 12.4,
  netMs: 80.6,
  parseMs: 3.2,
  storeMs: 20,
  bytes: 900,
  rows: 2,
  requestId: 'id',
  errorCode: null,
  endedAt: new Date('2026-01-06T12:00:00.250Z'),
  ...of,
});

const LOG = [
  request({}),
  request({ symbol: 'MSFT', tries: 3 }),
  request({ symbol: null, route: 'splits', sessions: null, parseMs: null, storeMs: null }),
  request({ symbol: 'MSFT', status: null, errorCode: 'NETWORK_TIMEOUT' }),
];

describe('the requests of a run', () => {
  const ALL = { outcome: 'all', find: undefined, order: 'newest', after: undefined, limit: 10 } as const;
  let runId: string;
  beforeEach(async () => {
    runId = await recordedRun(opened(), ['AAPL', 'MSFT']);
    const other = await recordedRun(opened(), ['AAPL']);
    await opened().transaction('log', async (client) => {
      await appendRequests(client, runId, 0, LOG);
      await appendRequests(client, other, 0, [request({})]);
    });
  });
  const numbers = async (query: Partial<Parameters<typeof listRequests>[2]>): Promise<number[]> =>
    (await listRequests(opened().pool, runId, { ...ALL, ...query })).map(({ n }) => n);

  it('come with what was asked, when, and each time in whole milliseconds', async () => {
    const [newest, splits, , oldest] = await listRequests(opened().pool, runId, ALL);
    expect(newest).toMatchObject({ n: 4, symbol: 'MSFT', status: null, errorCode: 'NETWORK_TIMEOUT' });
    expect(splits).toMatchObject({ n: 3, symbol: null, from: null, to: null, parseMs: null, storeMs: null });
    expect(oldest).toEqual({
      n: 1,
      attempt: 1,
      purpose: 'planned',
      route: 'aggregates/daily',
      symbol: 'AAPL',
      from: '2026-01-02',
      to: '2026-01-05',
      status: 200,
      tries: 1,
      waitMs: 12,
      netMs: 81,
      parseMs: 3,
      storeMs: 20,
      bytes: 900,
      rows: 2,
      requestId: 'id',
      errorCode: null,
      endedAt: new Date('2026-01-06T12:00:00.250Z'),
    });
  });

  it('are paged from either end, none twice', async () => {
    expect(await numbers({ limit: 2 })).toEqual([4, 3]);
    expect(await numbers({ limit: 2, after: 3 })).toEqual([2, 1]);
    expect(await numbers({ order: 'oldest', limit: 3 })).toEqual([1, 2, 3]);
    expect(await numbers({ order: 'oldest', after: 3 })).toEqual([4]);
  });

  it('can be those of symbols with a text in them, those that failed, or those tried more than once', async () => {
    expect(await numbers({ find: 'ms' })).toEqual([4, 2]);
    expect(await numbers({ outcome: 'failed' })).toEqual([4]);
    expect(await numbers({ outcome: 'retried' })).toEqual([2]);
    expect(await numbers({ outcome: 'failed', find: 'AAPL' })).toEqual([]);
  });
});
