import { Client } from 'pg';
import { type TestContext, beforeAll, describe, expect, it } from 'vitest';
import { postmasterPid } from '../support/embedded.ts';
import { watchFirstBatch } from '../support/first-batch.ts';
import { createTestDatabase } from '../support/postgres.ts';
import { run, sandboxOfFile, scratchFolder, startProgram } from '../support/program.ts';
import { scratchDatabase } from '../support/scratch-database.ts';
import { storedState } from '../support/stored-state.ts';

// Slow answers, one after the other, so that a run is in its middle when the first bars are stored.
const sandbox = sandboxOfFile('2026-01-06T12:00:00Z', '--symbols', '12', '--latency', '60');
const SYMBOLS = ['AAPL', 'AMGN', 'AMZN', 'AXP', 'BA', 'BCPC', 'BCpC', 'BRK.B', 'CAT', 'CRM', 'CSCO', 'CVX'];
const IMPORT = `import --symbols ${SYMBOLS} --timeframes daily --lookback-days 30 --parallel-workers 1`.split(
  ' ',
);

/** What every complete import of that stores. */
let expected: unknown[];
beforeAll(async () => {
  const { url, drop } = await createTestDatabase();
  await run([...IMPORT, '--parallel-workers', '12'], { cwd: '/', env: envOf(url) });
  expected = await barsOf(url);
  await drop();
});

const envOf = (url: string): Record<string, string> => ({ ...sandbox().env, DATABASE_URL: url });

