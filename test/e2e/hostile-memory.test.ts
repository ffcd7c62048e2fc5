import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { run, scratchFolder, startSandboxProgram } from '../support/program.ts';
import { scratchDatabase } from '../support/scratch-database.ts';

const NOW = '2026-01-06T12:00:00Z';
const hook = fileURLToPath(new URL('../support/record-peak-memory.mjs', import.meta.url));

it('takes less than 200 MB while every symbol is answered with 80 MB once, and loses no bar', async (context) => {
  const database = await scratchDatabase(context);
  const vendor = await startSandboxProgram(
    NOW,
    '--symbols',
    '20',
    '--fault',
    'huge-body=route:aggregates/day,first:1',
  );
  context.onTestFinished(() => vendor.stop());
  const peaks = join(scratchFolder(), 'peaks');
  const symbols = 'AAPL,AMGN,AMZN,AXP,BA,BCPC,BCpC,BRK.B,CAT,CRM,CSCO,CVX';
  const { code, out } = await run(['import', '--symbols', symbols, '--lookback-days', '30', '--json'], {
    env: {
      ...vendor.env,
      DATABASE_URL: database.url,
      NODE_OPTIONS: `--import ${hook}`,
      TICKSTOCK_TEST_PEAK_MEMORY: peaks,
    },
  });
  expect([code, JSON.parse(out)]).toMatchObject([
    0,
    { status: 'completed', failed_symbols: 0, trouble: { failed_tries: { 'damaged answer': 12 } } },
  ]);
  const peakMb = readFileSync(peaks, 'utf8')
    .trim()
    .split('\n')
    .map((kb) => Number(kb) / 1000);
  expect(Math.max(...peakMb)).toBeLessThan(200);
});
