import { type AppError, RunPaused, ServiceStopped, VendorOutage } from '../errors.ts';
import type pg from 'pg';
import { askWindows } from '../planning/asked-bars.ts';
import { appendEvents } from '../storage/outbox.ts';
import {
  countGaps,
  getRun,
  listFailedSymbols,
  listUntriedSymbols,
  readProgress,
  type RunStatus,
} from '../storage/read-runs.ts';
import { planRetry } from '../storage/schedule.ts';
import { finishRun } from '../storage/runs.ts';
import type { Attempt, AttemptDeps } from './import-attempt.ts';
import { type ImportSummary, type WorkLeft, summarize } from './import-summary.ts';
import type { Failure } from './judge-series.ts';
import { makePlan } from './make-plan.ts';
import { endEvents, errorEvent, progressEvents } from './run-events.ts';
import type { VendorStats } from './vendor.ts';

/** How an attempt ended early. `thrown` has no result to show; `stopped` is a symbol's failure while `continue_on_error` is off. */
export interface EarlyEnd {
  readonly kind: 'thrown' | 'stopped';
  readonly failure: AppError | Failure;
}

/** True for what stops a run without anything being wrong with it: the same run can go on later. */
export const mayGoOn = (failure: AppError | Failure): boolean =>
  failure instanceof VendorOutage || failure.code === 'CANCELLED';

/** Gives the run its status, tells of its end, and sums it up; all in one transaction. */
export function recordEnd(
  attempt: Attempt,
  early: EarlyEnd | null,
  cost: VendorStats,
  startedAt: number,
  deps: AttemptDeps,
): Promise<ImportSummary> {
  const { database, clock, settings } = deps;
  const { runId, plan } = attempt;
  return database.transaction('record the end of the run', async (client) => {
    const run = await getRun(client, runId);
    const enough = run.completed * 100 >= settings.successThreshold * attempt.totalSymbols;
    const at = clock.now();
    const isOurs = await finishRun(client, runId, attempt.attempt, {
      status: statusOf(early, enough),
      at: new Date(at),
      goesOn: early?.failure instanceof ServiceStopped,
      // Of an outage everything is asked again, also what was doubted.
      mayGoOn: early?.failure.code === 'CANCELLED',
      ...(early === null ? {} : { errorCode: early.failure.code, errorMessage: early.failure.message }),
    });
    const ended = await getRun(client, runId);
    const summary = summarize(ended, {
      failures: await listFailedSymbols(client, runId),
      gaps: await countGaps(client, runId, plan.windows),
      durationMs: at - startedAt,
      cost,
      left: await findLeft(client, attempt, deps),
    });
    if (isOurs) {
      await planNextTry(client, summary, at);
      // The last symbol's end has told the last progress already; a run that stopped early has not.
      const progress = summary.left === null ? null : await readProgress(client, runId);
      const stopping = early?.kind === 'thrown' && early.failure.code !== 'CANCELLED' ? early.failure : null;
      await appendEvents(client, [
        ...(progress === null ? [] : progressEvents(attempt, progress, at)),
        ...(stopping === null ? [] : [errorEvent(attempt, stopping, { stops: true }, at)]),
        ...endEvents(attempt, summary, at),
      ]);
    }
    return summary;
  });
}

/** What the run has not got to, at its pacing; null when that is nothing. */
async function findLeft(
  client: pg.PoolClient,
  { runId, plan, request }: Attempt,
  { clock, settings }: AttemptDeps,
): Promise<WorkLeft | null> {
  const symbols = await listUntriedSymbols(client, runId);
  if (symbols.length === 0) return null;
  const asked = askWindows(symbols, plan.timeframes, plan.windows);
  const { requests } = await makePlan(client, asked, { ...request, now: clock.now() });
  return { symbols: symbols.length, requests, seconds: Math.ceil((requests * settings.intervalMs) / 1000) };
}

function statusOf(early: EarlyEnd | null, enough: boolean): RunStatus {
  if (early === null) return enough ? 'completed' : 'failed';
  if (early.failure instanceof RunPaused) return 'paused';
  if (early.failure instanceof VendorOutage || early.failure instanceof ServiceStopped) return 'parked';
  return early.failure.code === 'CANCELLED' ? 'cancelled' : 'failed';
}

/** Has the run of a session tried again later for what the vendor did not have yet. */
export async function planNextTry(client: pg.ClientBase, summary: ImportSummary, at: number): Promise<void> {
  if (isWorthRetry(summary)) await planRetry(client, summary.run_id, nextRetry(at));
}

const isWorthRetry = ({ status, stopped_by: stoppedBy, failures }: ImportSummary): boolean =>
  status === 'parked'
    ? stoppedBy?.error_code !== 'CANCELLED'
    : (status === 'completed' || status === 'failed') &&
      failures.some((failure) => failure.error_code === 'VENDOR_NOT_READY');

const FIRST_RETRY_MS = 15 * 60_000;
const LONGEST_RETRY_MS = 2 * 3_600_000;
/** A day of doubling; then the next session's run asks for all of it anyway. */
const MOST_RETRIES = 12;

/** When a session's run is tried again that was so often already; null for not again. */
export const nextRetry =
  (at: number) =>
  (retries: number): Date | null =>
    retries >= MOST_RETRIES ? null : new Date(at + Math.min(FIRST_RETRY_MS * 2 ** retries, LONGEST_RETRY_MS));
