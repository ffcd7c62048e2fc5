import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, describe, expect, it } from 'vitest';
import { messageSchema } from '../../src/events/contract.ts';
import { channels } from '../../src/events/event-names.ts';
import { retryAnswer, statusAnswer, triggerAnswer } from '../../src/http/contract.ts';
import { guideQueries } from '../phase2/guide-queries.ts';
import type { TestDatabase } from '../support/postgres.ts';
import { type SandboxProcess, startSandboxProgram } from '../support/program.ts';
import { startPlatform } from '../support/platform.ts';
import { describeWithRedis } from '../support/redis.ts';
import { scratchDatabase } from '../support/scratch-database.ts';
import { type ServiceProcess, startService } from '../support/service.ts';
import { describeWithContract } from '../support/shared-data.ts';
import { type Heard, type Subscriber, subscribe } from '../support/subscriber.ts';

const NOW = '2026-01-06T12:00:00Z';
/** Of the generated market but `ZZZZ`, which the vendor does not know; AMGN is throttled, BCPC fails for good. */
const GOOD = ['AAPL', 'AMZN', 'BA', 'CAT', 'CRM', 'CSCO', 'CVX', 'DIS'];
const SYMBOLS = [...GOOD, 'AMGN', 'BCPC', 'ZZZZ'].toSorted();

interface Stage {
  readonly database: TestDatabase;
  readonly sandbox: SandboxProcess;
  readonly service: ServiceProcess;
  readonly subscriber: Subscriber;
}

/** Everything a platform has around it: sandbox, PostgreSQL, Redis, the service, and somebody who listens. */
async function setStage(context: TestContext, ...flags: readonly string[]): Promise<Stage> {
  const platform = await startPlatform(context, NOW, ...flags);
  const subscriber = await subscribe(platform.redis.url);
  context.onTestFinished(() => subscriber.close());
  const service = await platform.serve({
    DATA_IMPORT_POLYGON_MAX_TRIES: '2',
    DATA_IMPORT_POLYGON_RETRY_BASE_MS: '5',
    DATA_IMPORT_STORAGE_BATCH_SIZE: '50',
    DATA_IMPORT_PROCESSING_PARALLEL_WORKERS: '2',
    DATA_IMPORT_PROCESSING_SUCCESS_THRESHOLD: '70',
  });
  return { ...platform, service, subscriber };
}

const FAULTS = [
  '--fault',
  'throttle-retry-after=symbol:AMGN,first:1,seconds:1',
  '--fault',
  'http-500=symbol:BCPC',
];
const isEnd =
  (attempt: number) =>
  ({ event, payload }: Heard): boolean =>
    event === 'data_import_completed' && payload.attempt === attempt;

/** What must hold of any attempt, told from its messages alone. */
function checkAttempt(heard: readonly Heard[], total: number): void {
  const order = heard.filter(({ channel }) => channel === channels.monitoring).map(({ event }) => event);
  expect([order[0], order.at(-1)]).toEqual(['data_import_started', 'data_import_completed']);
  const updates = heard.filter(({ event }) => event === 'job_progress_update');
  let last = -1;
  for (const { payload } of updates) {
    expect(payload.processed).toBe(payload.completed + payload.failed);
    expect(payload.remaining).toBe(total - payload.processed);
    expect(payload.percentage).toBe(Math.floor((payload.processed * 10_000) / total) / 100);
    expect(payload.percentage).toBeGreaterThanOrEqual(last);
    last = payload.percentage;
  }
  expect(last).toBe(100);
  // As many symbols have been told of as the progress that follows counts.
  const before = updates[0]?.payload.processed;
  const told = updates.map(
    ({ number }) =>
      heard.filter((one) => one.event === 'symbol_processing_complete' && one.number < number).length,
  );
  expect(updates.map(({ payload }) => payload.processed - before)).toEqual(told);
}

