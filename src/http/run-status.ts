import type pg from 'pg';
import type { z } from 'zod';
import { toInstant } from '../events/announcement.ts';
import { runNotFound } from '../jobs/choose-open.ts';
import { readRunStatus } from '../storage/read-runs.ts';
import type { statusAnswer } from './contract.ts';
import { type ShortCache, createShortCache } from './short-cache.ts';

export type RunStatusAnswer = z.infer<typeof statusAnswer>;

/** However many ask, the database is asked so often; a run's start and end are seen at once. */
const FRESHNESS = { freshMs: 200, usableMs: 2000 };

/** Where runs stand, for many who ask. */
export const createRunStatuses = (pool: pg.Pool): ShortCache<RunStatusAnswer> =>
  createShortCache(
    FRESHNESS,
    () => performance.now(),
    async (runId) => {
      const run = await readRunStatus(pool, runId);
      if (run === null) throw runNotFound(runId);
      return {
        run_id: runId,
        status: run.status,
        phase: 'data_import',
        progress: {
          percentage: Math.floor(run.percentage * 10) / 10,
          symbols_completed: run.completed + run.failed,
          symbols_total: run.totalSymbols,
          current_symbol: run.currentSymbol,
          estimated_completion: toInstant(run.estimatedCompletion),
        },
        stats: {
          records_imported: run.recordsImported,
          failed_symbols: run.failedSymbols,
          avg_symbol_time_ms: run.avgProcessingTimeMs,
        },
        attempt: run.attempt,
        requests: run.requests,
        requests_planned: run.requestsPlanned,
        error_code: run.errorCode,
        error_message: run.errorMessage,
      };
    },
  );
