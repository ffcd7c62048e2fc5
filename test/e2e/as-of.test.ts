import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, createTestDatabase } from '../support/postgres.ts';
import { run, sandboxOfFile } from '../support/program.ts';
import { type ServiceProcess, startService } from '../support/service.ts';

/** Tuesday morning in New York. */
const NOW = '2026-01-06T12:00:00Z';
const sandbox = sandboxOfFile(NOW, '--symbols', '5');
let database: TestDatabase;
let service: ServiceProcess;
let env: Record<string, string>;

beforeAll(async () => {
  database = await createTestDatabase();
  env = { ...sandbox().env, DATABASE_URL: database.url };
  service = await startService(env);
  // A late correction of the close, and a split that was announced: both on the fifth.
  await database.pool.query(`
    INSERT INTO bars_daily VALUES ('X', '2025-12-31', 10, 10, 10, 10, 100, null, null, true),
                                  ('X', '2026-01-02', 20, 22, 20, 22, 100, null, null, true),
                                  ('X', '2026-01-05', 11, 11, 11, 11, 200, null, null, false);
    INSERT INTO bar_revisions (symbol, timeframe, starts_at, open, high, low, close, volume, stored_at, replaced_on)
    VALUES ('X', 'daily', '2026-01-02 00:00 America/New_York', 20, 21, 20, 21, 100, now(), '2026-01-05');
    INSERT INTO splits (symbol, execution_date, split_from, split_to, known_on) VALUES ('X', '2026-01-05', 1, 2, '2025-12-01')`);
});
afterAll(async () => {
  await service.stop();
  await database.drop();
});

const bars = (line: string): ReturnType<typeof run> => run(`bars X ${line}`.split(' '), { env });
const toCloses = (rows: readonly { date: string; close: number }[]): [string, number][] =>
  rows.map(({ date, close }) => [date, close]);

describe.concurrent('bars as of a day', () => {
  it.each([
    [
      '2026-01-02',
      'daily',
      [
        ['2025-12-31', 10],
        ['2026-01-02', 21],
      ],
    ],
    ['2026-01-04', 'weekly', [['2025-12-28', 21]]],
    [
      '2026-01-05',
      'daily',
      [
        ['2025-12-31', 5],
        ['2026-01-02', 11],
        ['2026-01-05', 11],
      ],
    ],
    [
      '2026-01-06',
      'monthly',
      [
        ['2025-12-01', 5],
        ['2026-01-01', 11],
      ],
    ],
  ])('%s: %s ones are the same on the command line, over HTTP and in SQL', async (day, timeframe, closes) => {
    const told = await bars(`--timeframe ${timeframe} --as-of ${day} --json`);
    expect(toCloses(JSON.parse(told.out).bars)).toEqual(closes);
    const answered = await service.ask(`/api/bars/X?timeframe=${timeframe}&as_of=${day}`);
    expect(toCloses(answered.body.bars)).toEqual(closes);
    const client = await database.pool.connect();
    try {
      await client.query(`SET tickstock.as_of = '${day}'`);
      const { rows } = await client.query(
        `SELECT date::text, close FROM ohlcv_${timeframe} WHERE symbol = 'X' ORDER BY date`,
      );
      expect(toCloses(rows)).toEqual(closes);
    } finally {
      client.release(true);
    }
  });

  it('are as traded and as stored then when raw is asked for', async () => {
    const closes = [
      ['2025-12-31', 10],
      ['2026-01-02', 21],
    ];
    const told = await bars('--raw --as-of 2026-01-04 --json');
    expect(toCloses(JSON.parse(told.out).bars)).toEqual(closes);
    const answered = await service.ask('/api/bars/X?adjusted=false&as_of=2026-01-04');
    expect(toCloses(answered.body.bars)).toEqual(closes);
  });

  it('leave no trace on the connection: the next answer is of today', async () => {
    await service.ask('/api/bars/X?as_of=2026-01-02');
    expect((await service.ask('/api/bars/X')).body.bars).toHaveLength(3);
  });

  it('are refused for days to come and for what is no day', async () => {
    expect(await bars('--as-of 2026-01-07')).toMatchObject({
      code: 2,
      out: '',
      err: 'tickstock: Cannot show bars as of 2026-01-07: that is in the future. Give --as-of 2026-01-06 or earlier.\n',
    });
    expect((await bars('--as-of yesterday')).err).toMatch(/^tickstock: Cannot use "yesterday" for --as-of/);
    const future = await service.ask('/api/bars/X?as_of=2026-01-07');
    expect([future.status, future.body.errors]).toEqual([
      400,
      [{ place: 'query.as_of', message: '2026-01-07 is in the future: expected 2026-01-06 or earlier' }],
    ]);
    const wrong = await service.ask('/api/bars/X?as_of=2026-02-30');
    expect([wrong.status, wrong.body.errors[0].place]).toEqual([400, 'query.as_of']);
  });
});
