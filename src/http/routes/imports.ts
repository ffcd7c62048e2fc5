import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import { latestClosedSession } from '../../market/calendar.ts';
import { type Timeframe, timeframes } from '../../market/timeframe.ts';
import type { ImportRequest } from '../../jobs/daily-import-job.ts';
import type { Span } from '../../planning/asked-bars.ts';
import { lookbackOf } from '../../config.ts';
import * as contract from '../contract.ts';
import { planAnswer, planQuery } from '../contract-plan.ts';
import type { ServiceContext } from '../context.ts';
import { answers, change } from '../answers.ts';

/** Starting, watching and steering imports. */
export const importRoutes =
  ({ app, runs, statuses }: ServiceContext): FastifyPluginAsyncZod =>
  async (server) => {
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
