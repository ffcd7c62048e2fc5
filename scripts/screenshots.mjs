// Takes the pictures in docs/screenshots: every view of the cockpit with a generated market, in both themes, wide and narrow.
// Usage: npm run build && node scripts/screenshots.mjs
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { startProgram } from './start-program.mjs';

const PICTURES = fileURLToPath(new URL('../docs/screenshots', import.meta.url));
const CHROMIUM = process.env.TICKSTOCK_TEST_CHROMIUM ?? '/usr/bin/chromium';
const NOW = '2026-01-06T12:00:00Z';
const SIZES = { wide: { width: 1280, height: 860 }, narrow: { width: 380, height: 780 } };
const FAULTS = [
  'http-500=symbol:BCPC',
  'hole=symbols:KO+MCD,from:2025-11-12,to:2025-11-13',
  'hole=symbols:V,from:2025-08-04,to:2025-08-22',
];

const dataDir = mkdtempSync(join(tmpdir(), 'tickstock-pictures-'));
const programs = [];
let browser;
try {
  const flags = ['--latency', '400', ...FAULTS.flatMap((fault) => ['--fault', fault])];
  const vendor = await begin(['sandbox', '--port', '0', '--now', NOW, ...flags], {});
  const { url } = await begin(['serve', '--port', '0'], {
    MASSIVE_BASE_URL: vendor.url,
    MASSIVE_API_KEY: vendor.key,
    TICKSTOCK_NOW: NOW,
    TICKSTOCK_DATA_DIR: dataDir,
    DATA_IMPORT_SERVICE_LOG_LEVEL: 'error',
  });
  const post = async (path, body) => {
    const answer = await fetch(url + path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    });
    return answer.json();
  };
  const ended = async ({ run_id: runId }) => {
    for (;;) {
      const { status } = await (await fetch(`${url}/api/processing/import/status/${runId}`)).json();
      if (status !== 'in_progress') return;
      await delay(200);
    }
  };
  await post('/api/universes', { name: 'watched', expression: 'dow30 - nasdaq100' });
  await ended(await post('/api/processing/import/trigger', { universes: ['dow30'] }));
  const failed = await post('/api/processing/import/trigger', {
    symbols: ['AMGN', 'BCPC', 'NVDA', 'ADBE', 'CDNS'],
    timeframes: ['daily'],
  });
  await ended(failed);

  const views = {
    import: '/import',
    runs: '/runs',
    run: `/runs/${failed.run_id}`,
    coverage: '/coverage',
    symbol: '/symbols/AAPL',
    symbols: '/symbols',
    universes: '/universes?expression=sp500+%26+nasdaq100&a=dow30&b=nasdaq100',
    universe: '/universes/watched',
    schedule: '/schedule',
  };
  mkdirSync(PICTURES, { recursive: true });
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  browser = await chromium.launch({ executablePath: CHROMIUM, args });
  for (const [name, path] of Object.entries(views)) await shoot(name, url + path);
  // Last, and while it is at work.
  const again = { universes: ['sp500'], timeframes: ['hourly'], refresh: true };
  await post('/api/processing/import/trigger', again);
  await shoot('now', `${url}/`, 6000);
} finally {
  await browser?.close();
  for (const program of programs.toReversed()) await program.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

async function shoot(name, address, afterMs = 1500) {
  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const colorScheme of ['light', 'dark']) {
      const page = await browser.newPage({ viewport, colorScheme, reducedMotion: 'reduce' });
      await page.goto(address);
      await page.getByText('live', { exact: true }).waitFor();
      if (name === 'import') await page.getByLabel('sp500').check();
      // What is asked for is answered and drawn by then.
      await delay(afterMs);
      await page.screenshot({ path: join(PICTURES, `${name}-${size}-${colorScheme}.png`) });
      await page.close();
    }
  }
}

async function begin(args, env) {
  const program = await startProgram(args, env);
  programs.push(program);
  return program;
}