describeWithRedis("the platform's view of a run and its retry", () => {
  it('over HTTP, Redis and the database agrees at every step', async (context) => {
    const { database, sandbox, service, subscriber } = await setStage(context, ...FAULTS);
    const trigger = await service.ask('/api/processing/import/trigger', {
      symbols: SYMBOLS,
      timeframes: ['daily', 'weekly'],
      lookback_days: 30,
    });
    expect(trigger.status).toBe(200);
    expect(triggerAnswer.parse(trigger.body)).toEqual(trigger.body);
    const { run_id: runId } = trigger.body;
    const end = await subscriber.until(isEnd(1));

    const first = [...subscriber.heard];
    expect(first.map(({ number }) => number)).toEqual(first.map((_, index) => index + 1));
    for (const { event, message } of first) expect(messageSchema(event).parse(message)).toEqual(message);
    checkAttempt(first, SYMBOLS.length);
    expect(first[0]?.payload).toEqual({
      run_id: runId,
      universe_names: [],
      total_symbols: 11,
      timeframes: ['daily', 'weekly'],
      lookback_days: { daily: 30, weekly: 30 },
      attempt: 1,
    });
    expect(end.payload).toMatchObject({
      run_id: runId,
      status: 'completed',
      total_symbols: 11,
      successful_symbols: 9,
      failed_symbols: 2,
      success_rate: 81.81,
      attempt: 1,
    });
    const symbols = subscriber.of('symbol_processing_complete').map(({ payload }) => payload);
    expect(symbols.map(({ symbol, success }) => `${symbol} ${success}`).toSorted()).toEqual(
      SYMBOLS.map((symbol) => `${symbol} ${symbol !== 'BCPC' && symbol !== 'ZZZZ'}`),
    );
    const imported = symbols.reduce((sum, payload) => sum + payload.records_imported, 0);
    expect(imported).toBe(end.payload.total_records_imported);

    // One error each for what throttled, failed and is unknown, on a channel of their own.
    const errors = subscriber.of('critical_error');
    expect(errors.every(({ channel }) => channel === channels.errors)).toBe(true);
    const facts = errors.map(({ payload }) => [
      payload.context.symbol,
      payload.error_code,
      payload.recovery_action,
      payload.component,
    ]);
    expect(facts.toSorted()).toEqual([
      ['AMGN', 'API_RATE_LIMIT', 'automatic_retry', 'massive_fetcher'],
      ['BCPC', 'VENDOR_RESPONSE_INVALID', 'retry_or_manual', 'massive_fetcher'],
      ['ZZZZ', 'SYMBOL_NOT_FOUND', 'skip_and_continue', 'massive_fetcher'],
    ]);
    expect(errors.find(({ payload }) => payload.error_code === 'API_RATE_LIMIT')?.payload.context).toEqual({
      symbol: 'AMGN',
      retry_after: 1,
      run_id: runId,
    });

    // The database, asked as the guide asks, and the status say what the last event said.
    await expectAgreement(database, service, runId, end);
    const { rows: failed } = await database.pool.query(
      guideQueries.failedForRetry.replace('current-run-id', runId),
    );
    expect(failed).toMatchObject([
      { symbol: 'BCPC', retry_count: 0 },
      { symbol: 'ZZZZ', retry_count: 0 },
    ]);

    // The vendor recovers; what failed is tried again as the next attempt.
    await fetch(`${sandbox.url}/sandbox/faults`, { method: 'POST', body: '{"faults":[]}' });
    const retry = await service.ask('/api/processing/import/retry', { run_id: runId });
    expect(retryAnswer.parse(retry.body)).toMatchObject({
      success: true,
      retry_count: 2,
      message: 'Retry initiated for 2 symbols',
      attempt: 2,
    });
    const secondEnd = await subscriber.until(isEnd(2));
    const second = subscriber.heard.slice(first.length);
    checkAttempt(second, SYMBOLS.length);
    expect(second.map(({ number }) => number)).toEqual(second.map((_, index) => first.length + index + 1));
    expect(second.find(({ event }) => event === 'job_progress_update')?.payload).toMatchObject({
      completed: 9,
      failed: 0,
      percentage: 81.81,
      current_symbol: 'BCPC',
      attempt: 2,
    });
    expect(secondEnd.payload).toMatchObject({
      successful_symbols: 10,
      failed_symbols: 1,
      success_rate: 90.9,
    });
    await expectAgreement(database, service, runId, secondEnd);

    const again = await service.ask('/api/processing/import/retry', {
      run_id: runId,
      symbols: ['AAPL', 'NOPE'],
    });
    expect([again.status, again.body.code]).toEqual([400, 'CONFIG_INVALID']);
    expect(again.body.detail).toContain('AAPL, NOPE');
    const { err } = await service.stop();
    const lines = err.split('\n').filter((line) => line.includes('BCPC'));
    expect(lines.every((line) => line.includes(`"run_id":"${runId}"`))).toBe(true);
    expect(lines.length).toBeGreaterThan(0);
  });

  async function expectAgreement(
    database: TestDatabase,
    service: ServiceProcess,
    runId: string,
    { payload }: Heard,
  ): Promise<void> {
    const processed = payload.successful_symbols + payload.failed_symbols;
    const percentage = Math.floor((processed * 10_000) / payload.total_symbols) / 100;
    const { rows } = await database.pool.query<{ estimated_completion: Date }>(
      guideQueries.importStatus.replace('current-run-id', runId),
    );
    expect(rows).toMatchObject([
      {
        total_items: payload.total_symbols,
        completed_items: payload.successful_symbols,
        failed_items: payload.failed_symbols,
        percent_complete: percentage,
      },
    ]);
    const { body } = await service.ask(`/api/processing/import/status/${runId}`);
    expect(statusAnswer.parse(body)).toEqual(body);
    const { rows: failed } = await database.pool.query<{ symbol: string }>(
      guideQueries.failedSymbols.replace('%s', '$1'),
      [runId],
    );
    expect(body).toMatchObject({
      run_id: runId,
      status: payload.status,
      phase: 'data_import',
      progress: {
        percentage: Math.floor(percentage * 10) / 10,
        symbols_completed: processed,
        symbols_total: payload.total_symbols,
      },
      stats: {
        records_imported: payload.total_records_imported,
        failed_symbols: failed.map(({ symbol }) => symbol).toSorted(),
      },
    });
  }

  it('tells a cancelled run from a completed one, and lets it go on', async (context) => {
    const { service, subscriber } = await setStage(context, '--latency', '200');
    const { body } = await service.ask('/api/processing/import/trigger', {
      universes: ['dow30'],
      timeframes: ['daily'],
    });
    await subscriber.until(({ event, payload }) => event === 'job_progress_update' && payload.processed > 0);
    const overlapping = await service.ask('/api/processing/import/trigger', { symbols: ['WMT'] });
    expect([overlapping.status, overlapping.body.code, overlapping.body.run_id]).toEqual([
      409,
      'RUN_CONFLICT',
      body.run_id,
    ]);
    const cancel = await service.ask('/api/processing/import/cancel', { run_id: body.run_id });
    expect(cancel.status).toBe(200);
    const end = await subscriber.until(isEnd(1));
    expect(end.payload).toMatchObject({ status: 'cancelled', error_code: 'CANCELLED' });
    const last = subscriber.of('job_progress_update').at(-1);
    expect(last?.payload.processed).toBe(end.payload.successful_symbols + end.payload.failed_symbols);
    expect(subscriber.of('critical_error')).toEqual([]);
    const status = await service.ask(`/api/processing/import/status/${body.run_id}`);
    expect(status.body).toMatchObject({ status: 'cancelled', error_code: 'CANCELLED' });
    const retry = await service.ask('/api/processing/import/retry', { run_id: body.run_id });
    expect(retry.body.retry_count).toBe(30 - end.payload.successful_symbols);
  });

  it('tells of a refused key once, as what stopped the run', async (context) => {
    const { service, subscriber } = await setStage(context, '--fault', 'key-revoked=route:aggregates');
    await service.ask('/api/processing/import/trigger', { symbols: GOOD, timeframes: ['daily'] });
    const end = await subscriber.until(isEnd(1));
    expect(end.payload).toMatchObject({ status: 'failed', error_code: 'API_KEY_INVALID' });
    expect(subscriber.of('critical_error').map(({ payload }) => payload)).toMatchObject([
      {
        severity: 'critical',
        component: 'massive_fetcher',
        error_code: 'API_KEY_INVALID',
        recovery_action: 'manual_configuration',
      },
    ]);
  });

  it('parks a run when the service is stopped, whole as far as it got, within ten seconds', async (context) => {
    const { service, subscriber, database } = await setStage(context, '--latency', '200');
    const { body } = await service.ask('/api/processing/import/trigger', {
      universes: ['dow30'],
      timeframes: ['daily'],
    });
    await subscriber.until(({ event, payload }) => event === 'job_progress_update' && payload.processed > 0);
    const stoppedAt = performance.now();
    const { code } = await service.stop();
    expect(code).toBe(0);
    expect(performance.now() - stoppedAt).toBeLessThan(10_000);
    const end = await subscriber.until(isEnd(1));
    expect(end.payload).toMatchObject({ run_id: body.run_id, status: 'parked' });
    const { rows } = await database.pool.query(
      `SELECT status, count(*)::int AS symbols FROM symbol_processing_status GROUP BY 1 ORDER BY 1`,
    );
    expect(rows).toEqual([
      { status: 'completed', symbols: end.payload.successful_symbols },
      { status: 'pending', symbols: 30 - end.payload.successful_symbols },
    ]);
  });
});

