import { describe, expect, it } from 'vitest';
import {
  barRow,
  barsAnswer,
  collect,
  json,
  startScriptedFetcher,
} from '../../test/support/scripted-vendor.ts';

const day = (date: string): number => Date.parse(`${date}T05:00:00Z`);
const hour = (date: string, utc: string): number => Date.parse(`${date}T${utc}:00:00Z`);
const january = { symbol: 'AAPL', timeframe: 'daily', from: '2026-01-02', to: '2026-01-09' } as const;
const cursor = Buffer.from('limit=50000&sort=asc').toString('base64url');
const nextUrl = (
  from: number | string,
  { origin = 'http://127.0.0.1', query = `cursor=${cursor}` } = {},
): string => `${origin}/v2/aggs/ticker/AAPL/range/1/day/${from}/2026-01-09?${query}`;

describe('fetching bars by range', () => {
  it('asks for raw bars, ascending, at the largest limit, with the key in a header only', async () => {
    await using t = await startScriptedFetcher([barsAnswer('AAPL', [barRow(day('2026-01-02'))])]);
    await collect(t.fetcher.bars(january, t.signal));
    const [request] = t.vendor.requests;
    expect(request).toMatchObject({
      path: '/v2/aggs/ticker/AAPL/range/1/day/2026-01-02/2026-01-09',
      query: { adjusted: 'false', sort: 'asc', limit: '50000' },
      headers: { authorization: 'Bearer SECRET/key+0123456789', 'accept-encoding': 'gzip' },
    });
    expect(request?.url).not.toContain('SECRET');
  });

  it('follows pages, keeping raw prices where the vendor drops the setting', async () => {
    await using t = await startScriptedFetcher([
      barsAnswer('AAPL', [barRow(day('2026-01-02')), barRow(day('2026-01-05'))], {
        next_url: nextUrl(day('2026-01-06')),
      }),
      barsAnswer('AAPL', [barRow(day('2026-01-06')), barRow(day('2026-01-09'))]),
    ]);
    const pages = await collect(t.fetcher.bars(january, t.signal));
    expect(pages.map((page) => page.bars.map((bar) => bar.session))).toEqual([
      ['2026-01-02', '2026-01-05'],
      ['2026-01-06', '2026-01-09'],
    ]);
    expect(pages.map((page) => page.coveredThrough)).toEqual(['2026-01-05', '2026-01-09']);
    expect(t.vendor.requests[1]).toMatchObject({
      path: `/v2/aggs/ticker/AAPL/range/1/day/${day('2026-01-06')}/2026-01-09`,
      query: { cursor, adjusted: 'false' },
    });
    expect(t.vendor.requests[1]?.query).not.toHaveProperty('limit');
    expect(t.fetcher.stats).toMatchObject({ requests: 2, laterPages: 1, retries: 0, rows: 4 });
  });

  it('sends limit and sort again when the cursor was lost', async () => {
    await using t = await startScriptedFetcher([
      barsAnswer('AAPL', [barRow(day('2026-01-02'))], {
        next_url: nextUrl(day('2026-01-05'), { query: '' }),
      }),
      barsAnswer('AAPL', [barRow(day('2026-01-05'))]),
    ]);
    await collect(t.fetcher.bars(january, t.signal));
    expect(t.vendor.requests[1]?.query).toEqual({ adjusted: 'false', sort: 'asc', limit: '50000' });
  });

  it('takes a last page that is empty twice for the end of the answer', async () => {
    await using t = await startScriptedFetcher([
      barsAnswer('AAPL', [barRow(day('2026-01-02'))], { next_url: nextUrl(day('2026-01-05')) }),
      barsAnswer('AAPL', [], { results: null }),
      barsAnswer('AAPL', [], { results: null }),
    ]);
    const pages = await collect(t.fetcher.bars(january, t.signal));
    expect(pages.map((page) => [page.bars.length, page.coveredThrough])).toEqual([
      [1, '2026-01-04'],
      [0, '2026-01-09'],
    ]);
    expect(t.fetcher.stats).toMatchObject({ requests: 2, evidenceRequests: 1 });
  });

  it('loses no bars of a last page that is empty only once', async () => {
    await using t = await startScriptedFetcher([
      barsAnswer('AAPL', [barRow(day('2026-01-02'))], { next_url: nextUrl(day('2026-01-05')) }),
      barsAnswer('AAPL', []),
      barsAnswer('AAPL', [barRow(day('2026-01-05'))]),
    ]);
    const pages = await collect(t.fetcher.bars(january, t.signal));
    expect(pages.flatMap(({ bars }) => bars.map(({ session }) => session))).toEqual([
      '2026-01-02',
      '2026-01-05',
    ]);
  });

  it('tries again for an empty page that leads on', async () => {
    await using t = await startScriptedFetcher([
      barsAnswer('AAPL', [], { next_url: nextUrl(day('2026-01-05')) }),
      barsAnswer('AAPL', [barRow(day('2026-01-02'))], { next_url: nextUrl(day('2026-01-05')) }),
      barsAnswer('AAPL', [barRow(day('2026-01-05'))]),
    ]);
    expect(await collect(t.fetcher.bars(january, t.signal))).toHaveLength(2);
    expect(t.fetcher.stats.retries).toBe(1);
  });

  it('asks for nothing beyond the range', async () => {
    await using t = await startScriptedFetcher([
      barsAnswer('AAPL', [barRow(day('2026-01-09'))], { next_url: nextUrl(day('2026-01-10')) }),
    ]);
    const pages = await collect(t.fetcher.bars(january, t.signal));
    expect(pages[0]?.coveredThrough).toBe('2026-01-09');
    expect(t.vendor.requests).toHaveLength(1);
  });

  it('calls a session cut through by a page covered only once the rest has come', async () => {
    const hours = { ...january, timeframe: 'hourly' } as const;
    const next = nextUrl(hour('2026-01-05', '15')).replace('1/day', '1/hour');
    await using t = await startScriptedFetcher([
      barsAnswer(
        'AAPL',
        [
          barRow(hour('2026-01-02', '14')),
          barRow(hour('2026-01-03', '00')),
          barRow(hour('2026-01-05', '14')),
        ],
        { next_url: next },
      ),
      barsAnswer('AAPL', [barRow(hour('2026-01-05', '15'))]),
    ]);
    const pages = await collect(t.fetcher.bars(hours, t.signal));
    expect(pages.map((page) => page.coveredThrough)).toEqual(['2026-01-04', '2026-01-09']);
    expect(pages[0]?.bars.map((bar) => bar.session)).toEqual(['2026-01-02', '2026-01-02', '2026-01-05']);
  });

  it('covers nothing while the first session is incomplete', async () => {
    const hours = { ...january, timeframe: 'hourly' } as const;
    const next = nextUrl(Date.parse('2026-01-02T15:00:00Z')).replace('1/day', '1/hour');
    await using t = await startScriptedFetcher([
      barsAnswer('AAPL', [barRow(hour('2026-01-02', '14'))], { next_url: next }),
      barsAnswer('AAPL', [barRow(hour('2026-01-02', '15'))]),
    ]);
    const pages = await collect(t.fetcher.bars(hours, t.signal));
    expect(pages.map((page) => page.coveredThrough)).toEqual([null, '2026-01-09']);
  });

  it('gives an empty page for a symbol the vendor does not know', async () => {
    await using t = await startScriptedFetcher([barsAnswer('AAPL', [])]);
    expect(await collect(t.fetcher.bars(january, t.signal))).toMatchObject([
      { bars: [], coveredThrough: '2026-01-09' },
    ]);
  });

  it('sorts a page and keeps the larger volume of a repeated bar', async () => {
    const rows = [
      barRow(day('2026-01-05'), { v: 5 }),
      barRow(day('2026-01-02')),
      barRow(day('2026-01-05'), { v: 9 }),
    ];
    await using t = await startScriptedFetcher([barsAnswer('AAPL', rows)]);
    const [page] = await collect(t.fetcher.bars(january, t.signal));
    expect(page?.bars.map((bar) => [bar.session, bar.volume])).toEqual([
      ['2026-01-02', 1000],
      ['2026-01-05', 9],
    ]);
  });

  it('counts rows without a time or outside of the range instead of losing them silently', async () => {
    const rows = [
      barRow(day('2026-01-02')),
      { v: 1 },
      null,
      barRow(day('2026-02-02')),
      barRow(day('2026-01-05'), { o: null }),
    ];
    await using t = await startScriptedFetcher([barsAnswer('AAPL', rows)]);
    const [page] = await collect(t.fetcher.bars(january, t.signal));
    expect(page).toMatchObject({ malformed: 3, bars: [{ open: 10 }, { open: Number.NaN }] });
    expect(t.fetcher.stats.malformed).toBe(3);
  });

  it('accepts delayed data and says so', async () => {
    await using t = await startScriptedFetcher([barsAnswer('AAPL', [], { status: 'DELAYED' })]);
    expect(await collect(t.fetcher.bars(january, t.signal))).toMatchObject([
      { delayed: true, requestId: '0123456789abcdef0123456789abcdef' },
    ]);
  });

  it.each<[string, object]>([
    ['counts fewer bars than it sends', barsAnswer('AAPL', [barRow(day('2026-01-02'))], { resultsCount: 0 })],
    ['counts bars but sends null', barsAnswer('AAPL', [], { resultsCount: 3, results: null })],
    ['counts bars but sends none', barsAnswer('AAPL', [], { resultsCount: 3 })],
    ['answers for another ticker', barsAnswer('AAPl', [barRow(day('2026-01-02'))])],
    ['does not say whether it is adjusted', barsAnswer('AAPL', [], { adjusted: undefined })],
    ['has no status', barsAnswer('AAPL', [], { status: undefined })],
    [
      'points to another host',
      barsAnswer('AAPL', [], { next_url: nextUrl(day('2026-01-06'), { origin: 'http://evil.example' }) }),
    ],
    ['points to where it was', barsAnswer('AAPL', [], { next_url: nextUrl(day('2026-01-02')) })],
    ['points backwards', barsAnswer('AAPL', [], { next_url: nextUrl('2025-12-31') })],
    [
      'points to another ticker',
      barsAnswer('AAPL', [], { next_url: nextUrl(day('2026-01-06')).replace('AAPL', 'MSFT') }),
    ],
    ['points to no position', barsAnswer('AAPL', [], { next_url: nextUrl('x') })],
  ])('asks again for a page that %s', async (_what, wrong) => {
    await using t = await startScriptedFetcher([wrong, barsAnswer('AAPL', [barRow(day('2026-01-02'))])]);
    const pages = await collect(t.fetcher.bars(january, t.signal));
    expect(pages).toMatchObject([{ bars: [{ session: '2026-01-02' }], coveredThrough: '2026-01-09' }]);
    expect(t.retries).toMatchObject([
      { symbol: 'AAPL', attempt: 1, error: { code: 'VENDOR_RESPONSE_INVALID' } },
    ]);
  });

  it('never lets adjusted bars through, on the second page either', async () => {
    await using t = await startScriptedFetcher([
      barsAnswer('AAPL', [barRow(day('2026-01-02'))], { next_url: nextUrl(day('2026-01-05')) }),
      ...Array.from({ length: 6 }, () => barsAnswer('AAPL', [barRow(day('2026-01-05'))], { adjusted: true })),
    ]);
    const pages = t.fetcher.bars(january, t.signal);
    expect((await pages.next()).value).toMatchObject({ coveredThrough: '2026-01-04' });
    await expect(pages.next()).rejects.toMatchObject({
      code: 'VENDOR_RESPONSE_INVALID',
      message: expect.stringContaining('split-adjusted bars although raw ones were asked for'),
    });
  });

  it('keeps the pages that came when a later page fails, and asks for that page only', async () => {
    const first = barsAnswer('AAPL', [barRow(day('2026-01-02'))], { next_url: nextUrl(day('2026-01-05')) });
    const broken = barsAnswer('AAPL', [], { resultsCount: 1 });
    await using t = await startScriptedFetcher([first, broken, broken], { maxTries: 2 });
    const pages = t.fetcher.bars(january, t.signal);
    expect((await pages.next()).value).toMatchObject({ bars: [{ session: '2026-01-02' }] });
    await expect(pages.next()).rejects.toThrow(
      'Could not fetch daily bars of AAPL, 2026-01-02 to 2026-01-09 (2 tries)',
    );
    expect(t.vendor.requests.map((request) => request.path.split('/')[8])).toEqual([
      '2026-01-02',
      String(day('2026-01-05')),
      String(day('2026-01-05')),
    ]);
  });

  it('stops following pages that creep', async () => {
    const creeping = Array.from({ length: 40 }, (_, i) =>
      json(barsAnswer('AAPL', [barRow(day('2026-01-02'))], { next_url: nextUrl(day('2026-01-02') + 1 + i) })),
    );
    await using t = await startScriptedFetcher(creeping);
    await expect(collect(t.fetcher.bars(january, t.signal))).rejects.toThrow(
      'more pages than the request can have',
    );
    expect(t.vendor.requests.length).toBeLessThan(30);
  });

  it('asks for class shares and odd cases as the vendor spells them', async () => {
    await using t = await startScriptedFetcher([barsAnswer('BRK.B', []), barsAnswer('BCpC', [])]);
    for (const symbol of ['BRK.B', 'BCpC']) await collect(t.fetcher.bars({ ...january, symbol }, t.signal));
    expect(t.vendor.requests.map((request) => request.path.split('/')[4])).toEqual(['BRK.B', 'BCpC']);
  });
});
