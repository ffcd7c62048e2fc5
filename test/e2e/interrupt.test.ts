import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { watchFirstBatch } from '../support/first-batch.ts';
import { type TestDatabase, createTestDatabase } from '../support/postgres.ts';
import { run, sandboxOfFile, startProgram } from '../support/program.ts';

const INTERRUPTED = 'Interrupted. What is stored stays; run the same command again to go on.';
const sandbox = sandboxOfFile('2026-01-06T12:00:00Z', '--symbols', '12', '--latency', '60');
const IMPORT =
  'import --symbols AAPL,AMGN,AMZN,AXP,BA,BCPC,BCpC,BRK.B,CAT,CRM,CSCO,CVX --timeframes daily --lookback-days 30 --parallel-workers 1'.split(
    ' ',
  );

describe('an import that is interrupted', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());
  const env = (): Record<string, string> => ({ ...sandbox().env, DATABASE_URL: database.url });

  it.each<[signal: 'SIGINT' | 'SIGTERM', flags: string[], says: (stored: number, left: number) => RegExp]>([
    [
      'SIGINT',
      [],
      (stored, left) =>
        new RegExp(
          `^Import cancelled: ${stored}/12 symbols in [\\d.]+ s [^]*\\nLeft: ${left} symbols?, at least ${left} requests?: 1 s at the pacing\\nGo on with it: tickstock import --resume [-\\w]{36}\\n$`,
        ),
    ],
    [
      'SIGTERM',
      ['--json'],
      (_stored, left) =>
        new RegExp(
          `"status":"cancelled"[^]*"left":{"symbols":${left},"requests":${left},"seconds":1}[^]*"error_message":"${INTERRUPTED}"`,
        ),
    ],
  ])('by %s ends with one message and goes on when run again', async (signal, flags, says) => {
    await database.pool.query('TRUNCATE bars_daily, coverage, processing_runs CASCADE');
    const watch = await watchFirstBatch(database.url);
    const program = startProgram([...IMPORT, ...flags], { env: env() });
    await watch.stored;
    program.process.kill(signal);
    const { code, out, err } = await program.ended;
    await watch.close();
    expect(code).toBe(130);
    expect(err.split('\n').filter((line) => !/^(AAPL|\d)/.test(line))).toEqual([
      `tickstock: ${INTERRUPTED}`,
      '',
    ]);
    const { rows } = await database.pool.query(
      `SELECT r.status, r.error_code, r.error_message, completed_items AS completed, failed_items AS failed,
              (SELECT count(*)::int FROM symbol_processing_status s WHERE s.status = 'completed') AS symbols_completed,
              (SELECT count(*)::int FROM symbol_processing_status s WHERE s.status = 'pending') AS symbols_pending,
              (SELECT count(DISTINCT symbol)::int FROM bars_daily) AS symbols_stored
         FROM processing_runs r JOIN processing_progress USING (run_id)`,
    );
    const stored = rows[0].symbols_stored as number;
    expect(stored).toBeGreaterThan(0);
    expect(stored).toBeLessThan(12);
    expect(rows).toEqual([
      {
        status: 'cancelled',
        error_code: 'CANCELLED',
        error_message: INTERRUPTED,
        completed: stored,
        failed: 0,
        symbols_completed: stored,
        symbols_pending: 12 - stored,
        symbols_stored: stored,
      },
    ]);

    expect(out).toMatch(says(stored, 12 - stored));

    const again = await run([...IMPORT, '--json'], { env: env() });
    expect(again.code).toBe(0);
    expect(JSON.parse(again.out)).toMatchObject({
      successful_symbols: 12,
      records: { new: (12 - stored) * 19, changed: 0, unchanged: 0, rejected: 0 },
    });
  });

  it('goes on as the same run when it is retried, with the symbols it did not get to', async () => {
    const { rows } = await database.pool.query(
      `SELECT run_id, completed_items AS done FROM processing_runs JOIN processing_progress USING (run_id) WHERE status = 'cancelled'`,
    );
    const { run_id: runId, done } = rows[0] as { run_id: string; done: number };
    const barRequests = async (): Promise<number> => {
      const { routes } = await sandbox().stats();
      return (routes['aggregates/day']?.requests ?? 0) + (routes['grouped-daily']?.requests ?? 0);
    };
    const asked = await barRequests();
    const { code, out } = await run(['retry', runId, '--json'], { env: env() });
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      run_id: runId,
      status: 'completed',
      successful_symbols: 12,
      left: null,
      stopped_by: null,
    });
    expect(done).toBeLessThan(12);
    // What another run has brought since is not asked for again.
    expect(await barRequests()).toBe(asked);
    const retried = await database.pool.query(
      'SELECT sum(retry_count)::int AS retries FROM symbol_processing_status WHERE run_id = $1',
      [runId],
    );
    expect(retried.rows).toEqual([{ retries: 0 }]);

    const nothing = await run(['retry', runId], { env: env() });
    expect([nothing.code, nothing.err]).toEqual([
      2,
      `tickstock: Nothing to retry: every symbol of run ${runId} has been imported.\n`,
    ]);
  });

  it('ends at once when it is interrupted twice, and its run goes on', async () => {
    await database.pool.query('TRUNCATE bars_daily, coverage, processing_runs CASCADE');
    const watch = await watchFirstBatch(database.url);
    const program = startProgram([...IMPORT, '--json'], { env: env() });
    await watch.stored;
    // Of two signals of one kind the second may go under.
    program.process.kill('SIGINT');
    program.process.kill('SIGTERM');
    const { code, out } = await program.ended;
    await watch.close();
    expect([code, out]).toEqual([130, '']);
    const { rows } = await database.pool.query('SELECT status, attempt FROM processing_runs');
    expect(rows).toEqual([{ status: 'in_progress', attempt: 1 }]);
    const again = await run([...IMPORT, '--json'], { env: env() });
    expect([again.code, JSON.parse(again.out)]).toMatchObject([0, { successful_symbols: 12 }]);
    const after = await database.pool.query('SELECT status, attempt FROM processing_runs');
    expect(after.rows).toEqual([{ status: 'completed', attempt: 2 }]);
  });
});
