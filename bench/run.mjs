// Every case against its bound: prints a table and puts it into bench/results.md. Needs no network; redis-server for the
// case of several workers. Usage: npm run bench [-- [--json] [--quick] [--only CASE,…] [--rounds N]]
//   --json    prints {"cases": [{name, bound, measured, ratio, unit, …}], "skipped": [{name, why}]} instead of the table
//   --quick   one small round of everything, to see that it works: no figure means anything, and none is kept
//   --only    these cases, which are printed and not kept
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { figuresOf, toTable } from './figures.mjs';
import { numberOption, textOption } from './options.mjs';
import { cases } from './cases/cases.mjs';
import { since } from './programs.mjs';

const RESULTS = fileURLToPath(new URL('results.md', import.meta.url));
const quick = process.argv.includes('--quick');
const rounds = numberOption('--rounds', quick ? 1 : 5);
const only = textOption('--only', null)?.split(',') ?? null;

const unknown = (only ?? []).filter((name) => !cases.some((one) => one.name === name));
if (unknown.length > 0) {
  console.error(
    `bench: no case ${unknown.join(', ')}. There are ${cases.map(({ name }) => name).join(', ')}.`,
  );
  process.exit(2);
}

const measured = [];
const skipped = [];
const startedAt = performance.now();
for (const one of cases.filter(({ name }) => only === null || only.includes(name))) {
  const why = one.lacks?.({ quick }) ?? null;
  if (why === null) measured.push({ ...one, figures: await measure(one) });
  else skipped.push({ name: one.name, why });
}
const text = measured
  .map(({ title, about, figures }) => `### ${title}\n\n${about}\n\n${toTable(figures)}\n`)
  .join('\n');
if (process.argv.includes('--json'))
  console.log(JSON.stringify({ cases: measured.flatMap(withTitle), skipped }));
else console.log(text);
for (const { name, why } of skipped) console.error(`skipped ${name}: ${why}`);
if (!quick && only === null) keep(text);

/** A case's figures, each named so that it can be told from another case's. */
function withTitle({ title, figures }) {
  return figures.map((figure) => ({ ...figure, name: `${title}: ${figure.name}` }));
}

/** A case in a folder of its own, which is gone afterwards. */
async function measure({ name, figures, rounds: usual, measureRounds }) {
  const folder = mkdtempSync(join(tmpdir(), 'tickstock-bench-'));
  const taken = [];
  try {
    for await (const round of measureRounds({ quick, rounds: Math.min(rounds, usual ?? rounds), folder })) {
      taken.push(round);
      console.error(`${Math.round(since(startedAt))} s: ${name}, round ${taken.length}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return figuresOf(figures, taken);
}

/** Replaces what an earlier `npm run bench` has put into the results. */
function keep(tables) {
  const before = readFileSync(RESULTS, 'utf8');
  const commit = spawnSync('git', ['log', '-1', '--format=%h'], { encoding: 'utf8' }).stdout?.trim();
  const changed = spawnSync('git', ['status', '--porcelain'], { encoding: 'utf8' }).stdout?.trim()
    ? ' with changes'
    : '';
  const machine = [
    new Date().toISOString().slice(0, 10),
    `commit ${commit}${changed}`,
    `${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    `Node ${process.versions.node}`,
    `${Math.round(since(startedAt) / 60)} minutes`,
  ];
  const section = `<!-- npm run bench -->\n${machine.join(', ')}\n\n${tables}<!-- end -->`;
  writeFileSync(
    RESULTS,
    before.replace(/<!-- npm run bench -->.*<!-- end -->/s, () => section),
  );
}
