import type { Clock } from '../clock.ts';
import { type AppError, toAppError } from '../errors.ts';
import type { IsoDate } from '../market/date.ts';
import { isAfterHours, latestFiring, nextFirings } from '../planning/firing.ts';
import type { Database } from '../storage/database.ts';
import { findActiveDailyRun } from '../storage/run-signs.ts';
import {
  type Schedule,
  claimSession,
  isClaimed,
  nextRetryAt,
  planRetry,
  takeDueRetries,
} from '../storage/schedule.ts';
import type { StartedImport } from './daily-import-job.ts';
import { nextRetry } from './record-end.ts';

export interface SchedulerDeps {
  readonly database: Database;
  readonly clock: Clock;
  schedule(): Promise<Schedule>;
  /** Starts the daily run of a session and claims it. @throws AppError RUN_CONFLICT when it is claimed already. */
  startDaily(schedule: Schedule, session: IsoDate): Promise<StartedImport>;
  /** Goes on with what a run could not get. */
  retry(runId: string): Promise<StartedImport>;
  /** What the vendor says of the market now: `open`, `closed` or `extended-hours`. */
  marketNow(): Promise<string>;
  log(level: 'info' | 'warn' | 'error', text: string): void;
}

export interface Scheduler {
  /** Does what is due; when something will be next, ms since the epoch. */
  tick(): Promise<number>;
  /** Ticks until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

/** Looked again at least this often: clocks are changed and machines sleep. */
const LOOK_EVERY_MS = 60_000;

/**
 * Starts the nightly import once a session, over all processes of the database: after its close and a delay, or, when
 * nobody was there then, as soon as somebody is. What the vendor did not have yet is asked for again later.
 */
export function createScheduler(deps: SchedulerDeps): Scheduler {
  const { database, clock, log } = deps;

  const skip = async (session: IsoDate, reason: string): Promise<void> => {
    const at = new Date(clock.now());
    if (await claimSession(database.pool, { session, runId: null, skipped: reason, at }))
      log('warn', `No import of ${session}: ${reason}`);
  };

  const retryFailed = async (runId: string, { code, message }: AppError): Promise<void> => {
    log('warn', `Could not go on with run ${runId}: ${message}`);
    // Somebody else goes on with it, or nothing is left to do.
    if (code === 'RUN_CONFLICT' || code === 'CONFIG_INVALID') return;
    await database.transaction('plan a retry', (client) => planRetry(client, runId, nextRetry(clock.now())));
  };

  const isUnknownClosure = async (session: IsoDate): Promise<boolean> => {
    if (!isAfterHours(session, clock.now())) return false;
    // Without an answer the import itself will tell what is wrong.
    return (await deps.marketNow().catch(() => 'unknown')) === 'closed';
  };

  const fire = async (schedule: Schedule, session: IsoDate): Promise<void> => {
    if (await isUnknownClosure(session))
      return skip(session, 'Massive calls the market closed, which the trading calendar does not know.');
    try {
      await deps.startDaily(schedule, session);
      log('info', `The import of ${session} has begun.`);
    } catch (error) {
      const { code, message } = toAppError(error);
      // Another process was first.
      if (code === 'RUN_CONFLICT') return;
      if (code === 'CONFIG_INVALID') return skip(session, message);
      throw error;
    }
  };

  const scheduler: Scheduler = {
    async tick() {
      const schedule = await deps.schedule();
      const now = clock.now();
      for (const runId of await takeDueRetries(database.pool, new Date(now))) {
        await deps.retry(runId).catch((error: unknown) => retryFailed(runId, toAppError(error)));
      }
      if (!schedule.enabled) return now + LOOK_EVERY_MS;
      const due = latestFiring(now, schedule.delayMinutes);
      if (due.at >= schedule.enabledSince.getTime() && !(await isClaimed(database.pool, due.session))) {
        // The night before may still be at it: two at once would only ask twice.
        if ((await findActiveDailyRun(database.pool)) !== null) return now + LOOK_EVERY_MS;
        await fire(schedule, due.session);
      }
      const retryAt = (await nextRetryAt(database.pool))?.getTime() ?? Number.POSITIVE_INFINITY;
      return Math.min(nextFirings(now, schedule.delayMinutes, 1)[0]?.at ?? Number.POSITIVE_INFINITY, retryAt);
    },

    async run(signal) {
      while (!signal.aborted) {
        const next = await scheduler.tick().catch((error: unknown) => {
          log('error', `The schedule could not be followed: ${toAppError(error).message}`);
          return clock.now() + LOOK_EVERY_MS;
        });
        const waitMs = Math.min(Math.max(next - clock.now(), 0), LOOK_EVERY_MS);
        await clock.sleep(waitMs, signal).catch(() => {});
      }
    },
  };
  return scheduler;
}
