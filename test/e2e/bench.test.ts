import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

interface Figure {
  readonly name: string;
  readonly bound: number | null;
  readonly measured: number;
  readonly ratio: number | null;
  readonly unit: string;
}

const bench = fileURLToPath(new URL('../../bench/run.mjs', import.meta.url));
const results = readFileSync(new URL('../../bench/results.md', import.meta.url), 'utf8');

it('the benchmarks work, and each figure is in the results', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [bench, '--quick', '--json']);
  const { cases, skipped } = JSON.parse(stdout) as {
    cases: Figure[];
    skipped: { name: string; why: string }[];
  };
  // A real market is not part of the project.
  expect(skipped.map(({ name }) => name).filter((name) => name !== 'whole-market')).toEqual([]);
  expect(cases.length).toBeGreaterThan(60);
  for (const { name, measured, bound, ratio, unit } of cases) {
    expect([name, measured, unit]).toEqual([name, expect.any(Number), expect.any(String)]);
    expect([name, typeof ratio]).toEqual([name, bound === null ? 'object' : 'number']);
    const [title, figure] = name.split(/: (.*)/s);
    const section = results.split('\n### ').find((one) => one.startsWith(`${title}\n`));
    expect(section, `no section ${title}: take the results anew with npm run bench`).toBeDefined();
    expect(section).toContain(`| ${figure} `);
  }
}, 600_000);
