import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type TestContext, expect, it } from 'vitest';
import { guideQueries } from '../phase2/guide-queries.ts';
import { describeWhere } from '../support/describe-where.ts';
import { redisPassword, startPlatform } from '../support/platform.ts';
import { startRedis } from '../support/redis.ts';

const CLIENT = fileURLToPath(new URL('../support/platform_client.py', import.meta.url));
const NOW = '2026-01-06T12:00:00Z';
// The system's own Python has Debian's packages; another one may come first in the path.
const python = ['python3', '/usr/bin/python3'].find(
  (program) => spawnSync(program, ['-c', 'import redis']).status === 0,
);
const isInstalled = python !== undefined && spawnSync('redis-server', ['--version']).status === 0;

type Shown = { readonly show: string } & Readonly<Record<string, unknown>>;

/** The Python client, listening; what it shows until it has seen the end of an import. */
async function startClient(
  { onTestFinished }: TestContext,
  redisUrl: string,
): Promise<{ readonly shown: Shown[]; readonly ended: Promise<unknown> }> {
  const client = spawn(python!, [CLIENT, redisUrl], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void client.kill());
  const shown: Shown[] = [];
  const lines = createInterface({ input: client.stdout });
  const ended = once(client, 'close');
  lines.on('line', (line) => {
    const one = JSON.parse(line) as Shown;
    if (one.show !== 'ready') shown.push(one);
  });
  // It listens with its first line.
  await once(lines, 'line');
  return { shown, ended };
}

describeWhere(isInstalled, 'redis-server and python3-redis', "The platform's own client, in Python", () => {
  it('shows progress, failures, errors and the end of an import', async (context) => {
    const { redis, database, serve } = await startPlatform(
      context,
      NOW,
      '--fault',
      'throttle-retry-after=symbol:CAT,first:1,seconds:1',
    );
    const service = await serve();
    const { shown, ended } = await startClient(context, redis.url);

    await service.ask('/api/universes', { name: 'four', members: ['AAPL', 'CAT', 'MSFT', 'ZZZZ'] });
    const { body } = await service.ask('/api/processing/import/trigger', {
      universes: ['four'],
      timeframes: ['daily', 'weekly'],
      lookback_days: 30,
    });
    await ended;

    expect(shown[0]).toEqual({ show: 'started', run_id: body.run_id, universes: ['four'], total: 4 });
    const progress = shown.filter(({ show }) => show === 'progress');
    expect(progress[0]).toMatchObject({
      bar: 0,
      symbol: 'Processing: AAPL',
      stats: 'Completed: 0 | Failed: 0 | Remaining: 4',
      zone: 'UTC',
    });
    expect(progress.at(-1)).toMatchObject({ bar: 100, stats: 'Completed: 3 | Failed: 1 | Remaining: 0' });
    expect(shown.filter(({ show }) => show === 'symbol failed')).toEqual([
      { show: 'symbol failed', symbol: 'ZZZZ' },
    ]);
    const errors = shown
      .filter(({ show }) => show === 'error')
      .map(({ code, symbol }) => `${code} ${symbol}`);
    expect(errors.toSorted()).toEqual(['API_RATE_LIMIT CAT', 'SYMBOL_NOT_FOUND ZZZZ']);
    expect(shown.at(-1)).toMatchObject({
      show: 'completed',
      run_id: body.run_id,
      symbols: 'Import completed: 3/4 symbols',
      rate: 'Success rate: 75.0%',
    });

    // Its warning about failed symbols comes from the database.
    const { rows } = await database.pool.query<{ symbol: string; error_message: string }>(
      guideQueries.failedSymbols.replace('%s', '$1'),
      [body.run_id],
    );
    expect(rows).toEqual([{ symbol: 'ZZZZ', error_message: expect.stringContaining('ZZZZ') }]);
  });

  it('misses nothing but late progress of an import during which Redis was restarted', async (context) => {
    const { redis, serve } = await startPlatform(context, NOW, '--latency', '150');
    const service = await serve({ DATA_IMPORT_PROCESSING_PARALLEL_WORKERS: '2' });
    const { shown, ended } = await startClient(context, redis.url);
    const ask = { symbols: ['AAPL', 'BA', 'CAT', 'CVX', 'DIS', 'IBM', 'ZZZZ'], timeframes: ['daily'] };
    const { body } = await service.ask('/api/processing/import/trigger', ask);
    await expect.poll(() => shown.length, { timeout: 10_000 }).toBeGreaterThan(1);
    await redis.stop();
    await expect
      .poll(async () => (await service.ask(`/api/processing/import/status/${body.run_id}`)).body.status, {
        timeout: 30_000,
      })
      .toBe('completed');
    const again = await startRedis(redisPassword, redis.port);
    context.onTestFinished(() => again.stop());
    await ended;
    expect(shown.filter(({ show }) => show === 'symbol failed')).toHaveLength(1);
    expect(shown.findLast(({ show }) => show === 'progress')).toMatchObject({ bar: 100 });
    expect(shown.at(-1)).toMatchObject({ show: 'completed', symbols: 'Import completed: 6/7 symbols' });
  });
});
