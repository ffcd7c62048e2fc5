// The S&P 500 in four timeframes at 12 ms, from the sandbox, against its bounds: time, requests and memory.
// Prints a Markdown table; the rows of bench/results.md come from here. Usage: node bench/sp500-import.mjs [--times N]
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { numberOption } from './number-option.mjs';

const PROGRAM = fileURLToPath(new URL('../bin/tickstock.js', import.meta.url));
const PACING_MS = 12;
const NAIVE_REQUESTS = 503 * 4;
const times = numberOption('--times', 3);

const cases = [
  { name: 'new database, latency 0', latency: 0, running: false },
  { name: 'running database, latency 0', latency: 0, running: true },
  { name: 'running database, latency 100 ms', latency: 100, running: true },
];

console.log(
  '| case | bound s | median s | min | max | requests | of naive | peak MB |\n|---|---|---|---|---|---|---|---|',
);
for (const one of cases) {
  const runs = [];
  for (let n = 0; n < times; n++) runs.push(await measure(one));
  const seconds = runs.map((run) => run.seconds).toSorted((a, b) => a - b);
  const { requests } = runs[0];
  const bound = (1.05 * requests * PACING_MS) / 1000 + (one.running ? 2 : 4);
  const cells = [
    one.name,
    bound.toFixed(1),
    seconds[Math.floor(times / 2)].toFixed(1),
    seconds[0].toFixed(1),
    seconds.at(-1).toFixed(1),
    requests,
    (requests / NAIVE_REQUESTS).toFixed(3),
    Math.round(Math.max(...runs.map((run) => run.peakMb))),
  ];
  console.log(`| ${cells.join(' | ')} |`);
}

async function measure({ latency, running }) {
  const dataDir = mkdtempSync(join(tmpdir(), 'tickstock-bench-'));
  const env = { PATH: process.env.PATH, TICKSTOCK_DATA_DIR: dataDir };
  const sandbox = spawn(process.execPath, [PROGRAM, 'sandbox', '--port', '0', '--latency', String(latency)], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const { url, key } = JSON.parse(await firstLine(sandbox.stdout));
    if (running) spawnSync(process.execPath, [PROGRAM, 'db', 'start'], { env });
    const startedAt = performance.now();
    const child = spawn(
      PROGRAM,
      ['import', '--universe', 'sp500', '--rate-limit-ms', String(PACING_MS), '--json'],
      {
        env: { ...env, MASSIVE_BASE_URL: url, MASSIVE_API_KEY: key },
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    let peakMb = 0;
    const watch = setInterval(() => (peakMb = Math.max(peakMb, peakOf(child.pid))), 100);
    const summary = JSON.parse(await firstLine(child.stdout));
    await new Promise((resolve) => (child.exitCode === null ? child.once('exit', resolve) : resolve()));
    clearInterval(watch);
    if (summary.successful_symbols !== 503)
      throw new Error(`only ${summary.successful_symbols} symbols came`);
    return { seconds: (performance.now() - startedAt) / 1000, requests: summary.requests, peakMb };
  } finally {
    sandbox.kill();
    spawnSync(process.execPath, [PROGRAM, 'db', 'stop', '--force'], { env });
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function firstLine(stream) {
  for await (const line of createInterface({ input: stream })) return line;
  throw new Error('ended without a word');
}

/** Peak resident memory of a process in MB; 0 where the system does not say. */
function peakOf(pid) {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1000;
  } catch {
    return 0;
  }
}
