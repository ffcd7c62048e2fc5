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

  it.each([
    ['SIGINT', []],
    ['SIGTERM', ['--json']],
  ] as const)('by %s ends with one message and goes on when run again', async (signal, flags) => {
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
    expect(out).toBe(
      flags.length === 0
        ? ''
        : `${JSON.stringify({ error_code: 'CANCELLED', error_message: INTERRUPTED })}\n`,
    );

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

    const again = await run([...IMPORT, '--json'], { env: env() });
    expect(again.code).toBe(0);
    expect(JSON.parse(again.out)).toMatchObject({
      successful_symbols: 12,
      records: { new: (12 - stored) * 19, changed: 0, unchanged: stored * 19, rejected: 0 },
    });
  });

  it('has nothing to retry, and says what to do instead', async () => {
    const { rows } = await database.pool.query(
      `SELECT run_id FROM processing_runs WHERE status = 'cancelled'`,
    );
    const { code, err } = await run(['retry', rows[0].run_id], { env: env() });
    expect([code, err]).toEqual([
      2,
      expect.stringMatching(
        /^tickstock: Nothing to retry: no symbol failed in run [-\w]{36}, but it ended before \d+ of its symbols were tried\. Run the import again\.\n$/,
      ),
    ]);
  });
});
