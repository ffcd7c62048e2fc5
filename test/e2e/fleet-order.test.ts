import { afterAll, beforeAll, expect, it } from 'vitest';
import { attemptSettings } from '../support/attempt-settings.ts';
import { boundlessRoom } from '../support/boundless-room.ts';
import { openedDatabase } from '../support/opened-database.ts';
import { createClock } from '../../src/clock.ts';
import { createMassiveFetcher } from '../../src/massive/fetcher.ts';
import { type Sandbox, createSandbox } from '../../src/sandbox/sandbox.ts';
import { createDailyImportJob } from '../../src/jobs/daily-import-job.ts';
import type { Fleet } from '../../src/jobs/fleet.ts';
import type { OpenVendor } from '../../src/jobs/vendor.ts';
import { noObserver } from '../../src/jobs/import-observer.ts';

/** Tuesday 6 January 2026, 07:00 New York. */
const NOW = Date.UTC(2026, 0, 6, 12);
const SYMBOLS = ['AAPL', 'BRK.B', 'MSFT', 'TSLA'];
/** Of the sessions asked for. */
const DAYS = 3;
const clock = createClock(NOW);
const database = openedDatabase('2026-01-06');
let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await createSandbox({ clock, now: NOW, symbols: SYMBOLS });
});
afterAll(() => sandbox.close());

it('hands a symbol to others once its days of all stocks are stored: they may end it when this process has died', async () => {
  const offered: { symbol: string; covered: string }[] = [];
  const readCovered = async (symbol: string): Promise<string> => {
    const { rows } = await database().pool.query<{ sessions: string }>(
      "SELECT sessions::text FROM coverage WHERE symbol = $1 AND timeframe = 'daily'",
      [symbol],
    );
    return rows[0]?.sessions ?? 'nothing';
  };
  // It comes after the days, for two symbols, and gives them back, so that they are worked here in the end.
  let days = 0;
  let given = 0;
  const fleet: Fleet = {
    room: () => (days === DAYS && given < 2 ? 1 : 0),
    async work({ work }) {
      given++;
      if (work.kind === 'ranges')
        offered.push({ symbol: work.symbol, covered: await readCovered(work.symbol) });
      return null;
    },
    close: async () => {},
  };
  const openVendor = (): OpenVendor => {
    const fetcher = createMassiveFetcher(
      { baseUrl: sandbox.url, apiKey: sandbox.key, rateLimitMs: 0, timeoutMs: 10_000 },
      { clock, random: Math.random },
    );
    return {
      ...fetcher,
      async groupedDay(request, stop) {
        const day = await fetcher.groupedDay(request, stop);
        days++;
        return day;
      },
    };
  };
  const job = createDailyImportJob({
    database: database(),
    clock,
    openVendor,
    openFleet: async () => fleet,
    observer: noObserver,
    barSource: 'a sandbox',
    room: boundlessRoom,
    settings: {
      ...attemptSettings,
      parallelWorkers: 1,
    },
    notice: () => {},
  });
  const request = {
    universes: [],
    symbols: SYMBOLS,
    timeframes: ['hourly', 'daily'],
    span: { from: '2025-12-31', to: '2026-01-05' },
  } as const;
  const summary = await job.run(request, { signal: new AbortController().signal });
  expect(summary).toMatchObject({ status: 'completed', successful_symbols: SYMBOLS.length });
  expect(offered).toHaveLength(2);
  for (const { covered } of offered) expect(covered).toBe('{[2025-12-31,2026-01-06)}');
});
