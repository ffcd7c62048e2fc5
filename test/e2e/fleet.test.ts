import { Redis } from 'ioredis';
import { type TestContext, expect, it } from 'vitest';
import type { Pool } from 'pg';
import { startWorkerProcess } from '../support/fleet.ts';
import { type Platform, startPlatform } from '../support/platform.ts';
import { run, startProgram } from '../support/program.ts';
import { describeWithRedis } from '../support/redis.ts';

const NOW = '2026-01-06T12:00:00Z';
/** A year of days for 30 symbols, asked of nobody here. */
const IMPORT = 'import --universe dow30 --timeframes daily --parallel-workers 0 --json'.split(' ');
const BARS = 30 * 250;

/** How many symbols each worker did. */
async function shares(pool: Pool): Promise<number[]> {
  const { rows } = await pool.query<{ symbols: number }>(
    'SELECT count(*)::int AS symbols FROM symbol_processing_status WHERE taken_by IS NOT NULL GROUP BY taken_by ORDER BY 1',
  );
  return rows.map(({ symbols }) => symbols);
}

const counts = async (pool: Pool): Promise<object> =>
  (
    await pool.query<object>(
      `SELECT r.status, r.records_imported::int AS imported, (SELECT count(*)::int FROM bars_daily) AS bars,
              (SELECT sum(records_imported)::int FROM symbol_processing_status) AS of_symbols,
              (SELECT count(*)::int FROM events WHERE event = 'symbol_processing_complete') AS symbols,
              (SELECT count(*)::int FROM run_answers) AS answers
         FROM processing_runs r`,
    )
  ).rows[0]!;
const complete = {
  status: 'completed',
  imported: BARS,
  bars: BARS,
  of_symbols: BARS,
  symbols: 30,
  answers: 0,
};

/** Resolves when so many symbols have ended. */
async function untilEnded(pool: Pool, symbols: number): Promise<void> {
  const ended = async (): Promise<number> => {
    const { rows } = await pool.query<{ n: number }>(
      'SELECT coalesce(max(completed_items), 0) AS n FROM processing_progress',
    );
    return rows[0]!.n;
  };
  await expect.poll(ended, { timeout: 60_000, interval: 20 }).toBeGreaterThanOrEqual(symbols);
}