describeWithContract("The guide's examples of HTTP", (folder) => {
  const example = (name: string): { request: { body: object }; response: object } =>
    JSON.parse(readFileSync(path.join(folder, 'examples', `api-${name}.json`), 'utf8'));

  it('are answered field by field', async (context) => {
    const database = await scratchDatabase(context);
    const sandbox = await startSandboxProgram(NOW, '--symbols', '5');
    context.onTestFinished(() => sandbox.stop());
    const service = await startService({ ...sandbox.env, DATABASE_URL: database.url });
    context.onTestFinished(async () => void (await service.stop()));
    const { request, response } = example('trigger');
    const trigger = await service.ask('/api/processing/import/trigger', request.body);
    expect(trigger.status).toBe(200);
    expect(shapeOf(trigger.body)).toMatchObject(shapeOf(response) as object);
    expect(trigger.body.message).toBe('Import job started');
    const status = await service.ask(`/api/processing/import/status/${trigger.body.run_id}`);
    expect(shapeOf(status.body)).toMatchObject(shapeOf(example('status').response) as object);
  });

  /** The names of an example's fields and the types of their values. */
  function shapeOf(value: unknown): unknown {
    if (Array.isArray(value)) return 'list';
    if (typeof value !== 'object' || value === null) return typeof value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)]));
  }
});

describe('the service', () => {
  it('answers for the market, its schedule and its health without Redis or a key of the vendor', async (context) => {
    const database = await scratchDatabase(context);
    const service = await startService({ DATABASE_URL: database.url });
    context.onTestFinished(async () => void (await service.stop()));
    expect((await service.ask('/health')).body).toEqual({ status: 'ok' });
    expect((await service.ask('/ready')).body).toMatchObject({ ready: true });
    expect((await service.ask('/api/market/status')).status).toBe(200);
    const refused = await service.ask('/api/processing/import/trigger', { symbols: ['AAPL'] });
    expect([refused.status, refused.body.code]).toEqual([503, 'API_KEY_INVALID']);
    expect(refused.body.detail).toContain('MASSIVE_API_KEY');
  });
});
