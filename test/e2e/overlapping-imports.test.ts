import { describe, expect, it } from 'vitest';
import { watchFirstBatch } from '../support/first-batch.ts';
import { type Ended, type SandboxProcess, startProgram, startSandboxProgram } from '../support/program.ts';
import { scratchDatabase } from '../support/scratch-database.ts';

const NOW = '2026-01-06T12:00:00Z';
const importOf = (symbols: readonly string[]): string[] => [
  'import',
  '--symbols',
  symbols.join(),
  '--timeframes',
  'daily,weekly',
  '--json',
];
const DOW = ['AAPL', 'AMZN', 'BA', 'CAT', 'CSCO', 'DIS', 'GS', 'HD', 'IBM', 'KO', 'MCD', 'MSFT', 'V', 'WMT'];
const OTHERS = ['ADBE', 'AMD', 'GOOG', 'META', 'NFLX', 'ORCL'];

const asked = async (sandbox: SandboxProcess): Promise<Record<string, number>> => {
  const { routes } = await sandbox.stats();
  return Object.fromEntries(Object.entries(routes).map(([route, { requests }]) => [route, requests]));
};
const completed = ({ code, out }: Ended): unknown => [code, JSON.parse(out).successful_symbols];

describe('imports that overlap', () => {
  it('ask once for what both want', async (context) => {
    const sandbox = await startSandboxProgram(NOW, '--latency', '100');
    context.onTestFinished(() => sandbox.stop());
    const env = { ...sandbox.env, DATABASE_URL: (await scratchDatabase(context)).url };
    const ends = await Promise.all(
      [DOW, [...DOW.slice(4), ...OTHERS]].map((symbols) => startProgram(importOf(symbols), { env }).ended),
    );
    expect(ends.map(completed)).toEqual([
      [0, 14],
      [0, 16],
    ]);
    expect((await asked(sandbox))['aggregates/day']).toBe(20);
    expect(ends.map(({ err }) => err).join()).toMatch(/Another run is importing 10 of these 1[46] symbols/);
    const third = await startProgram(importOf([...DOW, ...OTHERS]), { env }).ended;
    expect(completed(third)).toEqual([0, 20]);
    expect((await asked(sandbox))['aggregates/day']).toBe(20);
  });

  it('ask once for days of all stocks', async (context) => {
    const sandbox = await startSandboxProgram(NOW, '--latency', '100');
    context.onTestFinished(() => sandbox.stop());
    const env = { ...sandbox.env, DATABASE_URL: (await scratchDatabase(context)).url };
    const importTo = (symbols: readonly string[], to: string): Promise<Ended> =>
      startProgram([...importOf(symbols), '--from', '2025-10-01', '--to', to], { env }).ended;
    await importTo(DOW, '2025-12-31');
    const ends = await Promise.all([importTo(DOW, '2026-01-05'), importTo(DOW, '2026-01-05')]);
    expect(ends.map(completed)).toEqual([
      [0, 14],
      [0, 14],
    ]);
    expect(await asked(sandbox)).toMatchObject({ 'aggregates/day': 14, 'grouped-daily': 2 });
  });

  it('leave out what a small one has brought meanwhile', async (context) => {
    const sandbox = await startSandboxProgram(NOW, '--latency', '700');
    context.onTestFinished(() => sandbox.stop());
    const { url } = await scratchDatabase(context);
    const env = { ...sandbox.env, DATABASE_URL: url };
    const watch = await watchFirstBatch(url);
    const large = startProgram([...importOf(DOW), '--parallel-workers', '1'], { env });
    await watch.stored;
    await watch.close();
    const small = await startProgram(importOf(['WMT']), { env }).ended;
    expect([completed(small), completed(await large.ended)]).toEqual([
      [0, 1],
      [0, 14],
    ]);
    expect((await asked(sandbox))['aggregates/day']).toBe(14);
  });
});
