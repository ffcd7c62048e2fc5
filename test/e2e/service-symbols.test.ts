import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { symbolAnswer, symbolsAnswer } from '../../src/http/contract-symbols.ts';
import { type TestDatabase, createTestDatabase } from '../support/postgres.ts';
import { run, sandboxOfFile } from '../support/program.ts';
import { type ServiceProcess, startService } from '../support/service.ts';

const NOW = '2026-01-06T12:00:00Z';
const sandbox = sandboxOfFile(
  NOW,
  '--symbols',
  '12',
  '--fault',
  'hole=symbols:AAPL,from:2025-09-02,to:2025-09-04',
);
let database: TestDatabase;
let service: ServiceProcess;
beforeAll(async () => {
  database = await createTestDatabase();
  const env = { ...sandbox().env, DATABASE_URL: database.url };
  const { code } = await run(
    ['import', '--symbols', 'AAPL,AMGN,BCPC', '--timeframes', 'daily', '--lookback-days', '250'],
    { env },
  );
  if (code !== 0) throw new Error(`the import ended with ${code}`);
  await database.pool.query(`
    INSERT INTO rejected_bars (symbol, timeframe, starts_at, session, open, reason, run_id)
    VALUES ('AAPL', 'daily', '2025-10-01 00:00 America/New_York', '2025-10-01', 0, 'open is not above 0', 'r');
    INSERT INTO splits (symbol, execution_date, split_from, split_to, verdict, observed, withdrawn_on) VALUES
      ('AMGN', '2025-08-01', 1, 3, 'held', 1.01, NULL), ('AMGN', '2025-08-04', 1, 2, 'pending', NULL, '2025-08-05');
    INSERT INTO symbol_changes (old_symbol, new_symbol, last_session, source) VALUES ('OLDE', 'AMGN', '2020-01-02', 'a test')`);
  service = await startService(env);
});
afterAll(async () => {
  await service?.stop();
  await database?.drop();
});

describe('GET /api/symbols', () => {
  it('has the stored symbols, a page at a time', async () => {
    const { status, body } = await service.ask('/api/symbols?limit=2');
    expect(status).toBe(200);
    expect(symbolsAnswer.parse(body)).toEqual(body);
    expect(body.next_cursor).toBe('AMGN');
    const [apple] = body.symbols;
    expect(apple).toMatchObject({
      symbol: 'AAPL',
      name: 'Apple Inc.',
      timeframes: ['daily', 'weekly', 'monthly'],
      last_session: '2026-01-05',
      hourly_sessions: 0,
    });
    const { rows } = await database.pool.query(
      `SELECT count(*)::integer AS bars FROM bars_daily WHERE symbol = 'AAPL'`,
    );
    expect(apple.daily_bars).toBe(rows[0].bars);
    const rest = await service.ask('/api/symbols?limit=2&cursor=AMGN');
    expect(rest.body).toMatchObject({ symbols: [{ symbol: 'BCPC' }], next_cursor: null });
  });

  it('finds them by how they begin or by name', async () => {
    const found = async (find: string) =>
      (await service.ask(`/api/symbols?find=${encodeURIComponent(find)}`)).body.symbols.map(
        ({ symbol }: { symbol: string }) => symbol,
      );
    expect(await found(' am ')).toEqual(['AMGN']);
    expect(await found('apple')).toEqual(['AAPL']);
    expect(await found('<script>')).toEqual([]);
    expect(await found(' ')).toEqual(['AAPL', 'AMGN', 'BCPC']);
  });

  it.each([
    ['limit=0', ['query.limit']],
    ['limit=501', ['query.limit']],
    ['find=%00', ['query.find']],
    [`find=${'a'.repeat(101)}&cursor=&x=1`, ['query.find', 'query.cursor', 'query.x']],
  ])('refuses %s with every fault', async (query, places) => {
    const { status, body } = await service.ask(`/api/symbols?${query}`);
    expect(status).toBe(400);
    expect(body.errors.map(({ place }: { place: string }) => place).toSorted()).toEqual(places.toSorted());
  });
});

describe('GET /api/symbols/:symbol', () => {
  it('tells what is missing and why, and what broke a rule', async () => {
    const { status, body } = await service.ask('/api/symbols/AAPL');
    expect(status).toBe(200);
    expect(symbolAnswer.parse(body)).toEqual(body);
    expect(body).toMatchObject({
      symbol: 'AAPL',
      coverage: [{ timeframe: 'daily', provisional: [{ from: '2026-01-05', to: '2026-01-05' }] }],
      absences: [{ reason: 'no_trade', why: 'no trade', sessions: 3, needs_a_look: false }],
      gaps: [{ reason: 'no_trade', sessions: ['2025-09-02', '2025-09-03', '2025-09-04'] }],
      splits: [{ date: '2025-07-14', from: 1, to: 10, verdict: 'confirmed', is_applied: true }],
      rejects: [{ starts_at: '2025-10-01T04:00:00Z', rule: 'open is not above 0', open: 0 }],
      rejects_total: 1,
    });
  });

  it('says why a split is not applied, and under which other name to look', async () => {
    const { body } = await service.ask('/api/symbols/AMGN');
    expect(symbolAnswer.parse(body)).toEqual(body);
    expect(body.splits).toEqual([
      expect.objectContaining({ date: '2025-08-04', verdict: 'withdrawn', is_applied: false }),
      expect.objectContaining({ date: '2025-08-01', verdict: 'held', is_applied: false }),
    ]);
    expect(body.splits[0].why).toContain('since 2025-08-05');
    expect(body.splits[1].why).toMatch(/^Held back.* 1\.01 times .* not about 3\./);
    expect(body.renames).toEqual([{ symbol: 'OLDE', after: null, until: '2020-01-02' }]);
  });

  it('says of an unknown one what to do, and how it may be spelled', async () => {
    const { status, body } = await service.ask('/api/symbols/bcpc');
    expect([status, body.code]).toEqual([404, 'SYMBOL_NOT_STORED']);
    expect(body.detail).toContain('import it');
    expect(body.detail).toContain('There is BCPC');
  });

  it.each(['%3Cscript%3E', 'A'.repeat(21), 'a%20b', '%27', '..%2f'])('refuses %s', async (symbol) => {
    const { status, body } = await service.ask(`/api/symbols/${symbol}`);
    expect([status, body.code]).toEqual([400, 'INPUT_INVALID']);
  });
});