/** All day bars and coverage, without who wrote them when. */
async function barsOf(url: string): Promise<unknown[]> {
  return query(
    url,
    `SELECT b.symbol, session::text, open, high, low, close, volume, vwap, trades, c.sessions::text AS covered
       FROM bars_daily b JOIN coverage c ON c.symbol = b.symbol AND c.timeframe = 'daily' ORDER BY 1, 2`,
  );
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** An embedded server that stays up until it is killed; the URL to reach it. */
async function keptUpServer({ onTestFinished }: TestContext): Promise<{
  url: string;
  dataDir: string;
  start(): Promise<void>;
  kill(): Promise<void>;
}> {
  const dataDir = scratchFolder(onTestFinished);
  const env = { TICKSTOCK_DATA_DIR: dataDir };
  const start = async (): Promise<string> => (await run(['db', 'start'], { env })).out.trim();
  const url = await start();
  onTestFinished(async () => void (await run(['db', 'stop', '--force'], { cwd: '/', env })));
  return {
    url,
    dataDir,
    start: async () => void (await start()),
    kill: async () => void process.kill(await postmasterPid(dataDir), 'SIGQUIT'),
  };
}

describe.concurrent('a database', () => {
  describe('that cannot be used', () => {
    it.each([
      [
        'that is down',
        'postgresql://me:pass0word@127.0.0.1:1/market',
        75,
        'connect ECONNREFUSED 127.0.0.1:1. Check that the database is up, then run the same command again; what was stored stays.',
      ],
      [
        'whose machine is unknown',
        'postgresql://me:pass0word@nowhere.invalid/market',
        75,
        'getaddrinfo ENOTFOUND nowhere.invalid. Check that the database is up, then run the same command again; what was stored stays.',
      ],
    ])('%s is said so', async (_, url, exitCode, reason) => {
      const { code, out, err } = await run(IMPORT, { env: envOf(url) });
      expect({ code, out, err }).toEqual({
        code: exitCode,
        out: '',
        err: `tickstock: Could not open the database (DATABASE_URL): ${reason}\n`,
      });
    });

    it('that does not exist on its server is a mistake in the settings', async (context) => {
      const { url } = await scratchDatabase(context);
      const { code, err } = await run(IMPORT, { env: envOf(url.replace(/test_\w+/, 'no_such_one')) });
      expect([code, err]).toEqual([
        2,
        'tickstock: Could not open the database (DATABASE_URL): database "no_such_one" does not exist. Check DATABASE_URL and the rights of its user.\n',
      ]);
    });

    it('of a newer tickstock is left alone', async (context) => {
      const { url, pool } = await scratchDatabase(context);
      await pool.query('INSERT INTO schema_migrations (version, name) VALUES (9999, $1)', ['future']);
      const before = await storedState(pool);
      const { code, err } = await run(IMPORT, { env: envOf(url) });
      expect([code, err]).toEqual([
        2,
        `tickstock: The database's schema "public" is at version 9999, this program knows 12: a newer tickstock has used it. Upgrade this one.\n`,
      ]);
      expect(await storedState(pool)).toEqual(before);
    });

    it('with bars of another source is left alone', async (context) => {
      const { url, pool } = await scratchDatabase(context);
      await pool.query(`INSERT INTO bar_source (source) VALUES ('Massive')`);
      const before = await storedState(pool);
      const { code, err } = await run(IMPORT, { env: envOf(url) });
      expect([code, err]).toEqual([
        2,
        'tickstock: This database holds bars from Massive; bars from a sandbox are never mixed in. Use another database: set TICKSTOCK_DATA_DIR to a new folder, or DATABASE_URL.\n',
      ]);
      expect(await storedState(pool)).toEqual(before);
    });
  });

  describe('that fails in mid-run', () => {
    it('stops the run when it stays away; nothing is half-written, and running again completes it', async (context) => {
      const server = await keptUpServer(context);
      await run(['migrate'], { env: envOf(server.url) });
      const watch = await watchFirstBatch(server.url);
      const impatient = { ...envOf(server.url), DATA_IMPORT_STORAGE_PATIENCE_SECONDS: '2' };
      const program = startProgram(IMPORT, { env: impatient });
      await watch.stored;
      await server.kill();
      const { code, out, err } = await program.ended;
      await watch.close();
      expect([code, out]).toEqual([75, '']);
      expect(err.split('\n').filter((line) => line.startsWith('tickstock: '))).toEqual([
        expect.stringMatching(
          /^tickstock: Could not store a batch of bars: .+\. Check that the database is up, then run the same command again; what was stored stays\.$/,
        ),
      ]);

      await server.start();
      const kept = await barsOf(server.url);
      const keptSymbols = new Set(kept.map((row) => (row as { symbol: string }).symbol));
      expect([...keptSymbols]).not.toEqual(SYMBOLS);
      expect(kept).toEqual(expected.filter((row) => keptSymbols.has((row as { symbol: string }).symbol)));
      expect(await query(server.url, 'SELECT symbol FROM coverage ORDER BY 1')).toEqual(
        [...keptSymbols].map((symbol) => ({ symbol })),
      );

      const again = await run([...IMPORT, '--json'], { env: envOf(server.url) });
      expect(again.code).toBe(0);
      // The same run goes on: its end could not be recorded.
      expect(JSON.parse(again.out).records).toEqual({
        new: expected.length,
        changed: 0,
        unchanged: 0,
        rejected: 0,
      });
      expect(await barsOf(server.url)).toEqual(expected);
    });

    it('does not stop the run when it is the embedded one: it is started again', async (context) => {
      const server = await keptUpServer(context);
      const env = { ...sandbox().env, TICKSTOCK_DATA_DIR: server.dataDir };
      await run(['migrate'], { env });
      const watch = await watchFirstBatch(server.url);
      const program = startProgram(IMPORT, { env });
      await watch.stored;
      await server.kill();
      const { code, out } = await program.ended;
      await watch.close();
      expect([code, out]).toEqual([0, expect.stringMatching(/^Import completed: 12\/12 symbols /)]);
      expect(await barsOf(server.url)).toEqual(expected);
    });

    it('does not stop the run when only the connections drop', async (context) => {
      const { url, pool } = await scratchDatabase(context);
      const watch = await watchFirstBatch(url);
      const program = startProgram(IMPORT, { env: envOf(url) });
      await watch.stored;
      await pool.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'tickstock'`,
      );
      expect((await program.ended).code).toBe(0);
      await watch.close();
      expect(await barsOf(url)).toEqual(expected);
    });

    it('waits for room when its disk is full, saying so, then stops the run, and takes it up again when there is room', async (context) => {
      const { url, pool } = await scratchDatabase(context);
      await pool.query(`
      CREATE FUNCTION fill_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF (SELECT count(DISTINCT symbol) > 2 FROM bars_daily) THEN
          RAISE 'could not extend file "base/5/16384": No space left on device'
            USING ERRCODE = 'disk_full', HINT = 'Check free disk space.';
        END IF;
        RETURN NULL;
      END $$;
      CREATE TRIGGER fill_disk AFTER INSERT ON bars_daily EXECUTE FUNCTION fill_disk()`);
      const impatient = { ...envOf(url), DATA_IMPORT_STORAGE_PATIENCE_SECONDS: '1' };
      const { code, out, err } = await run(IMPORT, { env: impatient });
      const message =
        'Could not store a batch of bars: could not extend file "base/5/16384": No space left on device. The database is out of disk space: free some, then run the same command again.';
      expect([code, out]).toEqual([75, '']);
      expect(err.split('\n').filter((line) => !/^(AAPL|\d)/.test(line))).toEqual([
        `Waiting for the database: ${message}`,
        `tickstock: ${message}`,
        '',
      ]);
      const { rows } = await pool.query('SELECT status, error_code, error_message FROM processing_runs');
      expect(rows).toEqual([{ status: 'failed', error_code: 'STORAGE_FAILED', error_message: message }]);
      const kept = await barsOf(url);
      expect(kept.length % 19).toBe(0);

      await pool.query('DROP TRIGGER fill_disk ON bars_daily');
      expect((await run(IMPORT, { env: envOf(url) })).code).toBe(0);
      expect(await barsOf(url)).toEqual(expected);
    });
  });
});
