import { describe, expect, it } from 'vitest';
import { AppError, VendorOutage } from '../errors.ts';
import type { Bar } from '../market/bar.ts';
import { newYorkInstant, newYorkMidnight } from '../market/new-york.ts';
import { askBars } from '../planning/asked-bars.ts';
import type { PageToStore } from '../storage/batch.ts';
import { createClippedHistoryWatch } from './clipped-history.ts';
import { type Failure, judgeSeries } from './judge-series.ts';
import { type SymbolImportDeps, type SymbolToImport, importSymbol } from './symbol-import.ts';
import type { Vendor, VendorPage, VendorTicker } from './vendor.ts';

const now = Date.UTC(2026, 0, 9, 12);
const { spans: series } = askBars(
  ['AAPL'],
  ['daily'],
  { from: '2026-01-05', to: '2026-01-08' },
  '2026-01-08',
);
const wanted: SymbolToImport = {
  symbol: 'AAPL',
  series,
  settledThrough: '2026-01-08',
  newestDue: { daily: '2026-01-08' },
  known: new Set(),
  coveredFrom: {},
};

const wantedHours: SymbolToImport = {
  ...wanted,
  series: series.map((one) => ({ ...one, timeframe: 'hourly' })),
  newestDue: { hourly: '2026-01-08' },
};

/** What came, in one request. */
type Came = Omit<VendorPage, 'request'>;

function bar(session: string, over: Partial<Bar> = {}): Bar {
  return {
    symbol: 'AAPL',
    session,
    startsAt: newYorkMidnight(session),
    open: 10,
    high: 11,
    low: 9,
    close: 10,
    volume: 100,
    vwap: 10,
    trades: 5,
    ...over,
  };
}

/** `hour` is New York's wall clock. */
const hourBar = (session: string, hour: number): Bar =>
  bar(session, { startsAt: newYorkInstant(session, hour) });

/** A vendor that answers with pages, then perhaps fails. */
function vendor(
  pages: Came[],
  then?: Error,
  ticker: VendorTicker | null = { listedOn: null, delistedOn: null },
): Vendor {
  return {
    async *bars() {
      for (const page of pages) yield { ...page, request: 1 };
      if (then !== undefined) throw then;
    },
    groupedDay: () => Promise.reject(new Error('not of a symbol’s own')),
    async *splits() {},
    findTicker: async () => ticker,
    stats: {
      requests: 0,
      evidenceRequests: 0,
      retries: 0,
      failedTries: {},
      throttledMs: 0,
      retriesMs: 0,
      bytes: 0,
    },
  };
}

async function run(
  source: Vendor,
  over: Partial<SymbolImportDeps> = {},
  asked: SymbolToImport = wanted,
): Promise<{ stored: PageToStore[]; notices: string[]; failure: Failure | null; doubts: string[] }> {
  const stored: PageToStore[] = [];
  const notices: string[] = [];
  const deps = {
    vendor: source,
    now: () => now,
    notice: (text: string) => void notices.push(text),
    seriesDone: () => {},
    clipped: createClippedHistoryWatch(),
    symbolTimeoutMs: 60_000,
    ...over,
    store: async (page: PageToStore) => void stored.push(page),
  };
  const { failure, results, ticker, doubts } = await importSymbol(asked, deps, new AbortController().signal);
  return {
    stored,
    notices,
    failure: failure ?? judgeSeries('AAPL', results, wanted.settledThrough, ticker),
    doubts: doubts.map(({ session }) => session),
  };
}

const all = ['2026-01-05', '2026-01-06', '2026-01-07', '2026-01-08'];

