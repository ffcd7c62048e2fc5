import { randomUUID } from 'node:crypto';
import type { Batch, PageToStore } from '../../src/storage/batch.ts';
import type { Database } from '../../src/storage/database.ts';
import { type SymbolOutcome, createRun, startSymbols } from '../../src/storage/runs.ts';

const windows = {
  daily: { from: '2000-01-01', to: '2030-12-31' },
  hourly: { from: '2000-01-01', to: '2030-12-31' },
};

/** Records a run over both base timeframes with its symbols in work, or only those `started`; its id. */
export async function recordedRun(
  database: Database,
  symbols: readonly string[],
  { started = symbols }: { started?: readonly string[] } = {},
): Promise<string> {
  const runId = randomUUID();
  await database.transaction('record the run', async (client) => {
    await createRun(client, {
      runId,
      trigger: 'manual',
      request: { universes: [], timeframes: ['daily', 'hourly'], windows },
      symbols,
      session: null,
      estimatedCompletion: new Date('2026-01-05T12:00:00Z'),
    });
    await startSymbols(client, runId, 1, started);
  });
  return runId;
}

/** A batch of a recorded run's first attempt. */
export const batchOf = (
  runId: string,
  pages: readonly PageToStore[],
  outcomes: readonly SymbolOutcome[] = [],
): Batch => ({
  id: randomUUID(),
  runId,
  attempt: 1,
  windows,
  pages,
  outcomes,
  estimatedCompletion: new Date('2026-01-05T12:30:00Z'),
  answers: [],
  requests: [],
});

export const succeeded = (symbol: string): SymbolOutcome => ({
  symbol,
  processingTimeMs: 140,
  failure: null,
});

export const failedWith = (symbol: string, message: string): SymbolOutcome => ({
  symbol,
  processingTimeMs: 20,
  failure: { code: 'SYMBOL_NOT_FOUND', message },
});
