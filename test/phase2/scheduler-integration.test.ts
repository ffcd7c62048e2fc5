import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { StartedImport } from '../../src/jobs/daily-import-job.ts';
import { planNextTry } from '../../src/jobs/record-end.ts';
import type { ImportSummary } from '../../src/jobs/import-summary.ts';
import { type Scheduler, type SchedulerDeps, createScheduler } from '../../src/jobs/scheduler.ts';
import { RunConflict, usageError } from '../../src/errors.ts';
import { isSession, sessionHours, sessionsBetween } from '../../src/market/calendar.ts';
import { newYorkDate, newYorkOffset } from '../../src/market/new-york.ts';
import { timeframes } from '../../src/market/timeframe.ts';
import { type Schedule, claimSession, listDailyRuns } from '../../src/storage/schedule.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { openedDatabase } from '../support/opened-database.ts';

const at = (text: string): number => Date.parse(text);
const DAY_MS = 86_400_000;

describe('Scheduler integration', () => {
  const database = openedDatabase();
  beforeEach(() => database().pool.query('TRUNCATE scheduled_sessions, processing_runs CASCADE'));

  interface Machine {
    readonly clock: ReturnType<typeof createFakeClock>;
    readonly scheduler: Scheduler;
    /** `SESSION HH:MM`, New York, of each import begun. */
    readonly started: string[];
    readonly retried: string[];
    readonly said: string[];
  }

  const complete = (runId: string): StartedImport => ({
    runId,
    attempt: 1,
    symbols: 1,
    estimatedMs: 0,
    done: Promise.resolve({} as never),
  });

  /** A service on the database, at an instant; its imports take no time. */
  function machine(
    now: number,
    overrides: Partial<SchedulerDeps> & { schedule?: never; set?: Partial<Schedule> } = {},
    end: Partial<ImportSummary> = {},
  ): Machine {
    const clock = createFakeClock(now);
    const started: string[] = [];
    const retried: string[] = [];
    const said: string[] = [];
    const { set, ...deps } = overrides;
    const schedule: Schedule = {
      enabled: true,
      delayMinutes: 10,
      universes: ['sp500'],
      timeframes,
      enabledSince: new Date(now),
      ...set,
    };
    /** What the transaction that ends a run plans. */
    const ended = (runId: string): Promise<void> =>
      database().transaction('end the run', (client) => {
        const summary = { run_id: runId, status: 'completed', failures: [], stopped_by: null, ...end };
        return planNextTry(client, summary as unknown as ImportSummary, clock.now());
      });
    const scheduler = createScheduler({
      database: database(),
      clock,
      schedule: async () => schedule,
      async startDaily(_, session) {
        const runId = `run of ${session}`;
        const claim = { session, runId, skipped: null, at: new Date(clock.now()) };
        if (!(await claimSession(database().pool, claim))) throw new RunConflict(runId, 'Another was first.');
        const wall = new Date(clock.now() + newYorkOffset(clock.now())).toISOString().slice(11, 16);
        started.push(`${session} ${wall}`);
        await ended(runId);
        return complete(runId);
      },
      async retry(runId) {
        retried.push(runId);
        await ended(runId);
        return complete(runId);
      },
      marketNow: async () => 'extended-hours',
      log: (_, text) => said.push(text),
      ...deps,
    });
    return { clock, scheduler, started, retried, said };
  }

  /** Lets a machine run until an instant, as its own loop would but without the waits in between. */
  async function runUntil(
    { clock, scheduler }: Machine,
    end: number,
    longestWaitMs = Number.POSITIVE_INFINITY,
  ): Promise<void> {
    while (clock.now() < end) {
      const next = await scheduler.tick();
      clock.advance(Math.max(Math.min(next - clock.now(), end - clock.now(), longestWaitMs), 1));
    }
  }

  it(
    'starts one import a session over twenty years, at its close, and none on a closure',
    { timeout: 120_000 },
    async () => {
      const one = machine(at('2006-01-01T12:00:00Z'));
      await runUntil(one, at('2025-12-31T12:00:00Z'));
      const sessions = sessionsBetween('2006-01-02', '2025-12-30');
      expect(one.started.map((text) => text.slice(0, 10))).toEqual(sessions);
      expect(new Set(one.started.map((text) => text.slice(11)))).toEqual(new Set(['16:10', '13:10']));
    },
  );

  it('misses and repeats nothing it was there for, whenever the machine was off', async () => {
    const outages = fc.array(
      fc.record({
        upMs: fc.integer({ min: 60_000, max: 6 * DAY_MS }),
        downMs: fc.integer({ min: 60_000, max: 9 * DAY_MS }),
      }),
      { minLength: 3, maxLength: 12 },
    );
    const starts = fc.integer({ min: at('2010-01-01T00:00:00Z'), max: at('2025-01-01T00:00:00Z') });
    await fc.assert(
      fc.asyncProperty(starts, outages, async (begin, spans) => {
        await database().pool.query('TRUNCATE scheduled_sessions');
        const all: string[] = [];
        let now = begin;
        for (const { upMs, downMs } of spans) {
          // A new process each time, set up since the beginning.
          const one = machine(now, { set: { enabledSince: new Date(begin) } });
          await runUntil(one, now + upMs);
          all.push(...one.started.map((text) => text.slice(0, 10)));
          now = one.clock.now() + downMs;
          // Whatever came due is caught up with by the newest of it.
          const due = await listDue(one, begin);
          expect(all.at(-1)).toBe(due);
        }
        expect(new Set(all).size).toBe(all.length);
        expect(all).toEqual(all.toSorted());
        expect(all.every(isSession)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  /** The newest session whose time had come when a machine went off; undefined when none since `begin`. */
  async function listDue({ clock }: Machine, begin: number): Promise<string | undefined> {
    const until = clock.now() - 1;
    const sessions = sessionsBetween(newYorkDate(begin - DAY_MS), newYorkDate(until));
    return sessions.findLast((session) => {
      const wall = (hours: number): number => at(`${session}T00:00:00Z`) + hours * 3_600_000;
      const offset = newYorkOffset(wall(18));
      const isEarly = isEarlyClose(session);
      const fires = wall(isEarly ? 13 : 16) - offset + 600_000;
      return fires <= until && fires >= begin;
    });
  }

  it('catches up once on what was missed, and on nothing from before it was turned on', async () => {
    const first = machine(at('2026-11-20T22:00:00Z'));
    await runUntil(first, at('2026-11-21T12:00:00Z'));
    expect(first.started).toEqual([]);
    // Off over Monday and Tuesday; on again on Wednesday morning.
    const later = machine(at('2026-11-25T13:00:00Z'), {
      set: { enabledSince: new Date('2026-11-20T22:00:00Z') },
    });
    await runUntil(later, at('2026-11-25T14:00:00Z'));
    expect(later.started).toEqual(['2026-11-24 08:00']);
  });

  it('fires once over several services', async () => {
    const now = at('2026-11-24T21:10:00Z');
    const since = { set: { enabledSince: new Date('2026-11-20T22:00:00Z') } };
    const machines = Array.from({ length: 5 }, () => machine(now, since));
    await Promise.all(machines.map(({ scheduler }) => scheduler.tick()));
    expect(machines.flatMap(({ started }) => started)).toEqual(['2026-11-24 16:10']);
  });

  it('skips a closure that the calendar does not know, and says so', async () => {
    const one = machine(at('2026-11-24T20:00:00Z'), { marketNow: async () => 'closed' });
    await runUntil(one, at('2026-11-24T23:00:00Z'));
    expect([one.started, one.said]).toEqual([
      [],
      ['No import of 2026-11-24: Massive calls the market closed, which the trading calendar does not know.'],
    ]);
    expect(await listDailyRuns(database().pool, 10)).toMatchObject([
      { session: '2026-11-24', status: 'skipped', runId: null },
    ]);
  });

  it('starts all the same when the vendor does not say whether it is open', async () => {
    const one = machine(at('2026-11-24T20:00:00Z'), { marketNow: () => Promise.reject(new Error('down')) });
    await runUntil(one, at('2026-11-24T23:00:00Z'));
    expect(one.started).toEqual(['2026-11-24 16:10']);
  });

  it('asks again later, ever less often, for what the vendor did not have yet', async () => {
    const notReady = [{ symbol: 'AAPL', error_code: 'VENDOR_NOT_READY', error_message: 'Not yet.' }];
    const one = machine(at('2026-11-24T21:00:00Z'), {}, { failures: notReady });
    await runUntil(one, at('2026-11-25T02:00:00Z'), 60_000);
    // After 15, 30, 60 and 120 minutes.
    expect(one.retried).toEqual(Array.from({ length: 4 }, () => 'run of 2026-11-24'));
  });

  it('waits for the daily run under way instead of starting another', async () => {
    await database().pool.query(`
      INSERT INTO processing_runs (run_id, status, trigger_type, request, total_symbols, session, heartbeat_at)
      VALUES ('r', 'in_progress', 'automatic', '{}', 1, '2026-11-23', now())`);
    const one = machine(at('2026-11-24T21:10:00Z'), { set: { enabledSince: new Date(0) } });
    await one.scheduler.tick();
    expect(one.started).toEqual([]);
    await database().pool.query(`UPDATE processing_runs SET status = 'completed'`);
    await one.scheduler.tick();
    expect(one.started).toEqual(['2026-11-24 16:10']);
  });

  it('does not try again and again what cannot work, and says why', async () => {
    const one = machine(at('2026-11-24T21:00:00Z'), {
      startDaily: () => Promise.reject(usageError('There is no universe "mine".')),
    });
    await runUntil(one, at('2026-11-25T12:00:00Z'));
    expect(one.said).toEqual(['No import of 2026-11-24: There is no universe "mine".']);
  });

  it('does nothing while it is off', async () => {
    const one = machine(at('2026-11-24T21:00:00Z'), { set: { enabled: false } });
    await runUntil(one, at('2026-11-24T22:00:00Z'));
    expect(one.started).toEqual([]);
  });
});

/** New York closes at 13:00 on the days before and after some holidays. */
const isEarlyClose = (session: string): boolean => sessionHours(session).earlyClose;
