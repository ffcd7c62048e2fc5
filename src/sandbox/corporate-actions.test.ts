import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ListedRow, ask, at, listed, startSandbox } from '../../test/support/sandbox.ts';
import type { Sandbox } from './sandbox.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ symbols: undefined });
});
afterAll(() => sandbox.close());

const rowsOf = async (path: string): Promise<ListedRow[]> => (await listed(sandbox, path)).rows;

describe('splits', () => {
  it('come newest first, those announced for the future too', async () => {
    const rows = await rowsOf('/stocks/v1/splits?limit=5000');
    const dates = rows.map((row) => row['execution_date'] as string);
    expect(dates).toEqual(dates.toSorted().toReversed());
    expect(dates[0]! > '2026-08-08').toBe(true);
    expect(dates[0]! < '2026-11-01').toBe(true);
    expect(Object.keys(rows[0]!).toSorted()).toEqual([
      'adjustment_type',
      'execution_date',
      'historical_adjustment_factor',
      'id',
      'split_from',
      'split_to',
      'ticker',
    ]);
  });

  it('have whole and fractional ratios, reverse ones, and a few rows twice', async () => {
    const rows = await rowsOf('/stocks/v1/splits?limit=5000');
    const fractional = rows.filter((row) => !Number.isInteger(row['split_to'])).length / rows.length;
    expect(fractional).toBeGreaterThan(0.12);
    expect(fractional).toBeLessThan(0.26);
    expect(new Set(rows.map((row) => row['adjustment_type']))).toEqual(
      new Set(['forward_split', 'reverse_split', 'stock_dividend']),
    );
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
    const days = new Set(rows.map((row) => `${row['ticker']} ${row['execution_date']}`));
    expect(rows.length - days.size).toBeGreaterThan(0);
    expect(rows.length - days.size).toBeLessThan(rows.length / 10);
  });

  it('are chosen by symbols and dates, in the order asked for, over pages', async () => {
    const some = await listed(
      sandbox,
      '/stocks/v1/splits?ticker.any_of=AAPL,MSFT&execution_date.gte=2000-01-01&sort=execution_date.asc&limit=2',
    );
    expect(some.pages).toBeGreaterThan(1);
    expect(new Set(some.rows.map(({ ticker }) => ticker))).toEqual(new Set(['AAPL', 'MSFT']));
    const dates = some.rows.map((row) => row['execution_date'] as string);
    expect(dates).toEqual(dates.toSorted());
    expect(dates[0]! >= '2000-01-01').toBe(true);
  });

  it('appear when they are announced, and some are called off', async () => {
    const future = async (now: string): Promise<Set<string>> =>
      at(sandbox, now, async () => {
        const rows = await rowsOf(`/stocks/v1/splits?execution_date.gt=${now.slice(0, 10)}&limit=5000`);
        return new Set(rows.map(({ id }) => id as string));
      });
    const called: string[] = [];
    for (let month = 1; month <= 12; month++) {
      const from = `2024-${String(month).padStart(2, '0')}`;
      const announced = await future(`${from}-02T12:00:00Z`);
      const happened = await at(sandbox, '2025-06-02T12:00:00Z', () =>
        rowsOf('/stocks/v1/splits?limit=5000'),
      );
      const ids = new Set(happened.map(({ id }) => id as string));
      called.push(...[...announced].filter((id) => !ids.has(id)));
    }
    expect(called.length).toBeGreaterThan(0);
    expect((await future('2024-01-02T12:00:00Z')).size).toBeGreaterThan(0);
  });

  it('have an older twin', async () => {
    const rows = await rowsOf('/v3/reference/splits?ticker=AAPL&limit=1000');
    const twins = await rowsOf('/stocks/v1/splits?ticker=AAPL&limit=5000');
    expect(rows).toEqual(
      twins.map((row) => ({
        id: row['id'],
        execution_date: row['execution_date'],
        split_from: row['split_from'],
        split_to: row['split_to'],
        ticker: 'AAPL',
      })),
    );
    expect((await ask(sandbox, '/v3/reference/splits?limit=1001')).status).toBe(400);
  });
});

it('a generated market pays no dividends', async () => {
  expect(await rowsOf('/stocks/v1/dividends')).toEqual([]);
});
