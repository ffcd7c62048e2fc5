import { attemptSettings } from '../support/attempt-settings.ts';
import { boundlessRoom } from '../support/boundless-room.ts';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/errors.ts';
import { renderSummary } from '../../src/cli/print-summary.ts';
import { createDailyImportJob } from '../../src/jobs/daily-import-job.ts';
import { noObserver } from '../../src/jobs/import-observer.ts';
import { createMassiveFetcher } from '../../src/massive/fetcher.ts';
import { createPacer, slotGapMs } from '../../src/massive/pacing.ts';
import { createSandbox } from '../../src/sandbox/sandbox.ts';
import { openedDatabase } from '../support/opened-database.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

/** Tuesday 6 January 2026, 07:00 New York. */
const NOW = Date.UTC(2026, 0, 6, 12);
const HOUR_MS = 3_600_000;
/** Five requests a minute. */
const INTERVAL_MS = 12_000;
const SYMBOLS = 12_000;

describe('the free plan, for an hour', () => {
  const database = openedDatabase('2026-01-06');

  it('is never throttled, uses its budget, and says how many days are left', async (context) => {
    const clock = createVirtualClock(NOW);
    const sandbox = await createSandbox({
      clock,
      symbols: SYMBOLS,
      plan: 'basic',
      rate: { requests: 5, perMs: 60_000 },
    });
    const fetcher = createMassiveFetcher(
      { baseUrl: sandbox.url, apiKey: sandbox.key, rateLimitMs: INTERVAL_MS, timeoutMs: 30_000 },
      {
        clock,
        random: () => 0,
        pacer: clock.watch(createPacer({ intervalMs: INTERVAL_MS }, clock)),
        onRequest: () => clock.requestEnded(),
        onRetry: () => clock.requestEnded(),
      },
    );
    context.onTestFinished(async () => {
      clock.stop();
      await fetcher.close();
      await sandbox.close();
    });
    const response = await fetch(`${sandbox.url}/v3/reference/tickers?limit=1000&apiKey=${sandbox.key}`);
    const body = (await response.json()) as { results: { ticker: string }[] };
    const listed = body.results.map(({ ticker }) => ticker);
    // More symbols than the hour has slots; the rest need only be counted.
    const symbols = [...listed, ...Array.from({ length: SYMBOLS - listed.length }, (_, i) => `ZZ${i}`)];

    const stop = new AbortController();
    let hour: Promise<void> | undefined;
    const onProgress = (): void => {
      hour ??= clock.sleep(HOUR_MS).then(() => stop.abort(new AppError('CANCELLED', 'The hour is over.')));
    };
    const before = sandbox.stats().total.requests;
    const summary = await createDailyImportJob({
      database: {
        ...database(),
        transaction: (what, work) => clock.during(() => database().transaction(what, work)),
      },
      clock,
      openVendor: () => fetcher,
      observer: noObserver,
      barSource: 'a sandbox',
      room: boundlessRoom,
      settings: {
        ...attemptSettings,
        intervalMs: slotGapMs(INTERVAL_MS),
      },
      notice: () => {},
    }).run(
      {
        universes: [],
        symbols,
        timeframes: ['hourly', 'daily'],
        span: { from: '2025-12-01', to: '2026-01-02' },
      },
      { signal: stop.signal, onProgress },
    );
    const { total } = sandbox.stats();
    expect(total.statuses['429']).toBeUndefined();
    // 300 slots an hour.
    expect(total.requests - before).toBeGreaterThanOrEqual(294);
    expect(summary).toMatchObject({ status: 'cancelled', failed_symbols: 0, duration_seconds: 3600 });
    const { successful_symbols: done, left } = summary;
    expect(left).toEqual({
      symbols: SYMBOLS - done,
      // Their hours; the days came for all stocks at once.
      requests: SYMBOLS - done,
      seconds: Math.ceil((SYMBOLS - done) * 12.12),
    });
    expect(renderSummary(summary, false)).toMatch(
      /\nLeft: 11,7\d\d symbols, at least 11,7\d\d requests: 39\.\d h at the pacing\n/,
    );
  });
});
