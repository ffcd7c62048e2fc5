// The cockpit in Chromium (which draws by software here): first contentful paint of each view, how much JavaScript there is, the
// time from an event to its pixel at 100 events a second, and the page's memory over a run of many symbols. Prints Markdown tables;
// the rows of bench/results.md come from here. Usage: node bench/cockpit.mjs [--symbols 12000] [--seconds 20]
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { chromium } from 'playwright-core';
import { request } from 'undici';
import { appendEvents } from '../dist/storage/outbox.js';
import { startProgram } from '../scripts/start-program.mjs';
import { listedSymbols } from './generated-market.mjs';
import { numberOption } from './options.mjs';
import { openIn } from './open-database.mjs';

const ASSETS = fileURLToPath(new URL('../dist/web/assets', import.meta.url));
const CHROMIUM = process.env.TICKSTOCK_TEST_CHROMIUM ?? '/usr/bin/chromium';
const NOW = '2026-01-06T12:00:00Z';
const VIEWS = ['/', '/import', '/runs', '/coverage', '/symbols/AAPL', '/universes', '/schedule'];
const LOADS = 5;
const EVENTS_A_SECOND = 100;
const KILOBYTES_BOUND = 250;
const PAINT_BOUND_MS = 1000;
const PIXEL_BOUND_MS = 250;

const symbols = numberOption('--symbols', 12_000);
const seconds = numberOption('--seconds', 20);

