import type { TestContext } from 'vitest';
import { type App, createApp } from '../../src/app.ts';
import type { Clock } from '../../src/clock.ts';
import { loadSettings } from '../../src/config.ts';
import type { ImportRequest } from '../../src/jobs/daily-import-job.ts';
import type { ImportSummary } from '../../src/jobs/import-summary.ts';
import type { IsoDate } from '../../src/market/date.ts';
import { newYorkInstant } from '../../src/market/new-york.ts';
import { type Sandbox, type SandboxOptions, createSandbox } from '../../src/sandbox/sandbox.ts';
import { digestOf } from './digest.ts';
import type { TestDatabase } from './postgres.ts';
import { scratchDatabase } from './scratch-database.ts';

/** The program beside a sandbox, on a clock that tests set: night after night in one process. */
export interface Nights {
  readonly app: App;
  readonly sandbox: Sandbox;
  readonly database: TestDatabase;
  readonly notices: string[];
  /** Imports at an hour of a New York day, 22:00 unless said otherwise. */
  importOn(day: IsoDate, request: Partial<ImportRequest>, hour?: number): Promise<ImportSummary>;
  /** Requests the sandbox saw during some work, by route. */
  counting(work: () => Promise<unknown>): Promise<Record<string, number>>;
  /** Bars, coverage and absences with their reasons: equal for equal contents, whenever they were written. */
  digest(): Promise<Record<string, string>>;
}

const CONTENTS = {
  bars_daily: 'symbol, session, open, high, low, close, volume, vwap, trades, final',
  bars_hourly: 'symbol, starts_at, session, open, high, low, close, volume, vwap, trades, final',
  coverage: 'symbol, timeframe, sessions, provisional',
  absences: 'symbol, timeframe, session, reason',
};

export async function startNights(
  context: TestContext,
  options: Partial<SandboxOptions> = {},
): Promise<Nights> {
  let at = newYorkInstant('2026-01-02', 22);
  const clock: Clock = { now: () => at, steady: () => at, sleep: async () => {} };
  const sandbox = await createSandbox({ clock, now: at, ...options });
  const database = await scratchDatabase(context);
  const settings = loadSettings({
    env: {
      DATABASE_URL: database.url,
      MASSIVE_BASE_URL: sandbox.url,
      MASSIVE_API_KEY: sandbox.key,
      TICKSTOCK_NOW: new Date(at).toISOString(),
      DATA_IMPORT_POLYGON_RATE_LIMIT_MS: '0',
    },
    configFile: undefined,
  });
  const app = await createApp(settings, clock);
  context.onTestFinished(async () => {
    await app.close();
    await sandbox.close();
  });
  const notices: string[] = [];
  const job = await app.importJob({ notice: (text) => notices.push(text) });

  const routes = (): Record<string, number> => {
    const byRoute = Object.entries(sandbox.stats().routes);
    return Object.fromEntries(byRoute.map(([route, { requests }]) => [route, requests]));
  };
  return {
    app,
    sandbox,
    database,
    notices,
    async importOn(day, request, hour = 22) {
      at = newYorkInstant(day, hour);
      sandbox.setNow(at);
      const whole: ImportRequest = {
        universes: [],
        symbols: [],
        timeframes: ['daily'],
        span: { lookbackDays: { hourly: 90, daily: 365, weekly: 730, monthly: 1825 } },
        ...request,
      };
      return job.run(whole, { signal: new AbortController().signal });
    },
    async counting(work) {
      const before = routes();
      await work();
      const counted = Object.entries(routes()).map(
        ([route, count]) => [route, count - (before[route] ?? 0)] as const,
      );
      return Object.fromEntries(counted.filter(([, count]) => count > 0));
    },
    async digest() {
      const digests: Record<string, string> = {};
      for (const [table, columns] of Object.entries(CONTENTS)) {
        digests[table] = await digestOf(database.pool, table, columns);
      }
      return digests;
    },
  };
}
