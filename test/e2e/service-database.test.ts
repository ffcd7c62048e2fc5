import { describe, expect, it } from 'vitest';
import { messageSchema } from '../../src/events/contract.ts';
import { startSandboxProgram, run, startProgram } from '../support/program.ts';
import { watchFirstBatch } from '../support/first-batch.ts';
import { scratchDatabase } from '../support/scratch-database.ts';
import { startPlatform } from '../support/platform.ts';
import { describeWithRedis } from '../support/redis.ts';
import { startService } from '../support/service.ts';
import { subscribe } from '../support/subscriber.ts';

const NOW = '2026-01-06T12:00:00Z';

describe('the service without its database', () => {
  it('ends, and says why, when it goes away while the service starts', async (context) => {
    const database = await scratchDatabase(context);
    const { pool, connection } = database;
    const role = `narrow_${connection.database}`;
    // Room for the service, none for the thread that imports.
    await pool.query(`CREATE ROLE ${role} LOGIN CONNECTION LIMIT 1 IN ROLE ${connection.user}`);
    context.onTestFinished(async () => void (await pool.query(`DROP ROLE ${role}`)));
    const { code, err } = await run(['serve', '--port', '0'], {
      env: {
        DATABASE_URL: database.url.replace(/user=.+/, `user=${role}`),
        REDIS_URL: 'redis://127.0.0.1:1',
      },
    });
    expect([code, err]).toEqual([75, expect.stringMatching(/tickstock: Could not open the database/)]);
  });

  it('says so as a problem, not as a defect, and lets known keys see the figures', async (context) => {
    const database = await scratchDatabase(context);
    const key = (
      await run(['keys', 'add', 'prometheus'], { env: { DATABASE_URL: database.url } })
    ).out.trim();
    const service = await startService({
      DATABASE_URL: database.url,
      DATA_IMPORT_SERVICE_REQUIRE_KEYS: 'true',
    });
    const ask = (path: string): Promise<Response> =>
      fetch(service.url + path, { headers: { 'x-api-key': key } });
    expect((await ask('/metrics')).status).toBe(200);
    const { database: name } = database.connection;
    // A database cannot be closed to others from within.
    const { pool } = await scratchDatabase(context);
    await pool.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
    await pool.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [name]);
    const answers = await Promise.all(
      [
        '/api/processing/import/runs',
        '/ready',
        '/health',
        '/metrics',
        '/api/processing/pacing',
        '/api/attention',
      ].map(async (path) => {
        const response = await ask(path);
        return { path, status: response.status, text: await response.text() };
      }),
    );
    expect(answers.map(({ path, status }) => `${path} ${status}`)).toEqual([
      '/api/processing/import/runs 503',
      '/ready 503',
      '/health 200',
      '/metrics 200',
      '/api/processing/pacing 503',
      '/api/attention 200',
    ]);
    expect(answers.at(-1)?.text).toContain('"title":"The database is away"');
    expect(answers[0]?.text).toContain('"code":"STORAGE_FAILED"');
    expect(answers.map(({ text }) => text).join('')).not.toContain(database.url);
    await pool.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
    await expect.poll(async () => (await ask('/ready')).status).toBe(200);
    const { err } = await service.stop();
    expect(err).not.toContain(database.url);
  });
});

describeWithRedis('a run that loses its database', () => {
  it('is told of over Redis all the same, and ends well once the database is back', async (context) => {
    const { redis, database, serve } = await startPlatform(context, NOW, '--latency', '200');
    const { pool } = await scratchDatabase(context);
    const subscriber = await subscribe(redis.url);
    context.onTestFinished(() => subscriber.close());
    const service = await serve();
    const ask = { universes: ['dow30'], timeframes: ['daily'] };
    const { body } = await service.ask('/api/processing/import/trigger', ask);
    await subscriber.until(({ event }) => event === 'symbol_processing_complete');
    const { database: name } = database.connection;
    await pool.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
    await pool.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [name]);
    const { message, payload } = await subscriber.until(({ event }) => event === 'critical_error');
    expect(messageSchema('critical_error').parse(message)).toEqual(message);
    expect(payload).toMatchObject({
      severity: 'error',
      component: 'ohlcv_storage_service',
      error_code: 'STORAGE_FAILED',
      context: { run_id: body.run_id },
      recovery_action: 'retry_or_manual',
    });
    await pool.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
    const end = await subscriber.until(({ event }) => event === 'data_import_completed');
    expect(end.payload).toMatchObject({
      run_id: body.run_id,
      status: 'completed',
      successful_symbols: 30,
      total_records_imported: 30 * 250,
    });
  });
});

