import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import { toInstant } from '../../events/announcement.ts';
import { type Firing, nextFirings, triggerTime } from '../../planning/firing.ts';
import { findActiveDailyRun } from '../../storage/run-signs.ts';
import { type DailyRun, type Schedule, listDailyRuns } from '../../storage/schedule.ts';
import { answers, change } from '../answers.ts';
import * as contract from '../contract-daily.ts';
import type { ServiceContext } from '../context.ts';
import { atPlace } from '../problem.ts';

const SHOWN_FIRINGS = 10;

/** The nightly import: where it stands, what it did, when it comes. */
export const dailyRoutes =
  ({ app, daily }: ServiceContext): FastifyPluginAsyncZod =>
  async (server) => {
    const { pool } = app.database;
    const firings = ({ enabled, delayMinutes }: Schedule, count: number): Firing[] =>
      enabled ? nextFirings(app.clock.now(), delayMinutes, count) : [];

    const toAnswer = (schedule: Schedule): z.infer<typeof contract.scheduleAnswer> => {
      const next = firings(schedule, SHOWN_FIRINGS);
      return {
        enabled: schedule.enabled,
        delay_minutes: schedule.delayMinutes,
        trigger_time: triggerTime(schedule.delayMinutes),
        timezone: 'America/New_York',
        universes: [...schedule.universes],
        timeframes: [...schedule.timeframes],
        next_run: next[0] === undefined ? null : toInstant(next[0].at),
        next_runs: next.map(({ session, at, earlyClose }) => ({
          session,
          at: toInstant(at),
          early_close: earlyClose,
        })),
      };
    };

    server.get(
      '/api/processing/schedule',
      {
        schema: {
          tags: ['schedule'],
          summary: 'The schedule of the nightly import',
          response: answers(contract.scheduleAnswer),
        },
      },
      async () => toAnswer(await daily.schedule()),
    );

    server.put(
      '/api/processing/schedule',
      {
        config: change,
        schema: {
          tags: ['schedule'],
          summary: 'Change the schedule',
          description: 'What is left out stays as it is.',
          body: contract.scheduleBody,
          response: answers(contract.scheduleAnswer),
        },
      },
      async ({ body }) => toAnswer(await atPlace('body.universes', () => daily.change(toChange(body)))),
    );

    server.get(
      '/api/processing/schedule/preview',
      {
        schema: {
          tags: ['schedule'],
          summary: 'What a change of the schedule would make of it; nothing is changed',
          querystring: contract.schedulePreviewQuery,
          response: answers(contract.schedulePreviewAnswer),
        },
      },
      async ({ query }) => {
        const after = { ...(await daily.schedule()), ...toChange(query) };
        const { members } = await atPlace('query.universes', () =>
          app.universes.resolve(after.universes.join(',')),
        );
        return { ...toAnswer(after), total_symbols: members.length };
      },
    );

    server.get(
      '/api/processing/daily/status',
      {
        schema: {
          tags: ['daily'],
          summary: 'Whether the nightly import is under way',
          response: answers(contract.dailyStatusAnswer),
        },
      },
      async () => {
        const [schedule, active] = await Promise.all([daily.schedule(), findActiveDailyRun(pool)]);
        const next = firings(schedule, 1)[0];
        return {
          status:
            active !== null
              ? ('processing' as const)
              : schedule.enabled
                ? ('idle' as const)
                : ('disabled' as const),
          is_processing: active !== null,
          next_run: next === undefined ? null : toInstant(next.at),
          run_id: active?.runId ?? null,
        };
      },
    );

    server.get(
      '/api/processing/daily/history',
      {
        schema: {
          tags: ['daily'],
          summary: 'What the nightly imports did, the newest first',
          querystring: contract.dailyHistoryQuery,
          response: answers(contract.dailyHistoryAnswer),
        },
      },
      async ({ query }) => ({ history: (await listDailyRuns(pool, query.limit)).map(toHistory) }),
    );

    server.post(
      '/api/processing/daily/trigger',
      {
        config: change,
        schema: {
          tags: ['daily'],
          summary: 'Start the nightly import now, for the newest session',
          body: contract.dailyTriggerBody,
          response: answers(contract.dailyTriggerAnswer),
        },
      },
      async ({ body }) => {
        const { runId } = await daily.trigger(body.universes);
        return { status: 'triggered' as const, run_id: runId };
      },
    );
  };

const toChange = (sent: z.infer<typeof contract.scheduleBody>): Partial<Omit<Schedule, 'enabledSince'>> => ({
  ...(sent.enabled !== undefined && { enabled: sent.enabled }),
  ...(sent.delay_minutes !== undefined && { delayMinutes: sent.delay_minutes }),
  ...(sent.universes !== undefined && { universes: sent.universes }),
  ...(sent.timeframes !== undefined && { timeframes: [...new Set(sent.timeframes)] }),
});

const toHistory = (run: DailyRun): z.infer<typeof contract.dailyHistoryAnswer>['history'][number] => ({
  run_date: run.session,
  status: statusOf(run.status),
  processing_time_seconds: Math.max(0, Math.round(run.seconds ?? 0)),
  symbols_processed: run.processed,
  symbols_failed: run.failed,
  trigger_type: run.trigger,
  run_id: run.runId,
  message: run.skipped,
});

const statusOf = (status: string): 'success' | 'failed' | 'processing' | 'skipped' => {
  if (status === 'completed') return 'success';
  if (status === 'in_progress') return 'processing';
  return status === 'skipped' ? 'skipped' : 'failed';
};
