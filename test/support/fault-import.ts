import type { Pool } from 'pg';
import { createApp } from '../../src/app.ts';
import { loadSettings } from '../../src/config.ts';
import { AppError } from '../../src/errors.ts';
import type { ImportSummary } from '../../src/jobs/import-summary.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { digestOf } from './digest.ts';
import { createFakeClock } from './fake-clock.ts';
import type { TestDatabase } from './postgres.ts';
import { sandboxNow } from './sandbox.ts';

/** What an import under faults came to. */
export interface Outcome {
  /** Of the import, or the code of what was thrown. */
  readonly status: string;
  /** `SYMBOL CODE`, sorted. */
  readonly failed: readonly string[];
  readonly digest: string;
  /** Requests the sandbox saw. */
  readonly requests: number;
  readonly notices: readonly string[];
  readonly summary: ImportSummary | null;
}

/** `aapl` is nobody, so that what is asked about strangers is met too. */
export const faultSymbols = ['AAPL', 'BCPC', 'BCpC', 'BRK.B', 'TSLA', 'aapl'];

/** Imports the symbols' hourly and daily bars as the program would; waits cost no time, but silence lasts `timeoutSeconds`. */
export async function importUnderFaults(
  sandbox: Sandbox,
  database: TestDatabase,
  { maxTries = 6, refresh = false, timeoutSeconds = 60 } = {},
): Promise<Outcome> {
  const settings = loadSettings({
    env: {
      DATABASE_URL: database.url,
      MASSIVE_BASE_URL: sandbox.url,
      MASSIVE_API_KEY: sandbox.key,
      TICKSTOCK_NOW: new Date(sandboxNow).toISOString(),
      DATA_IMPORT_POLYGON_RATE_LIMIT_MS: '0',
      DATA_IMPORT_POLYGON_TIMEOUT_SECONDS: String(timeoutSeconds),
      DATA_IMPORT_POLYGON_MAX_TRIES: String(maxTries),
    },
    configFile: undefined,
  });
  const app = await createApp(settings, createFakeClock(sandboxNow));
  const before = sandbox.stats().total.requests;
  const notices: string[] = [];
  try {
    const job = await app.importJob({ notice: (text) => notices.push(text) });
    const request = {
      universes: [],
      symbols: faultSymbols,
      timeframes: ['hourly', 'daily'],
      span: { from: '2025-12-01', to: '2026-08-07' },
      refresh,
    } as const;
    const summary = await job
      .run(request, { signal: new AbortController().signal })
      .catch((error: unknown) => {
        if (error instanceof AppError) return error;
        throw error;
      });
    return {
      status: summary instanceof AppError ? summary.code : summary.status,
      failed:
        summary instanceof AppError
          ? []
          : summary.failures.map(({ symbol, error_code: code }) => `${symbol} ${code}`),
      digest: await contentsOf(database.pool),
      requests: sandbox.stats().total.requests - before,
      notices,
      summary: summary instanceof AppError ? null : summary,
    };
  } finally {
    await app.close();
  }
}

/** What consumers would see, as one text: bars, splits, coverage and absences without when they were written. */
async function contentsOf(pool: Pool): Promise<string> {
  const columns = {
    bars_daily: 'symbol, session, open, high, low, close, volume, vwap, trades, final',
    bars_hourly: 'symbol, starts_at, session, open, high, low, close, volume, vwap, trades, final',
    'splits WHERE withdrawn_on IS NULL': 'symbol, execution_date, split_from, split_to, verdict',
    coverage: 'symbol, timeframe, sessions',
    absences: 'symbol, timeframe, session, reason',
  };
  const digests: string[] = [];
  for (const [from, names] of Object.entries(columns)) {
    digests.push(`${from.split(' ')[0]} ${await digestOf(pool, from, names)}`);
  }
  return digests.join('\n');
}