describe('importing a symbol', () => {
  it('covers every session asked once all are answered', async () => {
    const { stored, failure } = await run(
      vendor([{ bars: all.map((session) => bar(session)), malformed: 0, coveredThrough: '2026-01-08' }]),
    );
    expect(failure).toBeNull();
    expect(stored).toMatchObject([
      { from: '2026-01-05', before: '2026-01-09', absent: [], finalThrough: '2026-01-07' },
    ]);
  });

  it('names the sessions that came without a bar', async () => {
    const bars = [bar('2026-01-05'), bar('2026-01-08')];
    const { stored } = await run(vendor([{ bars, malformed: 0, coveredThrough: '2026-01-08' }]));
    expect(stored[0]?.absent).toEqual(['2026-01-06', '2026-01-07']);
  });

  it('quarantines a bar that breaks a rule, and its session is absent because of that', async () => {
    const bars = all.map((session) => bar(session, session === '2026-01-06' ? { high: 1 } : {}));
    const { stored, failure } = await run(vendor([{ bars, malformed: 0, coveredThrough: '2026-01-08' }]));
    expect(failure).toBeNull();
    expect([...(stored[0]?.bars ?? [])].map((one) => one.session)).toEqual([
      '2026-01-05',
      '2026-01-07',
      '2026-01-08',
    ]);
    expect(stored[0]).toMatchObject({
      absent: ['2026-01-06'],
      rejected: ['2026-01-06'],
      rejects: [{ reason: 'high is below open, close or low' }],
    });
  });

  it('quarantines hours outside 04:00 to 20:00 New York, and keeps the others of their session', async () => {
    const bars = all.flatMap((session) => [3, 4, 19, 20].map((hour) => hourBar(session, hour)));
    const page = { bars, malformed: 0, coveredThrough: '2026-01-08' };
    const { stored, failure } = await run(vendor([page]), {}, wantedHours);
    expect(failure).toBeNull();
    expect([...(stored[0]?.bars ?? [])]).toEqual(all.flatMap((day) => [hourBar(day, 4), hourBar(day, 19)]));
    expect(stored[0]?.rejects.map(({ bar: rejected }) => rejected)).toEqual(
      all.flatMap((day) => [hourBar(day, 3), hourBar(day, 20)]),
    );
    expect(stored[0]?.absent).toEqual([]);
  });

  it('rejects a bar on a day the calendar does not know instead of failing on it', async () => {
    const bars = [...all.map((session) => bar(session)), bar('1970-01-01'), bar('2026-01-10')];
    const { stored } = await run(vendor([{ bars, malformed: 0, coveredThrough: '2026-01-08' }]));
    expect(stored[0]?.rejects.map((reject) => reject.bar.session)).toEqual(['1970-01-01', '2026-01-10']);
  });

  it('covers page by page, each session once', async () => {
    const { stored } = await run(
      vendor([
        { bars: [bar('2026-01-05')], malformed: 0, coveredThrough: null },
        { bars: [bar('2026-01-06'), bar('2026-01-07')], malformed: 0, coveredThrough: '2026-01-06' },
        { bars: [bar('2026-01-08')], malformed: 0, coveredThrough: '2026-01-08' },
      ]),
    );
    expect(stored.map(({ from, before }) => [from, before])).toEqual([
      ['2026-01-05', '2026-01-05'],
      ['2026-01-05', '2026-01-07'],
      ['2026-01-07', '2026-01-09'],
    ]);
    expect(stored.flatMap((page) => page.absent)).toEqual([]);
  });

  it('keeps the bars when a later page fails', async () => {
    const down = new AppError('NETWORK_TIMEOUT', 'no answer');
    const { stored, failure } = await run(
      vendor([{ bars: [bar('2026-01-05')], malformed: 0, coveredThrough: '2026-01-05' }], down),
    );
    expect(failure).toEqual({ code: 'NETWORK_TIMEOUT', message: 'no answer' });
    expect(stored).toHaveLength(1);
  });

  it('throws a refused key instead of blaming the symbol', async () => {
    await expect(run(vendor([], new AppError('API_KEY_INVALID', 'refused')))).rejects.toThrow('refused');
  });

  it('asks the vendor about a symbol without bars', async () => {
    const nothing = [{ bars: [], malformed: 0, coveredThrough: '2026-01-08' }];
    expect((await run(vendor(nothing, undefined, null))).failure).toMatchObject({ code: 'SYMBOL_NOT_FOUND' });
    expect((await run(vendor(nothing))).failure).toMatchObject({ code: 'VENDOR_RESPONSE_INVALID' });
  });

  it('covers nothing for a symbol without bars, and all once the first bar has come', async () => {
    const empty = { bars: [], malformed: 0, coveredThrough: '2026-01-06' };
    expect((await run(vendor([{ ...empty, coveredThrough: '2026-01-08' }]))).stored).toEqual([]);
    const { stored } = await run(
      vendor([empty, { bars: [bar('2026-01-08')], malformed: 0, coveredThrough: '2026-01-08' }]),
    );
    expect(stored[0]).toMatchObject({
      from: '2026-01-05',
      before: '2026-01-09',
      absent: ['2026-01-05', '2026-01-06', '2026-01-07'],
    });
  });

  it('says how many rows could not be placed in time', async () => {
    const { notices } = await run(
      vendor([{ bars: all.map((session) => bar(session)), malformed: 2, coveredThrough: '2026-01-08' }]),
    );
    expect(notices).toEqual([expect.stringContaining('2 daily rows of AAPL')]);
  });
});

