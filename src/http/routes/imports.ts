import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import { type ErrorCode, recoveryOf } from '../../errors.ts';
import { toInstant } from '../../events/announcement.ts';
import { latestClosedSession } from '../../market/calendar.ts';
import { type Timeframe, timeframes } from '../../market/timeframe.ts';
import type { ImportRequest } from '../../jobs/daily-import-job.ts';
import { runNotFound } from '../../jobs/choose-open.ts';
import type { Span } from '../../planning/asked-bars.ts';
import { type Run, findRun, listRuns } from '../../storage/read-runs.ts';
import { listRunSymbols } from '../../storage/run-symbols.ts';
import { lookbackOf } from '../../config.ts';
import * as contract from '../contract.ts';
import { planAnswer, planQuery } from '../contract-plan.ts';
import type { ServiceContext } from '../context.ts';
import { answers, change } from '../answers.ts';

/** Starting, watching and steering imports. */
export const importRoutes =
  ({ app, runs, statuses }: ServiceContext): FastifyPluginAsyncZod =>
  async (server) => {
    const { pool } = app.database;
    async function getRun(runId: string): Promise<Run> {
      const run = await findRun(pool, runId);
      if (run === null) throw runNotFound(runId);
      return run;
    }

    server.post(
      '/api/processing/import/trigger',
      {
        config: change,
        schema: {
          tags: ['imports'],
          summary: 'Start an import',
          description:
            'What is left out comes from the settings. 409 when a run fetches some of the same already.',
          body: contract.triggerBody,
          response: answers(contract.triggerAnswer),
        },
      },
      async (request) => {
        const asked = await resolve(request.body);
        const started = await runs.start({ ...asked, isExclusive: true });
        return {
          success: true as const,
          run_id: started.runId,
          message: 'Import job started',
          estimated_duration_minutes: Math.max(1, Math.ceil(started.estimatedMs / 60_000)),
          total_symbols: started.symbols,
        };
      },
    );

    async function resolve(body: z.infer<typeof contract.triggerBody>): Promise<ImportRequest> {
      const asked = {
        timeframes: timeframes.filter((one) => body.timeframes?.includes(one) ?? true),
        span: spanOf(body, lookbackOf(app.settings), app.clock.now()),
        ...(body.refresh === true && { refresh: true }),
      };
      if (body.symbols !== undefined) return { ...asked, universes: [], symbols: [...new Set(body.symbols)] };
      const expression = (body.universes ?? app.settings.get('universes')).join(',');
      const { names, members } = await app.universes.resolve(expression);
      return { ...asked, universes: names, symbols: members.map(({ symbol }) => symbol) };
    }

    server.get(
      '/api/processing/import/plan',
      {
        schema: {
          tags: ['imports'],
          summary: 'What an import would ask of the vendor; nothing is fetched',
          querystring: planQuery,
          response: answers(planAnswer),
        },
      },
      async ({ query }) => app.planImport(await resolve(query)),
    );

    server.get(
      '/api/processing/import/status/:run_id',
      {
        schema: {
          tags: ['imports'],
          summary: 'Where a run stands',
          params: contract.runParams,
          response: answers(contract.statusAnswer),
        },
      },
      ({ params }) => statuses.get(params.run_id),
    );

    server.post(
      '/api/processing/import/retry',
      {
        config: change,
        schema: {
          tags: ['imports'],
          summary: 'Go on with the failed symbols of a run',
          body: contract.retryBody,
          response: answers(contract.retryAnswer),
        },
      },
      async ({ body }) => {
        const started = await runs.retry(body.run_id, [...new Set(body.symbols)]);
        const { symbols: count } = started;
        return {
          success: true as const,
          retry_count: count,
          message: `Retry initiated for ${count} symbol${count === 1 ? '' : 's'}`,
          run_id: started.runId,
          attempt: started.attempt,
        };
      },
    );

    for (const [stop, summary, message] of [
      ['cancel', 'End a run', 'The run is being cancelled'],
      ['pause', 'Pause a run', 'The run is being paused'],
    ] as const) {
      server.post(
        `/api/processing/import/${stop}`,
        {
          config: change,
          schema: {
            tags: ['imports'],
            summary,
            description: 'What is stored stays, and the run can go on later.',
            body: contract.runBody,
            response: answers(contract.stopAnswer),
          },
        },
        async ({ body }) => {
          await runs.stopRun(body.run_id, stop);
          return { success: true as const, run_id: body.run_id, message };
        },
      );
    }

    server.post(
      '/api/processing/import/resume',
      {
        config: change,
        schema: {
          tags: ['imports'],
          summary: 'Go on with what a paused, parked or cancelled run did not get to',
          body: contract.runBody,
          response: answers(contract.resumeAnswer),
        },
      },
      async ({ body }) => {
        const { runId, attempt, symbols } = await runs.resume(body.run_id);
        return {
          success: true as const,
          run_id: runId,
          attempt,
          total_symbols: symbols,
          message: `The run goes on with ${symbols} symbol${symbols === 1 ? '' : 's'}`,
        };
      },
    );

    server.get(
      '/api/processing/import/runs',
      {
        schema: {
          tags: ['imports'],
          summary: 'Runs, the newest first',
          querystring: contract.runsQuery,
          response: answers(contract.runsAnswer),
        },
      },
      async ({ query }) => {
        const found = await listRuns(pool, { ...query, before: query.cursor, limit: query.limit + 1 });
        const page = found.slice(0, query.limit);
        return {
          runs: page.map(toRunSummary),
          next_cursor: found.length > page.length ? (page.at(-1)?.runId ?? null) : null,
        };
      },
    );

    server.get(
      '/api/processing/import/runs/:run_id',
      {
        schema: {
          tags: ['imports'],
          summary: 'One run',
          params: contract.runParams,
          response: answers(contract.runSummary),
        },
      },
      async ({ params }) => toRunSummary(await getRun(params.run_id)),
    );

    server.get(
      '/api/processing/import/runs/:run_id/symbols',
      {
        schema: {
          tags: ['imports'],
          summary: 'The symbols of a run',
          params: contract.runParams,
          querystring: contract.runSymbolsQuery,
          response: answers(contract.runSymbolsAnswer),
        },
      },
      async ({ params, query }) => {
        await getRun(params.run_id);
        const found = await listRunSymbols(pool, params.run_id, {
          ...query,
          after: query.cursor,
          limit: query.limit + 1,
        });
        const page = found.slice(0, query.limit);
        return {
          symbols: page.map((one) => ({
            symbol: one.symbol,
            status: one.status,
            attempt: one.attempt,
            retry_count: one.retryCount,
            records_imported: one.recordsImported,
            processing_time_ms: one.processingTimeMs,
            error_code: one.errorCode,
            error_message: one.errorMessage,
            recovery_action: one.errorCode === null ? null : recoveryOf(one.errorCode satisfies ErrorCode),
            started_at: one.startedAt === null ? null : toInstant(one.startedAt),
            completed_at: one.completedAt === null ? null : toInstant(one.completedAt),
          })),
          next_cursor: found.length > page.length ? (page.at(-1)?.symbol ?? null) : null,
        };
      },
    );
  };

