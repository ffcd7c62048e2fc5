import { expect, it } from 'vitest';
import { run } from '../support/program.ts';
import { scratchDatabase } from '../support/scratch-database.ts';
import { startSandbox } from '../support/sandbox.ts';

it("keeps every stock of the vendor's listing, and who was listed when", async (context) => {
  const first = '2024-01-05T22:00:00Z';
  const second = '2026-08-08T12:00:00Z';
  const database = await scratchDatabase(context);
  const sandbox = await startSandbox({ symbols: 2500, now: Date.parse(first) });
  context.onTestFinished(() => sandbox.close());
  const tickstock = async (now: string, ...args: string[]) => {
    const env = {
      DATABASE_URL: database.url,
      MASSIVE_BASE_URL: sandbox.url,
      MASSIVE_API_KEY: sandbox.key,
      TICKSTOCK_NOW: now,
    };
    const { code, out, err } = await run([...args, '--json'], { env });
    return { code, err, ...(JSON.parse(out) as Record<string, never>) } as Record<string, any>;
  };

  const before = await tickstock(first, 'universe', 'refresh');
  expect(before).toMatchObject({ code: 0, name: 'all-active', removed: [], kept: [], refused: [] });
  expect(before['added'].length).toBeGreaterThan(2000);
  expect(before['err']).toMatch(
    /^1,000 listed stocks read\n2,000 listed stocks read\n2,\d{3} listed stocks read\n$/,
  );
  const { tickers } = sandbox.stats().routes;
  expect(tickers?.requests).toBe(3);

  sandbox.setNow(Date.parse(second));
  const after = await tickstock(second, 'universe', 'refresh');
  expect(after['added'].length).toBeGreaterThan(0);
  expect(after['removed'].length).toBeGreaterThan(0);
  const symbolsOf = async (expression: string): Promise<string[]> =>
    (await tickstock(second, 'universe', 'show', expression))['members'].map(
      ({ symbol }: { symbol: string }) => symbol,
    );
  expect(await symbolsOf('all-active - all-active@2026-08-07')).toEqual(after['added']);
  expect(await symbolsOf('all-active@2026-08-07 - all-active')).toEqual(after['removed']);

  const etfs = await tickstock(second, 'universe', 'refresh', 'etfs', '--type', 'etf');
  expect(etfs['types']).toEqual({ ETF: etfs['added'].length });
  const flags = ['--timeframes', 'daily', '--lookback-days', '3'];
  const imported = await tickstock(second, 'import', '--universe', 'etfs & all-active@2024-01-05', ...flags);
  expect(imported).toMatchObject({ code: 0, status: 'completed', failed_symbols: 0 });
});
