// Many symbols over several workers: how evenly they share, and what conducting costs. Needs redis-server.
// Prints a Markdown table; the rows of bench/results.md come from here.
// Usage: node bench/fleet.mjs [--symbols N] [--workers N] [--slots N] [--days N] [--timeframes NAMES]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { peakMebibytes } from './peak-memory.mjs';

const PROGRAM = fileURLToPath(new URL('../bin/tickstock.js', import.meta.url));
const NOW = '2026-01-06T12:00:00Z';
const option = (name, absent) =>
  process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : absent;
const count = option('--symbols', '12000');
const workers = Number(option('--workers', '4'));
const slots = option('--slots', '4');
const days = option('--days', '365');
const timeframes = option('--timeframes', 'daily');

const folder = mkdtempSync(join(tmpdir(), 'tickstock-bench-'));
const children = [];
try {
  const port = await freePort();
  await start(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--save', ''],
    {},
    /Ready to accept/,
  );
  const vendor = await ready(['sandbox', '--port', '0', '--now', NOW, '--symbols', count], {});
  const env = {
    MASSIVE_BASE_URL: vendor.url,
    MASSIVE_API_KEY: vendor.key,
    TICKSTOCK_NOW: NOW,
    TICKSTOCK_DATA_DIR: join(folder, 'data'),
    REDIS_URL: `redis://127.0.0.1:${port}`,
  };
  // One process keeps the embedded database up for all.
  await finish(['db', 'start'], env);
  await finish(['migrate'], env);
  const symbols = await listed(vendor);
  const list = join(folder, 'symbols.csv');
  writeFileSync(list, `symbol\n${symbols.join('\n')}\n`);
  const fleet = await Promise.all(
    Array.from({ length: workers }, () => ready(['worker', '--slots', slots], env)),
  );
  const startedAt = performance.now();
  const flags = ['--universe', `csv:${list}`, '--timeframes', timeframes, '--lookback-days', days];
  const summary = JSON.parse(await finish(['import', ...flags, '--parallel-workers', '0', '--json'], env));
  const seconds = (performance.now() - startedAt) / 1000;
  const peaks = fleet.map(({ child }) => peakMebibytes(child.pid));
  const worked = [];
  for (const { child, err } of fleet) {
    child.kill();
    worked.push(Number((/after ([\d,]+) item/.exec(await err) ?? [])[1]?.replaceAll(',', '')));
  }
  await finish(['db', 'stop'], env);
  const total = worked.reduce((sum, one) => sum + one, 0);
  console.log(
    '| symbols | timeframes | days | workers | bars | requests | seconds | items of each worker | least of an even share % | worker peak MiB |',
  );
  console.log('|---|---|---|---|---|---|---|---|---|---|');
  console.log(
    `| ${symbols.length} | ${timeframes} | ${days} | ${workers} × ${slots} | ${summary.total_records_imported} | ${summary.requests} | ${seconds.toFixed(1)} | ${worked.join(', ')} | ${((100 * Math.min(...worked) * workers) / total).toFixed(0)} | ${Math.max(...peaks)} |`,
  );
} finally {
  for (const child of children) child.kill();
  rmSync(folder, { recursive: true, force: true });
}

/** A child that has said what it says when it is ready. */
async function start(command, args, env, said) {
  const child = spawn(command, args, {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  const err = text(child.stderr);
  let out = '';
  for await (const chunk of child.stdout) {
    out += chunk;
    if (said.test(out)) break;
  }
  if (!said.test(out)) throw new Error(`${command} ${args[0]} ended: ${await err}`);
  return { child, err, out };
}

/** A tickstock program that prints one line of JSON when it is ready. */
async function ready(args, env) {
  const started = await start(process.execPath, [PROGRAM, ...args], env, /\}\n/);
  return { ...started, ...JSON.parse(started.out) };
}

/** A tickstock program to its end; its output. */
async function finish(args, env) {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  if (code !== 0) throw new Error(`tickstock ${args[0]} ended with ${code}: ${err}`);
  return out;
}

async function listed({ url, key }) {
  const symbols = [];
  let next = `${url}/v3/reference/tickers?market=stocks&limit=1000`;
  while (next !== undefined) {
    const page = await (await fetch(next, { headers: { authorization: `Bearer ${key}` } })).json();
    symbols.push(...page.results.map(({ ticker }) => ticker));
    next = page.next_url;
  }
  return symbols;
}

async function freePort() {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}
