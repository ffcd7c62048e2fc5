import { expect, it } from 'vitest';
import type { NumberedEvent } from '../../src/storage/outbox.ts';
import type { TestDatabase } from '../support/postgres.ts';
import { redisPassword, startPlatform } from '../support/platform.ts';
import { run } from '../support/program.ts';
import { describeWithRedis, startRedis } from '../support/redis.ts';
import { subscribe } from '../support/subscriber.ts';

const NOW = '2026-01-06T12:00:00Z';

async function eventsOf(database: TestDatabase): Promise<NumberedEvent[]> {
  const { rows } = await database.pool.query<NumberedEvent>(
    'SELECT number::int, channel, event, run_id AS "runId", message FROM events ORDER BY number',
  );
  return rows;
}

describeWithRedis('Redis that goes away', () => {
  it('in mid-run delays events and nothing else: all but late progress arrives, in order', async (context) => {
    const { redis, database, serve } = await startPlatform(context, NOW, '--latency', '200');
    const subscriber = await subscribe(redis.url);
    context.onTestFinished(() => subscriber.close());
    const service = await serve({ DATA_IMPORT_PROCESSING_PARALLEL_WORKERS: '2' });
    const ask = { universes: ['dow30'], timeframes: ['daily'], lookback_days: 60 };
    const { body } = await service.ask('/api/processing/import/trigger', ask);
    await subscriber.until(({ event, payload }) => event === 'job_progress_update' && payload.processed > 0);
    await redis.stop();
    const heardBefore = subscriber.heard.length;

    // The run ends while nobody can be told.
    await expect
      .poll(async () => (await service.ask(`/api/processing/import/status/${body.run_id}`)).body.status, {
        timeout: 30_000,
      })
      .toBe('completed');
    expect(subscriber.heard).toHaveLength(heardBefore);
    expect((await service.ask('/ready')).body).toMatchObject({
      ready: true,
      checks: expect.arrayContaining([expect.objectContaining({ name: 'redis', ok: false })]),
    });
    expect((await service.ask('/metrics')).body).toMatch(/^tickstock_redis_up 0$/m);

    const again = await startRedis(redisPassword, redis.port);
    context.onTestFinished(() => again.stop());
    await subscriber.until(({ event }) => event === 'data_import_completed');
    const written = await eventsOf(database);
    const heard = subscriber.heard.map(({ number }) => number);
    expect(heard).toEqual([...new Set(heard)].toSorted((a, b) => a - b));
    const missing = written.filter(({ number }) => !heard.includes(number));
    expect(missing.length).toBeGreaterThan(0);
    expect(new Set(missing.map(({ event }) => event))).toEqual(new Set(['job_progress_update']));
    expect(subscriber.of('job_progress_update').at(-1)?.payload.percentage).toBe(100);
    expect(subscriber.of('symbol_processing_complete')).toHaveLength(30);
  });

  it('is caught up with by whoever comes next when an import from the command line could not tell', async (context) => {
    const { redis, env } = await startPlatform(context, NOW, '--symbols', '5');
    const args = ['import', '--symbols', 'AAPL', '--timeframes', 'daily', '--lookback-days', '5'];
    await redis.stop();
    const untold = await run(args, { env });
    expect(untold.code).toBe(0);
    // Started, two of progress, the symbol, and the end.
    expect(untold.err).toContain('5 events wait for Redis; the next import or tickstock serve sends them.');

    const again = await startRedis(redisPassword, redis.port);
    context.onTestFinished(() => again.stop());
    const subscriber = await subscribe(redis.url);
    context.onTestFinished(() => subscriber.close());
    const told = await run(args, { env });
    expect([told.code, told.err.includes('wait for Redis')]).toEqual([0, false]);
    expect(
      subscriber.of('data_import_completed').map(({ payload }) => payload.total_records_imported),
    ).toEqual([2, 0]);
  });
});
