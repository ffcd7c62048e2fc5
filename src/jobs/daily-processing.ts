import type { Clock } from '../clock.ts';
import { RunConflict } from '../errors.ts';
import { announce, toInstant } from '../events/announcement.ts';
import { latestClosedSession } from '../market/calendar.ts';
import type { IsoDate } from '../market/date.ts';
import type { Timeframe } from '../market/timeframe.ts';
import { nextFirings, triggerTime } from '../planning/firing.ts';
import type { Span } from '../planning/asked-bars.ts';
import type { Database } from '../storage/database.ts';
import { appendEvents } from '../storage/outbox.ts';
import type { Trigger } from '../storage/read-runs.ts';
import { findActiveDailyRun } from '../storage/run-signs.ts';
import { type Schedule, readSchedule, writeSchedule } from '../storage/schedule.ts';
import type { UniverseManager } from '../universe/universe-manager.ts';
import type { StartedImport } from './daily-import-job.ts';
import type { ImportRuns } from './import-runs.ts';

/** The list that a daily run brings up to date first. */
const LISTED_BY_VENDOR = 'all-active';

/** The nightly import and its schedule. */
export interface DailyProcessing {
  schedule(): Promise<Schedule>;
  /** Changes the schedule and tells of it. @throws AppError CONFIG_INVALID for universes that have no symbols. */
  change(change: Partial<Omit<Schedule, 'enabledSince'>>): Promise<Schedule>;
  /** Starts the daily run of a session; an automatic one claims it. Throws as `DailyImportJob.start`. */
  start(
    schedule: Pick<Schedule, 'universes' | 'timeframes'>,
    session: IsoDate,
    trigger: Trigger,
  ): Promise<StartedImport>;
  /** Starts one by hand, of the newest session. @throws AppError RUN_CONFLICT while one is under way. */
  trigger(universes?: readonly string[]): Promise<StartedImport>;
}

export function createDailyProcessing(deps: {
  database: Database;
  clock: Clock;
  universes: UniverseManager;
  runs: ImportRuns;
  /** For a new database. */
  initial: Omit<Schedule, 'enabledSince'>;
  lookbackDays: Readonly<Record<Timeframe, number>>;
  notice: (text: string) => void;
  signal: AbortSignal;
}): DailyProcessing {
  const { database, clock, universes, runs } = deps;

  const readCurrent = (client: Parameters<typeof readSchedule>[0]): Promise<Schedule> =>
    readSchedule(client, { ...deps.initial, enabledSince: new Date(clock.now()) });

  const refreshListing = async (): Promise<void> => {
    try {
      const all = { types: [], exchanges: [] };
      const { added, removed } = await universes.refresh(LISTED_BY_VENDOR, all, { signal: deps.signal });
      deps.notice(`${LISTED_BY_VENDOR} refreshed: ${added.length} joined, ${removed.length} left.`);
    } catch (error) {
      // Yesterday's list is better than no import.
      deps.notice(`Could not refresh ${LISTED_BY_VENDOR}: ${(error as Error).message}`);
    }
  };

  const daily: DailyProcessing = {
    schedule: () => readCurrent(database.pool),

    async change(change) {
      if (change.universes !== undefined) await universes.resolve(change.universes.join(','));
      return database.transaction('change the schedule', async (client) => {
        const before = await readCurrent(client);
        const now = clock.now();
        const after: Schedule = {
          ...before,
          ...change,
          // Nothing is caught up on that was due while it was off.
          enabledSince: change.enabled === true && !before.enabled ? new Date(now) : before.enabledSince,
        };
        await writeSchedule(client, after);
        const next = after.enabled ? nextFirings(now, after.delayMinutes, 1)[0] : undefined;
        await appendEvents(client, [
          announce(
            'schedule_updated',
            {
              enabled: after.enabled,
              trigger_time: triggerTime(after.delayMinutes),
              timezone: 'America/New_York',
              next_run: next === undefined ? null : toInstant(next.at),
              universes: [...after.universes],
            },
            now,
          ),
        ]);
        return after;
      });
    },

    async start({ universes: names, timeframes }, session, trigger) {
      if (names.includes(LISTED_BY_VENDOR)) await refreshListing();
      const resolved = await universes.resolve(names.join(','));
      const span: Span = { lookbackDays: deps.lookbackDays };
      const symbols = resolved.members.map(({ symbol }) => symbol);
      return runs.start({
        universes: resolved.names,
        symbols,
        timeframes,
        span,
        trigger,
        session,
        claimsSession: trigger === 'automatic',
      });
    },

    async trigger(names) {
      const active = await findActiveDailyRun(database.pool);
      if (active !== null) {
        throw new RunConflict(
          active.runId,
          `The daily run ${active.runId} of ${active.session} is under way. Watch or cancel it.`,
        );
      }
      const schedule = await daily.schedule();
      return daily.start(
        { ...schedule, ...(names !== undefined && { universes: names }) },
        latestClosedSession(clock.now()),
        'manual',
      );
    },
  };
  return daily;
}
