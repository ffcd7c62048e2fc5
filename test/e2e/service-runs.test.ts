import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attentionAnswer } from '../../src/http/contract-attention.ts';
import { pacingAnswer } from '../../src/http/contract-pacing.ts';
import { requestsAnswer, runSymbolsAnswer, runsAnswer } from '../../src/http/contract-runs.ts';
import { type TestDatabase, createTestDatabase } from '../support/postgres.ts';
import { type SandboxProcess, startSandboxProgram } from '../support/program.ts';
import { type ServiceProcess, startService } from '../support/service.ts';

const NOW = '2026-01-06T12:00:00Z';
const RUNS = '/api/processing/import/runs';

describe('what the service tells of a run that has ended', () => {
  let sandbox: SandboxProcess;
  let database: TestDatabase;
  let service: ServiceProcess;
  let runId: string;
  beforeAll(async () => {
    [sandbox, database] = await Promise.all([
      startSandboxProgram(NOW, '--symbols', '12', '--fault', 'http-500=symbol:BCPC'),
      createTestDatabase(),
    ]);
    service = await startService({
      ...sandbox.env,
      DATABASE_URL: database.url,
      DATA_IMPORT_POLYGON_MAX_TRIES: '2',
      DATA_IMPORT_POLYGON_RETRY_BASE_MS: '5',
      DATA_IMPORT_PROCESSING_SUCCESS_THRESHOLD: '50',
    });
    const { body } = await service.ask('/api/processing/import/trigger', {
      symbols: ['AAPL', 'AMGN', 'BCPC'],
      timeframes: ['hourly', 'daily'],
      lookback_days: 30,
    });
    runId = body.run_id;
    const isOver = async (): Promise<boolean> =>
      (await service.ask(`${RUNS}/${runId}`)).body.status !== 'in_progress';
    while (!(await isOver())) await delay(50);
  });
  afterAll(async () => {
    await service?.stop();
    await sandbox?.stop();
    await database?.drop();
  });

  it('is each of its requests: what it asked, its times and what came of it', async () => {
    const { status, body } = await service.ask(`${RUNS}/${runId}/requests?order=oldest`);
    expect(status).toBe(200);
    expect(requestsAnswer.parse(body)).toEqual(body);
    const { rows } = await database.pool.query('SELECT n, rows FROM requests WHERE run_id = $1 ORDER BY n', [
      runId,
    ]);
    expect(body.requests.map(({ n, rows: received }: { n: number; rows: number }) => [n, received])).toEqual(
      rows.map((row) => [row.n, row.rows]),
    );
    expect(body.requests).toContainEqual(
      expect.objectContaining({
        symbol: 'AAPL',
        timeframe: 'hourly',
        route: 'aggregates/hourly',
        status: 200,
        tries: 1,
        parse_ms: expect.any(Number),
        store_ms: expect.any(Number),
        error_code: null,
      }),
    );
    const failed = await service.ask(`${RUNS}/${runId}/requests?outcome=failed&find=bcpc&limit=1`);
    expect(failed.body.requests).toMatchObject([
      {
        symbol: 'BCPC',
        status: 500,
        tries: 2,
        error_code: 'VENDOR_RESPONSE_INVALID',
        error_words: 'an unusable answer',
      },
    ]);
    const next = await service.ask(
      `${RUNS}/${runId}/requests?outcome=failed&cursor=${failed.body.next_cursor}`,
    );
    expect(next.body.requests.every(({ n }: { n: number }) => n < failed.body.next_cursor)).toBe(true);
  });

  it('is its symbols by trouble, how many requests were planned, and its place among the runs', async () => {
    const symbols = await service.ask(`${RUNS}/${runId}/symbols?order=trouble`);
    expect(runSymbolsAnswer.parse(symbols.body)).toEqual(symbols.body);
    expect(symbols.body.symbols[0]).toMatchObject({
      symbol: 'BCPC',
      error_words: 'an unusable answer',
      recovery_action: 'retry_or_manual',
    });
    const { body: status } = await service.ask(`/api/processing/import/status/${runId}`);
    const { rows } = await database.pool.query(
      'SELECT requests, requests_planned FROM processing_runs WHERE run_id = $1',
      [runId],
    );
    expect(rows[0].requests_planned).toBeGreaterThan(0);
    expect(status).toMatchObject(rows[0]);
    const found = await service.ask(`${RUNS}?find=bcpc`);
    expect(runsAnswer.parse(found.body)).toEqual(found.body);
    expect(found.body.runs).toMatchObject([{ run_id: runId, ...rows[0] }]);
    expect((await service.ask(`${RUNS}?universe=sp500`)).body.runs).toEqual([]);
  });

  it('is what needs a person, until that is done', async () => {
    const { status, body } = await service.ask('/api/attention');
    expect(status).toBe(200);
    expect(attentionAnswer.parse(body)).toEqual(body);
    expect(body).toMatchObject({
      more: 0,
      items: [{ kind: 'symbols_failed', run_id: runId, action: { kind: 'retry', run_id: runId } }],
    });
    await fetch(`${sandbox.url}/sandbox/faults`, { method: 'POST', body: '{"faults":[]}' });
    await service.ask('/api/processing/import/retry', { run_id: body.items[0].action.run_id });
    await expect
      .poll(async () => (await service.ask('/api/attention')).body.items, { timeout: 60_000 })
      .toEqual([]);
  });

  it('is the pace of requests', async () => {
    const { body } = await service.ask('/api/processing/pacing');
    expect(pacingAnswer.parse(body)).toEqual(body);
    expect(body.allowed_per_second).toBeGreaterThan(0);
  });

  it('is not told to who asks wrongly, and every fault is', async () => {
    const { status, body } = await service.ask(
      `${RUNS}/${runId}/requests?outcome=lost&limit=501&cursor=-1&find=&more=1`,
    );
    expect([status, body.code]).toEqual([400, 'INPUT_INVALID']);
    expect(body.errors.map(({ place }: { place: string }) => place).toSorted()).toEqual([
      'query.cursor',
      'query.find',
      'query.limit',
      'query.more',
      'query.outcome',
    ]);
    for (const path of [`${RUNS}?find=`, `${RUNS}/${runId}/symbols?order=size`, '/api/attention/none'])
      expect((await service.ask(path)).status).toBe(path.endsWith('none') ? 404 : 400);
    expect(await service.ask(`${RUNS}/none/requests`)).toMatchObject({
      status: 404,
      body: { code: 'RUN_NOT_FOUND' },
    });
  });
});
