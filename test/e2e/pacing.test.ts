import { type TestContext, describe, expect, it } from 'vitest';
import { readPredefined } from '../../src/universe/predefined.ts';
import { run, startSandboxProgram } from '../support/program.ts';
import { recordingVendor } from '../support/recording-vendor.ts';
import { scratchDatabase } from '../support/scratch-database.ts';
import { leastGap, logSlots, loggedSlots } from '../support/slot-log.ts';

const NOW = '2026-01-06T12:00:00Z';
const PROCESSES = 4;
/** What the server's microseconds and doubles leave. */
const ROUNDING_MS = 0.002;

interface Share {
  /** Of each process. */
  readonly symbols: number;
  readonly intervalMs: number;
  /** What the vendor takes. */
  readonly rate: string;
  /** What it takes once some requests have come. */
  readonly lowered?: { readonly after: number; readonly rate: string };
}

/** Four processes import the hours of symbols of their own with one key into one database. */
async function importAtOnce(context: TestContext, { symbols, intervalMs, rate, lowered }: Share) {
  const sandbox = await startSandboxProgram(NOW, '--rate', rate);
  context.onTestFinished(() => sandbox.stop());
  const vendor = await recordingVendor(sandbox.url, context, (count) => {
    if (count !== lowered?.after) return;
    const body = JSON.stringify({ rate: lowered.rate });
    void fetch(`${sandbox.url}/sandbox/rate`, { method: 'POST', body });
  });
  const { pool, url } = await scratchDatabase(context);
  await logSlots(pool);
  const names = readPredefined('sp500').members.map(({ symbol }) => symbol);
  const ended = await Promise.all(
    Array.from({ length: PROCESSES }, (_, at) => {
      const own = names.slice(at * symbols, (at + 1) * symbols).join();
      return run(
        ['import', '--symbols', own, '--timeframes', 'hourly', '--lookback-days', '4', '--json'].concat(
          '--rate-limit-ms',
          String(intervalMs),
        ),
        {
          env: {
            ...sandbox.env,
            MASSIVE_BASE_URL: vendor.url,
            DATABASE_URL: url,
            // Shorter waits than for the vendor, which takes minutes to forgive.
            DATA_IMPORT_POLYGON_THROTTLED_BASE_MS: '1000',
          },
        },
      );
    }),
  );
  const summaries = ended.map(
    ({ out }) =>
      JSON.parse(out) as {
        status: string;
        successful_symbols: number;
        trouble: { failed_tries: { throttled?: number } };
      },
  );
  const { rows } = await pool.query<{ gapMs: number | null }>('SELECT gap_ms AS "gapMs" FROM pacing');
  return {
    arrivals: vendor.arrivals,
    slots: await loggedSlots(pool),
    refused: (await sandbox.stats()).total.statuses['429'] ?? 0,
    refusedEach: summaries.map(({ trouble }) => trouble.failed_tries.throttled ?? 0),
    successful: summaries.map((summary) => summary.successful_symbols),
    said: ended.map(({ err }) => err).join(''),
    /** One row, whoever asks. */
    learnedMs: rows.map(({ gapMs }) => gapMs),
  };
}

describe('four processes with one key', () => {
  it('send no request before its slot, and their slots are the interval apart', async (context) => {
    // A full second of tokens, so that what a busy machine delays does not count.
    const share = { symbols: 60, intervalMs: 12, rate: '83/s' };
    const { arrivals, slots, refused, successful, learnedMs } = await importAtOnce(context, share);
    expect(successful).toEqual([60, 60, 60, 60]);
    expect(refused).toBe(0);
    expect(learnedMs).toEqual([null]);
    expect(leastGap(slots)).toBeGreaterThan(12.12 - ROUNDING_MS);
    expect(arrivals.length).toBeGreaterThanOrEqual(PROCESSES * 61);
    expect(slots.length).toBeGreaterThanOrEqual(arrivals.length);
    // Whichever slot each had: the nth to arrive comes after the nth slot.
    for (const [n, at] of arrivals.entries()) expect(at).toBeGreaterThanOrEqual(Math.floor(slots[n]!.at));
  });

  it('are never refused at a slow limit', async (context) => {
    const share = { symbols: 6, intervalMs: 200, rate: '5/s' };
    const { slots, refused, successful } = await importAtOnce(context, share);
    expect(successful).toEqual([6, 6, 6, 6]);
    expect(refused).toBe(0);
    expect(leastGap(slots)).toBeGreaterThan(202 - ROUNDING_MS);
  });

  it('find a limit that is lowered on the way with at most three refusals each, and keep it', async (context) => {
    const { refused, refusedEach, successful, said, learnedMs } = await importAtOnce(context, {
      symbols: 40,
      intervalMs: 50,
      rate: '83/s',
      lowered: { after: 40, rate: '10/s' },
    });
    expect(successful).toEqual([40, 40, 40, 40]);
    expect(refused).toBeGreaterThan(0);
    expect(Math.max(...refusedEach)).toBeLessThanOrEqual(3);
    expect(refusedEach.reduce((sum, count) => sum + count)).toBe(refused);
    expect(learnedMs).toEqual([expect.toSatisfy((gapMs) => gapMs > 50.5)]);
    expect(said).toMatch(/^Massive refuses requests that often; one every 101 ms from now on\.$/m);
  });
});
