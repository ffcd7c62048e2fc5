import { randomUUID } from 'node:crypto';
import { AppError, toAppError, usageError } from '../errors.ts';
import { latestClosedSession } from '../market/calendar.ts';
import type { Timeframe } from '../market/timeframe.ts';
import { type ImportPlan, type Span, planImport, planSeries } from '../planning/import-plan.ts';
import { claimBarSource } from '../storage/bar-source.ts';
import {
  type Run,
  type RunRequest,
  findRun,
  listFailedSymbols,
  listUntriedSymbols,
} from '../storage/read-runs.ts';
import { createRun, reopenRun } from '../storage/runs.ts';
import { type AttemptDeps, type RunOptions, runAttempt } from './import-attempt.ts';
import type { ImportSummary } from './import-summary.ts';

export interface ImportRequest {
  readonly universes: readonly string[];
  readonly symbols: readonly string[];
  readonly timeframes: readonly Timeframe[];
  readonly span: Span;
}

/** Imports bars as runs that the database keeps account of. */
export interface DailyImportJob {
  /** Starts a run and works it to its end. Throws what stopped it early; the run then says so too. */
  run(request: ImportRequest, options: RunOptions): Promise<ImportSummary>;
  /** Goes on with a run that ended: its failed symbols and those it did not get to, or those named, as its next attempt. */
  retry(runId: string, symbols: readonly string[], options: RunOptions): Promise<ImportSummary>;
}

export type ImportJobDeps = AttemptDeps & {
  /** Names where the bars come from; a database holds one source. */
  readonly barSource: string;
};

export function createDailyImportJob(deps: ImportJobDeps): DailyImportJob {
  const { database, clock, settings } = deps;
  return {
    async run(request, options) {
      const lastSession = latestClosedSession(clock.now());
      const plan = planImport(request.symbols, request.timeframes, request.span, lastSession);
      await claimBarSource(database.pool, deps.barSource).catch(rethrowStorage);
      const runId = randomUUID();
      await database.transaction('record the run', (client) =>
        createRun(client, {
          runId,
          trigger: 'manual',
          symbols: plan.symbols,
          request: describe(request, plan),
          estimatedCompletion: new Date(clock.now() + plan.requests * settings.intervalMs),
        }),
      );
      return runAttempt(
        { runId, attempt: 1, plan, totalSymbols: plan.symbols.length, completed: 0, failed: 0 },
        deps,
        options,
      );
    },

    async retry(runId, symbols, options) {
      const run = await findRun(database.pool, runId).catch(rethrowStorage);
      if (run === null) throw usageError(`There is no run ${runId}. See the newest with: tickstock status`);
      const { chosen, failed: reopened } = await chooseOpen(deps, run, symbols);
      const attempt = await database.transaction('reopen the run', (client) =>
        reopenRun(client, runId, chosen),
      );
      const plan = planSeries(chosen, run.request.timeframes, run.request.windows);
      const failed = run.failed - reopened;
      return runAttempt(
        { runId, attempt, plan, totalSymbols: run.totalSymbols, completed: run.completed, failed },
        deps,
        options,
      );
    },
  };
}

/** The symbols to try again, failed ones and those the run did not get to, and how many of them had failed. */
async function chooseOpen(
  deps: ImportJobDeps,
  run: Run,
  symbols: readonly string[],
): Promise<{ chosen: string[]; failed: number }> {
  if (run.status === 'in_progress') {
    throw usageError(
      `Run ${run.runId} is still in progress. If its process has died, run the import again: what is stored stays.`,
    );
  }
  const failed = (await listFailedSymbols(deps.database.pool, run.runId).catch(rethrowStorage)).map(
    ({ symbol }) => symbol,
  );
  const untried = await listUntriedSymbols(deps.database.pool, run.runId).catch(rethrowStorage);
  const open = [...failed, ...untried];
  if (open.length === 0)
    throw usageError(`Nothing to retry: every symbol of run ${run.runId} has been imported.`);
  const strangers = symbols.filter((symbol) => !open.includes(symbol));
  if (strangers.length > 0) {
    throw usageError(
      `Cannot retry ${strangers.join(', ')}: not among the failed symbols of run ${run.runId} (${open.join(', ')}).`,
    );
  }
  const chosen = symbols.length > 0 ? [...symbols] : open;
  return { chosen, failed: chosen.filter((symbol) => failed.includes(symbol)).length };
}

function describe(request: ImportRequest, plan: ImportPlan): RunRequest {
  const base = { universes: request.universes, timeframes: plan.timeframes, windows: plan.windows };
  if (!('lookbackDays' in request.span)) return base;
  const { lookbackDays } = request.span;
  return {
    ...base,
    lookbackDays: Object.fromEntries(plan.timeframes.map((name) => [name, lookbackDays[name]])),
  };
}

function rethrowStorage(error: unknown): never {
  throw error instanceof AppError
    ? error
    : new AppError('STORAGE_FAILED', `Could not read the database: ${toAppError(error).message}`, {
        cause: error,
      });
}
