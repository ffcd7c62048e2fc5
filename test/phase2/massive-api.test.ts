import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClock } from '../../src/clock.ts';
import { sessionsBetween } from '../../src/market/calendar.ts';
import { type MassiveFetcher, createMassiveFetcher } from '../../src/massive/fetcher.ts';
import { type Sandbox, type SandboxOptions, createSandbox } from '../../src/sandbox/sandbox.ts';
import { collect } from '../support/scripted-vendor.ts';

const clock = createClock();
const { signal } = new AbortController();
const year = { from: '2025-01-02', to: '2025-12-31' };

function connect({ url, key }: Sandbox, apiKey = key): MassiveFetcher {
  return createMassiveFetcher(
    {
      baseUrl: url,
      apiKey,
      rateLimitMs: 0,
      timeoutMs: 10_000,
      backoff: { throttled: { baseMs: 100, capMs: 1000 } },
    },
    { clock, random: Math.random },
  );
}

const startSandbox = (options: Partial<SandboxOptions> = {}): Promise<Sandbox> =>
  createSandbox({ clock, now: Date.UTC(2026, 0, 6, 2), symbols: ['AAPL', 'BRK.B', 'MSFT'], ...options });

describe('Massive API integration', () => {
  let sandbox: Sandbox;
  let fetcher: MassiveFetcher;

  beforeAll(async () => {
    sandbox = await startSandbox();
    fetcher = connect(sandbox);
  });
  afterAll(async () => {
    await fetcher.close();
    await sandbox.close();
  });

  it('fetches a year of days in one request, one bar for each session', async () => {
    const pages = await collect(fetcher.bars({ symbol: 'BRK.B', timeframe: 'daily', ...year }, signal));
    expect(pages).toMatchObject([{ coveredThrough: year.to, malformed: 0 }]);
    const sessions = new Set(pages[0]!.bars.map((bar) => bar.session));
    expect(sessionsBetween(year.from, year.to).filter((session) => !sessions.has(session))).toEqual([]);
  });

  it('fetches a year of hours page by page, each hour once', async () => {
    const pages = await collect(fetcher.bars({ symbol: 'AAPL', timeframe: 'hourly', ...year }, signal));
    expect(pages.length).toBeGreaterThan(1);
    const bars = pages.flatMap((page) => page.bars);
    expect(bars.every((bar, i) => i === 0 || bar.startsAt > bars[i - 1]!.startsAt)).toBe(true);
    expect(new Set(bars.map((bar) => bar.session))).toEqual(new Set(sessionsBetween(year.from, year.to)));
    const ends = pages.map((page) => page.coveredThrough);
    expect(ends).toEqual(ends.toSorted());
    expect(ends.at(-1)).toBe(year.to);
    // The same hours, asked for a month at a time and so without later pages.
    const [march] = await collect(
      fetcher.bars({ symbol: 'AAPL', timeframe: 'hourly', from: '2025-03-01', to: '2025-03-31' }, signal),
    );
    expect(march?.bars).toEqual(bars.filter((bar) => bar.session.startsWith('2025-03')));
  });

  it('gives the same day bars grouped and by range', async () => {
    const session = '2025-11-28';
    const grouped = await fetcher.groupedDay({ session }, signal);
    for (const symbol of ['AAPL', 'BRK.B', 'MSFT']) {
      const [page] = await collect(
        fetcher.bars({ symbol, timeframe: 'daily', from: session, to: session }, signal),
      );
      expect(page?.bars).toHaveLength(1);
      expect(grouped.bars.filter((bar) => bar.symbol === symbol)).toEqual(page?.bars);
    }
  });

  it('lists splits in order of date', async () => {
    const splits = (await collect(fetcher.splits({ from: '1990-01-01' }, signal))).flat();
    expect(splits.map((split) => split.executionDate)).toEqual(
      splits.map((split) => split.executionDate).toSorted(),
    );
    const last = splits.at(-1)!;
    const since = await collect(fetcher.splits({ from: last.executionDate }, signal));
    expect(since.flat()).toContainEqual(last);
  });

  it('lists tickers and finds one of them', async () => {
    const tickers = (await collect(fetcher.tickers({ active: true }, signal))).flat();
    expect(tickers.map((ticker) => ticker.symbol)).toEqual(expect.arrayContaining(['AAPL', 'BRK.B', 'MSFT']));
    expect(await fetcher.findTicker('BRK.B', signal)).toMatchObject({
      symbol: 'BRK.B',
      active: true,
      delistedOn: null,
    });
  });

  it('says that the vendor does not know a symbol', async () => {
    expect(await fetcher.findTicker('NOSUCH', signal)).toBeNull();
    const pages = await collect(fetcher.bars({ symbol: 'NOSUCH', timeframe: 'daily', ...year }, signal));
    expect(pages).toMatchObject([{ bars: [] }]);
  });

  it('reads the vendor’s clock', async () => {
    const { serverTime } = await fetcher.marketStatus(signal);
    expect(Math.abs(serverTime - sandbox.now())).toBeLessThan(60_000);
  });

  it('asks for as many pages as the vendor counts', () => {
    const asked = fetcher.stats.requests + fetcher.stats.evidenceRequests;
    expect(asked).toBeGreaterThan(10);
    expect(sandbox.stats().total.requests).toBe(asked);
  });

  it('stops at a refused key without repeating it', async () => {
    const stranger = connect(sandbox, 'WRONG0key');
    const error = await stranger.marketStatus(signal).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'API_KEY_INVALID', exitCode: 5 });
    expect(String(error)).not.toContain('WRONG0key');
    await stranger.close();
  });

  it('gets everything through a vendor that throttles', async () => {
    const throttling = await startSandbox({ rate: { requests: 5, perMs: 1000 } });
    const patient = connect(throttling);
    const days = sessionsBetween('2025-12-01', '2025-12-12');
    const grouped = await Promise.all(days.map((session) => patient.groupedDay({ session }, signal)));
    expect(grouped.every((day) => day.bars.length > 0)).toBe(true);
    expect(patient.stats.retries).toBeGreaterThan(0);
    await patient.close();
    await throttling.close();
  });

  it('is told apart that a day has not ended and that a day is outside of the plan', async () => {
    const basic = await startSandbox({ plan: 'basic', now: Date.UTC(2026, 0, 5, 20) });
    const poor = connect(basic);
    await expect(poor.groupedDay({ session: '2026-01-05' }, signal)).rejects.toMatchObject({
      code: 'VENDOR_NOT_READY',
    });
    await expect(poor.groupedDay({ session: '2015-01-05' }, signal)).rejects.toMatchObject({
      code: 'VENDOR_NOT_ENTITLED',
    });
    await poor.close();
    await basic.close();
  });
});