describe('a run whose process was killed', () => {
  it(
    'is refused to others while it may live, and taken up by the service',
    { timeout: 120_000 },
    async (context) => {
      const database = await scratchDatabase(context);
      // Slow enough to be at work still when another program has come and gone.
      const sandbox = await startSandboxProgram(NOW, '--latency', '1000');
      context.onTestFinished(() => sandbox.stop());
      const env = { ...sandbox.env, DATABASE_URL: database.url };
      const importing = startProgram(
        ['import', '--universe', 'dow30', '--timeframes', 'daily', '--parallel-workers', '2'],
        { env },
      );
      const watch = await watchFirstBatch(database.url);
      await watch.stored;
      await watch.close();
      const { rows } = await database.pool.query<{ run_id: string }>('SELECT run_id FROM processing_runs');
      const runId = rows[0]!.run_id;
      const early = await run(['retry', runId], { env });
      expect([early.code, early.err]).toEqual([2, expect.stringContaining('is still in progress')]);
      importing.process.kill('SIGKILL');
      await importing.ended;
      const service = await startService(env);
      context.onTestFinished(async () => void (await service.stop()));
      await expect
        .poll(async () => (await service.ask(`/api/processing/import/status/${runId}`)).body, {
          timeout: 60_000,
        })
        .toMatchObject({ status: 'completed' });
      const counts = await database.pool.query(
        `SELECT r.attempt, r.records_imported::int, sum(s.records_imported)::int AS of_symbols, (SELECT count(*)::int FROM bars_daily) AS bars,
              (SELECT count(*)::int FROM events WHERE event = 'data_import_started') AS starts,
              (SELECT count(*)::int FROM events WHERE event = 'data_import_completed') AS ends,
              (SELECT count(*)::int FROM events WHERE event = 'symbol_processing_complete') AS symbols
         FROM processing_runs r JOIN symbol_processing_status s USING (run_id) GROUP BY r.run_id`,
      );
      const bars = 30 * 250;
      expect(counts.rows).toEqual([
        { attempt: 2, records_imported: bars, of_symbols: bars, bars, starts: 1, ends: 1, symbols: 30 },
      ]);
    },
  );

  it('goes on by the same command, or by its number', { timeout: 120_000 }, async (context) => {
    const database = await scratchDatabase(context);
    const sandbox = await startSandboxProgram(NOW, '--latency', '300');
    context.onTestFinished(() => sandbox.stop());
    const env = { ...sandbox.env, DATABASE_URL: database.url };
    const command = [
      'import',
      '--universe',
      'dow30',
      '--timeframes',
      'daily',
      '--parallel-workers',
      '2',
      '--json',
    ];
    const ids: string[] = [];
    for (const again of [command, ['import', '--resume', 'RUN', '--json']]) {
      await database.pool.query('TRUNCATE bars_daily, coverage, processing_runs CASCADE');
      const importing = startProgram(command, { env });
      const watch = await watchFirstBatch(database.url);
      await watch.stored;
      await watch.close();
      importing.process.kill('SIGKILL');
      await importing.ended;
      const { rows } = await database.pool.query<{ run_id: string }>('SELECT run_id FROM processing_runs');
      ids.push(rows[0]!.run_id);
      const { code, out } = await run(
        again.map((word) => (word === 'RUN' ? ids.at(-1)! : word)),
        { env },
      );
      expect([code, JSON.parse(out)]).toMatchObject([
        0,
        { run_id: ids.at(-1), status: 'completed', successful_symbols: 30 },
      ]);
    }
  });
});
