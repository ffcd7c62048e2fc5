import { describe, expect, it } from 'vitest';
import {
  type ScriptedAnswer,
  barRow,
  barsAnswer,
  collect,
  refusal,
  startScriptedFetcher,
} from '../../test/support/scripted-vendor.ts';
import { thrownBy } from '../../test/support/thrown-by.ts';
import { createTimeBudget } from '../time-budget.ts';
import { VendorOutage } from '../errors.ts';

const range = { timeframe: 'daily', from: '2026-01-02', to: '2026-01-09' } as const;
const down = refusal(503, { status: 'ERROR', error: 'overloaded' });
const empty = (symbol: string): ScriptedAnswer => barsAnswer(symbol, []);
const good = (symbol: string): ScriptedAnswer => barsAnswer(symbol, [barRow(Date.UTC(2026, 0, 2, 5))]);
const times = (count: number, answer: ScriptedAnswer): ScriptedAnswer[] =>
  Array.from({ length: count }, () => answer);

describe('a vendor that fails for everybody', () => {
  it('is asked no more after the set number of useless tries', async () => {
    await using scripted = await startScriptedFetcher(times(100, down), { outageRequests: 10, maxTries: 6 });
    const { fetcher, vendor, signal } = scripted;
    const ask = (symbol: string) => thrownBy(() => collect(fetcher.bars({ ...range, symbol }, signal)));
    expect(await ask('AAA')).toMatchObject({ code: 'VENDOR_RESPONSE_INVALID' });
    const outage = await ask('BBB');
    expect(outage).toBeInstanceOf(VendorOutage);
    expect(outage).toMatchObject({ code: 'VENDOR_NOT_READY', retryable: true });
    expect(vendor.requests).toHaveLength(10);
    expect(await ask('CCC')).toBeInstanceOf(VendorOutage);
    expect(vendor.requests).toHaveLength(10);
    expect(fetcher.stats.failedTries).toEqual({ 'server error': 10 });
  });

  it('is told by empty answers too', async () => {
    const script = ['A', 'B', 'C', 'D'].map(empty);
    await using scripted = await startScriptedFetcher(script, { outageRequests: 4 });
    const { fetcher, signal } = scripted;
    for (const symbol of ['A', 'B', 'C']) await collect(fetcher.bars({ ...range, symbol }, signal));
    expect(await thrownBy(() => collect(fetcher.bars({ ...range, symbol: 'D' }, signal)))).toMatchObject({
      message: expect.stringContaining(
        '(4 × empty answer); the last: no daily bars of D, 2026-01-02 to 2026-01-09. ',
      ),
    });
  });

  it('is not told by symbols it does not know, nor by bars now and then', async () => {
    const unknown = refusal(404, { status: 'NOT_FOUND', message: 'Ticker not found.' });
    const nobody = { results: [], status: 'OK', count: 0 };
    const script = [
      empty('A'),
      empty('B'),
      unknown,
      nobody,
      empty('C'),
      empty('D'),
      good('E'),
      empty('F'),
      empty('G'),
    ];
    await using scripted = await startScriptedFetcher(script, { outageRequests: 3 });
    const { fetcher, vendor, signal } = scripted;
    const ask = (symbol: string) => collect(fetcher.bars({ ...range, symbol }, signal));
    await ask('A');
    await ask('B');
    expect(await fetcher.findTicker('B', signal)).toBeNull();
    for (const symbol of ['C', 'D', 'E', 'F', 'G']) await ask(symbol);
    expect(vendor.requests).toHaveLength(script.length);
  });
});

describe('what a symbol may take', () => {
  it('is shared by its requests, and ends with a timeout that says so', async () => {
    await using scripted = await startScriptedFetcher(times(40, down), {
      maxTries: 100,
      outageRequests: 1000,
    });
    const { fetcher, vendor, signal, clock } = scripted;
    const budget = createTimeBudget(60_000);
    const ask = () => thrownBy(() => collect(fetcher.bars({ ...range, symbol: 'AAA', budget }, signal)));
    const startedAt = clock.now();
    expect(await ask()).toMatchObject({
      code: 'NETWORK_TIMEOUT',
      message: expect.stringMatching(
        /^Gave up on daily bars of AAA, .*: the vendor took more than 60 s over AAA\. The last answer: .*503/,
      ),
    });
    expect(clock.now() - startedAt).toBeLessThanOrEqual(60_000);
    const tries = vendor.requests.length;
    await ask();
    expect(vendor.requests).toHaveLength(tries + 1);
  });
});

describe('what failures cost', () => {
  it('is counted by cause, throttling as the clock on the wall shows it', async () => {
    const throttled = refusal(
      429,
      { status: 'ERROR', error: "You've exceeded the maximum requests per minute." },
      { 'retry-after': '7' },
    );
    const html = refusal(200, '<html>hello</html>');
    const reset: ScriptedAnswer = (response) => response.destroy();
    await using scripted = await startScriptedFetcher([throttled, html, reset, down, good('AAA')]);
    const { fetcher, signal } = scripted;
    await collect(fetcher.bars({ ...range, symbol: 'AAA' }, signal));
    expect(fetcher.stats).toMatchObject({
      retries: 4,
      failedTries: { throttled: 1, 'damaged answer': 1, 'connection lost': 1, 'server error': 1 },
      throttledMs: 7000,
      // Half of 500, 1000 and 2000 ms: chance gives its least here.
      retriesMs: 1750,
    });
  });
});