describe('a doubtful answer', () => {
  const whole = { bars: all.map((session) => bar(session)), malformed: 0, coveredThrough: '2026-01-08' };
  const without = (...missing: string[]): Came => ({
    ...whole,
    bars: whole.bars.filter(({ session }) => !missing.includes(session)),
  });

  /** A vendor whose nth answer is the nth of these; what was asked is kept. */
  function answering(...answers: (Came | Error)[]): Vendor & { asked: object[] } {
    const asked: object[] = [];
    return {
      ...vendor([]),
      asked,
      async *bars({ from, to, evidence }) {
        const answer = answers[asked.length];
        asked.push({ from, to, evidence });
        if (answer === undefined) throw new Error('asked once too often');
        if (answer instanceof Error) throw answer;
        yield { ...answer, request: asked.length };
      },
    };
  }

  it('is left to the bars of all stocks, for just the sessions without a bar', async () => {
    const { stored, failure, doubts } = await run(answering(without('2026-01-06', '2026-01-07')));
    expect(failure).toBeNull();
    expect(doubts).toEqual(['2026-01-06', '2026-01-07']);
    expect(stored[0]?.absent).toEqual(['2026-01-06', '2026-01-07']);
  });

  it('leaves the newest session open while there is no reason for it', async () => {
    const { stored, failure, doubts } = await run(answering(without('2026-01-08')));
    expect(failure).toMatchObject({ code: 'VENDOR_NOT_READY' });
    expect(doubts).toEqual(['2026-01-08']);
    expect(stored[0]).toMatchObject({ from: '2026-01-05', before: '2026-01-08', absent: [] });
  });

  it('of hours is asked again, once', async () => {
    const hours = { ...whole, bars: without('2026-01-06').bars.map(({ session }) => hourBar(session, 10)) };
    const source = answering(hours, hours);
    const { stored, failure, doubts } = await run(source, {}, wantedHours);
    expect(failure).toBeNull();
    expect(source.asked).toEqual([
      { from: '2026-01-05', to: '2026-01-08', evidence: false },
      { from: '2026-01-06', to: '2026-01-06', evidence: true },
    ]);
    expect(stored.at(-1)?.absent).toEqual(['2026-01-06']);
    expect(doubts).toEqual([]);
  });

  it('fails nobody when nothing came at first and all came then', async () => {
    const { stored, failure } = await run(answering(without(...all), without()));
    expect(failure).toBeNull();
    expect([...(stored[0]?.bars ?? [])]).toHaveLength(4);
  });

  it('is left to the bars of all stocks also for a bar that cannot be right', async () => {
    const garbage = {
      ...whole,
      bars: all.map((day) => bar(day, day === '2026-01-06' ? { open: 9e11 } : {})),
    };
    const { stored, doubts } = await run(answering(garbage));
    expect(doubts).toEqual(['2026-01-06']);
    expect(stored[0]).toMatchObject({ absent: ['2026-01-06'], rejected: ['2026-01-06'] });
  });

  it('is settled by a refusal as older than the plan, for every symbol of the run', async () => {
    const refused = new AppError('VENDOR_NOT_ENTITLED', 'not in your plan');
    const source = answering(without(...all), refused, without(...all));
    const clipped = createClippedHistoryWatch();
    await run(source, { clipped });
    expect((await run(source, { clipped })).doubts).toEqual([]);
    expect(source.asked).toHaveLength(3);
  });

  it('fails the symbol when the doubt cannot be settled', async () => {
    const down = new AppError('NETWORK_TIMEOUT', 'no answer');
    const { failure } = await run(answering(without(...all), down));
    expect(failure).toEqual({ code: 'NETWORK_TIMEOUT', message: 'no answer' });
  });

  it('gets its second look also when the vendor does not tell about the symbol', async () => {
    const refused = new AppError('VENDOR_NOT_ENTITLED', 'no details in your plan');
    const source = { ...answering(without(...all), without()), findTicker: () => Promise.reject(refused) };
    expect((await run(source)).failure).toBeNull();
  });

  it('throws an outage instead of blaming the symbol', async () => {
    await expect(run(answering(new VendorOutage('down for all')))).rejects.toThrow('down for all');
  });
});