const dataDir = mkdtempSync(join(tmpdir(), 'tickstock-bench-'));
const programs = [];
let browser, database;
try {
  measureSize();
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  browser = await chromium.launch({ executablePath: CHROMIUM, args });
  database = await openIn(dataDir);
  const vendor = await begin(['sandbox', '--port', '0', '--now', NOW, '--symbols', String(symbols)], {});
  const { url } = await begin(['serve', '--port', '0'], {
    MASSIVE_BASE_URL: vendor.url,
    MASSIVE_API_KEY: vendor.key,
    TICKSTOCK_NOW: NOW,
    TICKSTOCK_DATA_DIR: dataDir,
    DATA_IMPORT_SERVICE_LOG_LEVEL: 'error',
    DATA_IMPORT_SCHEDULE_ENABLED: 'false',
    DATA_IMPORT_POLYGON_RATE_LIMIT_MS: '0',
  });
  await measureMemory(url, vendor);
  await measurePaint(url);
  await measureEvents(url, vendor.url);
} finally {
  await browser?.close();
  await database?.close();
  for (const program of programs.toReversed()) await program.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

function measureSize() {
  const sizes = readdirSync(ASSETS)
    .filter((name) => name.endsWith('.js'))
    .map((name) => gzipSync(readFileSync(join(ASSETS, name))).length / 1000);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  console.log('| JavaScript, kB gzip | bound |\n|---|---|');
  console.log(`| ${total.toFixed(0)} in ${sizes.length} files | ≤ ${KILOBYTES_BOUND} |\n`);
}

/** The first paint of something, each time with an empty cache. */
async function measurePaint(url) {
  console.log('| view | first contentful paint, median ms | slowest | bound |\n|---|---|---|---|');
  for (const view of VIEWS) {
    const taken = [];
    for (let n = 0; n < LOADS; n++) {
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(url + view);
      taken.push(
        await page.evaluate(
          () =>
            new Promise((resolve) => {
              new PerformanceObserver((list) => {
                const paint = list.getEntriesByName('first-contentful-paint')[0];
                if (paint !== undefined) resolve(paint.startTime);
              }).observe({ type: 'paint', buffered: true });
            }),
        ),
      );
      await context.close();
    }
    taken.sort((a, b) => a - b);
    console.log(
      `| ${view} | ${taken[LOADS >> 1].toFixed(0)} | ${taken.at(-1).toFixed(0)} | ≤ ${PAINT_BOUND_MS} |`,
    );
  }
  console.log();
}

/** Progress of a run that stands still is written to the outbox at a steady rate; the page notes when it shows which. */
async function measureEvents(url, vendorUrl) {
  await request(`${vendorUrl}/sandbox/faults`, { method: 'POST', body: '{"faults":["stall"]}' });
  const runId = await trigger(url, { symbols: ['AAPL', 'MSFT'], timeframes: ['daily'], refresh: true });
  const page = await browser.newPage();
  await page.goto(`${url}/runs/${runId}`);
  await page.getByText('live', { exact: true }).waitFor();
  const percent = page.locator('output.percent');
  await percent.waitFor();
  await percent.evaluate((output) => {
    globalThis.seen = [];
    new MutationObserver(() => {
      const { textContent } = output;
      // The frame with it has been drawn when the task after the frame begins.
      requestAnimationFrame(() =>
        setTimeout(() => globalThis.seen.push([Number.parseFloat(textContent), Date.now()])),
      );
    }).observe(output, { subtree: true, characterData: true, childList: true });
  });
  const written = [];
  const total = seconds * EVENTS_A_SECOND;
  const startedAt = performance.now();
  for (let n = 1; n <= total; n++) {
    await delay(Math.max(0, startedAt + (n * 1000) / EVENTS_A_SECOND - performance.now()));
    // Tenths of a percent, as the page shows them: each event is another pixel.
    const percentage = (n % 1000) / 10;
    const at = Date.now();
    await database.transaction('write an event', (client) =>
      appendEvents(client, [progressOf(runId, percentage)]),
    );
    written.push({ percentage, at });
  }
  await delay(1000);
  const seen = await page.evaluate(() => globalThis.seen);
  await page.close();
  await request(`${url}/api/processing/import/cancel`, post({ run_id: runId }));
  const waits = [];
  let shown = 0;
  for (const { percentage, at } of written) {
    // Frames may leave events out: the first one that shows it or a later one counts.
    while (shown < seen.length && (seen[shown][1] < at || isBefore(seen[shown][0], percentage))) shown++;
    if (shown < seen.length) waits.push(seen[shown][1] - at);
  }
  waits.sort((a, b) => a - b);
  const at = (share) => waits[Math.floor((waits.length - 1) * share)];
  console.log(
    '| events a second | events | shown | event to pixel p50 ms | p95 | worst | bound |\n|---|---|---|---|---|---|---|',
  );
  console.log(
    `| ${(total / ((written.at(-1).at - written[0].at) / 1000)).toFixed(0)} | ${total} | ${waits.length} in ${seen.length} frames | ${at(0.5)} | ${at(0.95)} | ${at(1)} | ≤ ${PIXEL_BOUND_MS} |\n`,
  );
}

/** Of percentages that go round: half a round at most lies between what is written and what is shown. */
function isBefore(shown, written) {
  const ahead = (shown - written + 100) % 100;
  return ahead >= 50;
}

function progressOf(runId, percentage) {
  const payload = {
    run_id: runId,
    job_type: 'data_import',
    percentage,
    completed: 0,
    failed: 0,
    remaining: 2,
    current_symbol: 'AAPL',
    estimated_completion: NOW,
  };
  const message = { event: 'job_progress_update', timestamp: NOW, source: 'bench', version: '1.0', payload };
  return {
    channel: 'tickstock:monitoring',
    event: 'job_progress_update',
    runId,
    attempt: 1,
    message,
  };
}

/** The page's heap while a run of many symbols goes by, each time after its rubbish was collected. */
async function measureMemory(url, vendor) {
  const page = await browser.newPage();
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Performance.enable');
  const heap = async () => {
    await devtools.send('HeapProfiler.collectGarbage');
    const { metrics } = await devtools.send('Performance.getMetrics');
    const of = (name) => metrics.find((one) => one.name === name).value;
    return { mebibytes: of('JSHeapUsedSize') / 2 ** 20, nodes: of('Nodes') };
  };
  await page.goto(url);
  await page.getByText('live', { exact: true }).waitFor();
  console.log('| symbols done | heap MiB | DOM nodes |\n|---|---|---|');
  const print = async (done) => {
    const { mebibytes, nodes } = await heap();
    console.log(`| ${done} | ${mebibytes.toFixed(1)} | ${nodes} |`);
  };
  await print('before');
  const all = await listedSymbols(vendor);
  const runId = await trigger(url, { symbols: all, timeframes: ['hourly'], lookback_days: 5 });
  for (let step = 1; ;) {
    const { body } = await request(`${url}/api/processing/import/status/${runId}`);
    const { status, progress } = await body.json();
    if (progress.percentage >= step * 20 || status !== 'in_progress') {
      await print(progress.symbols_completed);
      step = Math.floor(progress.percentage / 20) + 1;
    }
    if (status !== 'in_progress') break;
    await delay(200);
  }
  await delay(3000);
  await print('after the end');
  console.log();
  await page.close();
}

/** Starts an import; its run. */
async function trigger(url, body) {
  const answer = await request(`${url}/api/processing/import/trigger`, post(body));
  const { run_id: runId, detail } = await answer.body.json();
  if (runId === undefined) throw new Error(detail);
  return runId;
}

function post(body) {
  return { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
}

async function begin(args, env) {
  const program = await startProgram(args, env);
  programs.push(program);
  return program;
}
