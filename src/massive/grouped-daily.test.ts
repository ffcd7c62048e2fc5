import { describe, expect, it } from 'vitest';
import { barRow, barsAnswer, startScriptedFetcher } from '../../test/support/scripted-vendor.ts';

const session = '2026-08-07';
/** 16:00 New York, as recorded from the vendor. */
const t = 1_786_132_800_000;

describe('fetching a grouped day', () => {
  it('gives one bar a ticker, keyed by session, the larger volume of repeated ones', async () => {
    const rows = [
      barRow(t, { T: 'BCPC' }),
      barRow(t, { T: 'BCpC', v: 7.5 }),
      barRow(t, { T: 'A', v: 3 }),
      barRow(t, { T: 'A', v: 30, c: 10.75 }),
      barRow(t, { T: 'A', v: 4 }),
    ];
    await using f = await startScriptedFetcher([barsAnswer(undefined, rows)]);
    const day = await f.fetcher.groupedDay({ session }, f.signal);
    expect(day.bars.map((bar) => [bar.symbol, bar.session, bar.startsAt, bar.volume])).toEqual([
      ['BCPC', session, Date.UTC(2026, 7, 7, 4), 1000],
      ['BCpC', session, Date.UTC(2026, 7, 7, 4), 7.5],
      ['A', session, Date.UTC(2026, 7, 7, 4), 30],
    ]);
    expect(f.vendor.requests[0]).toMatchObject({
      path: '/v2/aggs/grouped/locale/us/market/stocks/2026-08-07',
      query: { adjusted: 'false', include_otc: 'false' },
    });
  });

  it('counts rows without ticker, time or a price, and rows of another day', async () => {
    const rows = [
      barRow(t),
      barRow(t, { T: 'A', o: undefined }),
      barRow(t, { T: 'B', t: null }),
      barRow(t - 86_400_000, { T: 'C' }),
      barRow(t, { T: 'D' }),
    ];
    await using f = await startScriptedFetcher([barsAnswer(undefined, rows)]);
    expect(await f.fetcher.groupedDay({ session }, f.signal)).toMatchObject({
      malformed: 4,
      bars: [{ symbol: 'D' }],
    });
  });

  it('keeps garbage prices for the row rules to judge', async () => {
    await using f = await startScriptedFetcher([barsAnswer(undefined, [barRow(t, { T: 'A', h: 9e11 })])]);
    expect((await f.fetcher.groupedDay({ session }, f.signal)).bars[0]?.high).toBe(9e11);
  });

  it('is empty on a holiday', async () => {
    await using f = await startScriptedFetcher([barsAnswer(undefined, [], { results: null })]);
    expect(await f.fetcher.groupedDay({ session: '2026-07-03' }, f.signal)).toMatchObject({
      bars: [],
      malformed: 0,
    });
  });
});
