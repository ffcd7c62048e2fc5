import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import { recoveryOf, wordsOf } from '../../errors.ts';
import { toInstant } from '../../events/announcement.ts';
import { runNotFound } from '../../jobs/choose-open.ts';
import { type Run, findRun, listRuns } from '../../storage/read-runs.ts';
import { type NumberedRequest, listRequests } from '../../storage/requests.ts';
import { listRunSymbols } from '../../storage/run-symbols.ts';
import { answers } from '../answers.ts';
import { runParams } from '../contract.ts';
import * as contract from '../contract-runs.ts';
import type { ServiceContext } from '../context.ts';

/** What is recorded of runs: each with its symbols. */
export const runRoutes =
  ({ app }: ServiceContext): FastifyPluginAsyncZod =>
  async (server) => {
    const { pool } = app.database;
    async function getRun(runId: string): Promise<Run> {
      const run = await findRun(pool, runId);
      if (run === null) throw runNotFound(runId);
      return run;
    }

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
          params: runParams,
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
          params: runParams,
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
            error_words: one.errorCode === null ? null : wordsOf(one.errorCode),
            error_message: one.errorMessage,
            recovery_action: one.errorCode === null ? null : recoveryOf(one.errorCode),
            started_at: one.startedAt === null ? null : toInstant(one.startedAt),
            completed_at: one.completedAt === null ? null : toInstant(one.completedAt),
          })),
          next_cursor: found.length > page.length ? (page.at(-1)?.symbol ?? null) : null,
        };
      },
    );

    server.get(
      '/api/processing/import/runs/:run_id/requests',
      {
        schema: {
          tags: ['imports'],
          summary: 'The requests of a run, each with its times and what came of it',
          description: 'As long as they are kept: see the setting requests.keep_days.',
          params: runParams,
          querystring: contract.requestsQuery,
          response: answers(contract.requestsAnswer),
        },
      },
      async ({ params, query: { cursor, limit, find, ...query } }) => {
        await getRun(params.run_id);
        const found = await listRequests(pool, params.run_id, {
          ...query,
          find,
          after: cursor,
          limit: limit + 1,
        });
        const page = found.slice(0, limit);
        return {
          requests: page.map(toRequest),
          next_cursor: found.length > page.length ? (page.at(-1)?.n ?? null) : null,
        };
      },
    );
  };

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
  requests_planned: run.requestsPlanned,
  bytes: run.bytes,
  created_at: toInstant(run.createdAt),
  completed_at: run.completedAt === null ? null : toInstant(run.completedAt),
  error_code: run.errorCode,
  error_message: run.errorMessage,
});

const toRequest = (
  request: NumberedRequest,
): z.infer<typeof contract.requestsAnswer>['requests'][number] => ({
  n: request.n,
  attempt: request.attempt,
  purpose: request.purpose,
  route: request.route,
  symbol: request.symbol,
  timeframe: timeframeOf(request.route),
  from: request.from,
  to: request.to,
  started_at: new Date(request.endedAt.getTime() - request.netMs - request.waitMs).toISOString(),
  wait_ms: request.waitMs,
  network_ms: Math.max(0, request.netMs - (request.parseMs ?? 0)),
  parse_ms: request.parseMs,
  store_ms: request.storeMs,
  status: request.status,
  tries: request.tries,
  bytes: request.bytes,
  rows: request.rows,
  request_id: request.requestId,
  error_code: request.errorCode,
  error_words: request.errorCode === null ? null : wordsOf(request.errorCode),
});

/** Of the routes that bring bars. */
const timeframeOf = (route: string): 'hourly' | 'daily' | null =>
  route.endsWith('hourly') ? 'hourly' : route.endsWith('daily') ? 'daily' : null;