describeWithRedis('a fleet of workers', () => {
  const start = async (context: TestContext, latency = 100): Promise<Platform & { pool: Pool }> => {
    const platform = await startPlatform(context, NOW, '--latency', String(latency));
    await run(['migrate'], { env: platform.env });
    return { ...platform, pool: platform.database.pool };
  };

  it('shares the symbols of a run, each in one request', async (context) => {
    const platform = await start(context);
    await startWorkerProcess(context, platform, '--slots', '2');
    await startWorkerProcess(context, platform, '--slots', '2');
    const { code, out } = await run(IMPORT, { env: platform.env });
    expect([code, JSON.parse(out)]).toMatchObject([
      0,
      { status: 'completed', requests: 31, successful_symbols: 30 },
    ]);
    const status = await run(['status'], { env: platform.env });
    expect(status.out).toMatch(/^fleet +2 workers with 4 slots$/m);
    expect(await counts(platform.pool)).toEqual(complete);
    const [least, most] = await shares(platform.pool);
    expect(least! + most!).toBe(30);
    expect(least).toBeGreaterThanOrEqual(6);
  });

  it('works days of all stocks too', async (context) => {
    const platform = await start(context, 10);
    await startWorkerProcess(context, platform, '--slots', '2');
    const few = [...IMPORT, '--from', '2025-12-15'];
    const { code, out } = await run(few, { env: platform.env });
    expect([code, JSON.parse(out)]).toMatchObject([0, { status: 'completed', successful_symbols: 30 }]);
    const { rows } = await platform.pool.query(
      'SELECT route, count(*)::int AS n FROM requests GROUP BY 1 ORDER BY 1',
    );
    expect(rows).toEqual([
      { route: 'grouped-daily', n: 14 },
      { route: 'splits', n: 1 },
    ]);
    expect((await platform.pool.query('SELECT count(*)::int AS n FROM bars_daily')).rows).toEqual([
      { n: 14 * 30 },
    ]);
    expect((await run(['verify'], { env: platform.env })).code).toBe(0);
  });

  it('loses nothing and counts nothing twice when a worker is killed, and one request a slot at most', async (context) => {
    const platform = await start(context);
    const victim = await startWorkerProcess(context, platform, '--slots', '2');
    await startWorkerProcess(context, platform, '--slots', '2');
    const importing = startProgram(IMPORT, { env: platform.env });
    await untilEnded(platform.pool, 4);
    victim.kill('SIGKILL');
    const { code } = await importing.ended;
    expect(code).toBe(0);
    expect(await counts(platform.pool)).toEqual(complete);
    expect((await platform.sandbox.stats()).total.requests).toBeLessThanOrEqual(31 + 2);
  });

  it('goes on when its queue is wiped by hand', async (context) => {
    const platform = await start(context);
    await startWorkerProcess(context, platform, '--slots', '2');
    const importing = startProgram(IMPORT, { env: platform.env });
    await untilEnded(platform.pool, 4);
    const redis = new Redis(platform.redis.url);
    await redis.flushall();
    redis.disconnect();
    expect((await importing.ended).code).toBe(0);
    expect(await counts(platform.pool)).toEqual(complete);
  });

  it('takes up the run of a conductor that was killed', async (context) => {
    const platform = await start(context);
    await startWorkerProcess(context, platform, '--slots', '2');
    const importing = startProgram([...IMPORT, '--parallel-workers', '1'], { env: platform.env });
    await untilEnded(platform.pool, 4);
    importing.process.kill('SIGKILL');
    await expect
      .poll(async () => (await platform.pool.query('SELECT status FROM processing_runs')).rows[0].status, {
        timeout: 60_000,
      })
      .toBe('completed');
    expect(await counts(platform.pool)).toEqual(complete);
  });

  it('pauses a run within a page, and goes on with it', async (context) => {
    const platform = await start(context);
    const { pool, env } = platform;
    await startWorkerProcess(context, platform, '--slots', '2');
    const importing = startProgram(IMPORT, { env });
    await untilEnded(pool, 4);
    const runId = (await pool.query('SELECT run_id FROM processing_runs')).rows[0].run_id as string;
    expect((await run(['pause', runId], { env })).code).toBe(0);
    const paused = await importing.ended;
    expect(JSON.parse(paused.out)).toMatchObject({ run_id: runId, status: 'paused' });
    expect(paused.err).toContain(`tickstock import --resume ${runId}`);
    const asked = (await platform.sandbox.stats()).total.requests;
    expect(asked).toBeLessThan(31);
    const { code } = await run(['import', '--resume', runId, '--parallel-workers', '0', '--json'], { env });
    expect(code).toBe(0);
    expect(await counts(pool)).toEqual(complete);
  });

  it('sets aside a symbol over which three workers died', async (context) => {
    const platform = await start(context, 10);
    await platform.pool.query(`
      CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        UPDATE symbol_processing_status SET lost_workers = 3 WHERE symbol = 'BA' AND status = 'pending'; RETURN NULL; END $$;
      CREATE TRIGGER poison AFTER INSERT ON processing_progress FOR EACH STATEMENT EXECUTE FUNCTION poison()`);
    await platform.pool.query(`
      CREATE TRIGGER poison AFTER INSERT ON symbol_processing_status FOR EACH STATEMENT EXECUTE FUNCTION poison()`);
    await startWorkerProcess(context, platform, '--slots', '2');
    const { code, out } = await run(IMPORT, { env: platform.env });
    expect([code, JSON.parse(out)]).toMatchObject([
      3,
      { successful_symbols: 29, failures: [{ symbol: 'BA', error_code: 'INTERNAL' }] },
    ]);
  });

  it('takes no worker of another version, and none without a queue', async (context) => {
    const platform = await start(context);
    await platform.pool.query(
      `INSERT INTO workers (worker, host, pid, version, slots, seen_at) VALUES ('w', 'other', 7, '9.9.9', 1, now() + interval '1 hour')`,
    );
    const { REDIS_URL: _, ...noQueue } = platform.env;
    expect((await run(['worker'], { env: noQueue })).err).toContain('Set REDIS_URL');
    const { code, err } = await run(['worker'], { env: platform.env });
    expect([code, err]).toEqual([
      2,
      expect.stringContaining('a worker of version 9.9.9 is at work (other, process 7)'),
    ]);
  });

  it.for(['older', 'newer'])('takes no worker on a schema that is %s than it', async (which, context) => {
    const { env, pool } = await start(context);
    await pool.query(
      which === 'older'
        ? 'DELETE FROM schema_migrations WHERE version > 1'
        : `INSERT INTO schema_migrations (version, name) VALUES (9999, 'future')`,
    );
    const { code, out, err } = await run(['worker'], { env });
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(
      which === 'older'
        ? /schema "public" is at version 1, this program works with \d+\. Bring it up to date .*: tickstock migrate\n$/
        : /schema "public" is at version 9999, this program works with \d+\. Upgrade this program\.\n$/,
    );
    expect((await pool.query('SELECT FROM workers')).rowCount).toBe(0);
  });
});