/** How far back a trigger looks, where it leaves things out as the settings say. */
function spanOf(
  body: z.infer<typeof contract.triggerBody>,
  usual: Readonly<Record<Timeframe, number>>,
  now: number,
): Span {
  if (body.from !== undefined) return { from: body.from, to: body.to ?? latestClosedSession(now) };
  const days = body.lookback_days;
  if (typeof days === 'number')
    return { lookbackDays: { hourly: days, daily: days, weekly: days, monthly: days } };
  const given = Object.entries(days ?? {}).filter(([, count]) => count !== undefined);
  return { lookbackDays: { ...usual, ...Object.fromEntries(given) } };
}

const toRunSummary = (run: Run): z.infer<typeof contract.runSummary> => ({
  run_id: run.runId,
  status: run.status,
  trigger_type: run.trigger,
  session: run.session,
  attempt: run.attempt,
  universes: [...run.request.universes],
  timeframes: [...run.request.timeframes],
  total_symbols: run.totalSymbols,
  completed: run.completed,
  failed: run.failed,
  percentage: run.percentage,
  records_imported: run.records.imported,
  requests: run.requests,
  bytes: run.bytes,
  created_at: toInstant(run.createdAt),
  completed_at: run.completedAt === null ? null : toInstant(run.completedAt),
  error_code: run.errorCode,
  error_message: run.errorMessage,
});
