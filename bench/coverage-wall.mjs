// The coverage wall at 8,000 symbols × 2,500 sessions of generated coverage: size and time of the answer, and in Chromium (which
// draws by software) the first draw and the frames while panning and zooming. Prints a Markdown table; the rows of
// bench/results.md come from here. Usage: node bench/coverage-wall.mjs [--symbols 8000] [--sessions 2500]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { chromium } from 'playwright-core';
import { request } from 'undici';
import { latestClosedSession, nextSession, sessionsBetween } from '../dist/market/calendar.js';
import { addDays } from '../dist/market/date.js';
import { startProgram } from '../scripts/start-program.mjs';
import { numberOption } from './options.mjs';
import { openIn } from './open-database.mjs';

const CHROMIUM = process.env.TICKSTOCK_TEST_CHROMIUM ?? '/usr/bin/chromium';
const ASKED = 5;
const FRAMES = 200;
const BOUND_MS = 17;
const SIZES = [
  { width: 1280, height: 900 },
  { width: 2560, height: 1440 },
];

const symbols = numberOption('--symbols', 8000);
const sessions = numberOption('--sessions', 2500);

const dataDir = mkdtempSync(join(tmpdir(), 'tickstock-bench-'));
const database = await openIn(dataDir);
let service;
try {
  const absences = await generate();
  service = await startProgram(['serve', '--port', '0'], {
    TICKSTOCK_DATA_DIR: dataDir,
    DATA_IMPORT_SERVICE_LOG_LEVEL: 'error',
    DATA_IMPORT_SCHEDULE_ENABLED: 'false',
    MASSIVE_API_KEY: 'not asked for anything here',
  });
  const { url } = service;

  console.log(`${symbols} symbols × ${sessions} sessions, ${absences} absences\n`);
  const taken = [];
  let zipped, json;
  for (let n = 0; n < ASKED; n++) {
    const startedAt = performance.now();
    const answer = await request(`${url}/api/coverage`, { headers: { 'accept-encoding': 'gzip' } });
    zipped = Buffer.from(await answer.body.arrayBuffer());
    taken.push(performance.now() - startedAt);
    json = gunzipSync(zipped);
  }
  taken.sort((a, b) => a - b);
  console.log('| answer, median ms | slowest | MB | MB as gzip |\n|---|---|---|---|');
  const cells = [taken[ASKED >> 1], taken.at(-1)].map((ms) => ms.toFixed(0));
  console.log(`| ${cells.join(' | ')} | ${mb(json)} | ${mb(zipped)} |\n`);

  console.log(
    '| window | answer to first draw ms | frames | p50 ms | p95 | worst | drawing p50 ms | p95 | worst | bound of p95 |\n|---|---|---|---|---|---|---|---|---|---|',
  );
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const browser = await chromium.launch({ executablePath: CHROMIUM, args });
  for (const size of SIZES) await draw(browser, `${url}/coverage`, size);
  await browser.close();
} finally {
  await service?.stop();
  await database.close();
  rmSync(dataDir, { recursive: true, force: true });
}

/** Draws the wall in a window of some size, then moves it by a step each frame. */
async function draw(browser, url, size) {
  const page = await browser.newPage({ viewport: size });
  await page.addInitScript(() => {
    const put = CanvasRenderingContext2D.prototype.putImageData;
    CanvasRenderingContext2D.prototype.putImageData = function (...given) {
      globalThis.firstDrawAt ??= performance.now();
      return put.apply(this, given);
    };
    const next = requestAnimationFrame;
    globalThis.ownWork = [];
    globalThis.requestAnimationFrame = (work) =>
      next((at) => {
        const startedAt = performance.now();
        work(at);
        globalThis.ownWork.push(performance.now() - startedAt);
      });
  });
  await page.goto(url);
  await page.waitForFunction(() => globalThis.firstDrawAt !== undefined, undefined, { timeout: 60_000 });
  const firstMs = await page.evaluate(() => {
    const answer = performance
      .getEntriesByType('resource')
      .find(({ name }) => name.includes('/api/coverage'));
    return globalThis.firstDrawAt - answer.responseEnd;
  });
  for (const [name, moves] of [
    ['panning over all sessions', [{ deltaY: 37 }]],
    [
      'zooming in and out',
      [
        { deltaY: -40, ctrlKey: true },
        { deltaY: 40, ctrlKey: true },
      ],
    ],
    [
      'panning two years',
      [
        { deltaX: 11, deltaY: 23 },
        { deltaX: -11, deltaY: -23 },
      ],
    ],
  ]) {
    if (name === 'panning two years')
      await page.evaluate(move, { moves: [{ deltaY: -30, ctrlKey: true }], frames: 20 });
    const { taken, work } = await page.evaluate(move, { moves, frames: FRAMES });
    const figures = [taken, work].flatMap((all) => {
      const sorted = all.toSorted((a, b) => a - b);
      return [0.5, 0.95, 1].map((share) => sorted[Math.floor((sorted.length - 1) * share)].toFixed(1));
    });
    const cells = [`${size.width} × ${size.height}`, firstMs.toFixed(0), name, ...figures, `≤ ${BOUND_MS}`];
    console.log(`| ${cells.join(' | ')} |`);
  }
  await page.close();
}

/** In the page: turns the wheel once a frame, in turns of a hundred; how long each frame took, in ms. */
async function move({ moves, frames }) {
  const canvas = document.querySelector('.wall canvas');
  const { left, top, width, height } = canvas.getBoundingClientRect();
  const at = { clientX: left + width / 2, clientY: top + height / 2, cancelable: true };
  const taken = [];
  globalThis.ownWork = [];
  let before = await new Promise(requestAnimationFrame);
  for (let n = 0; n < frames; n++) {
    canvas.dispatchEvent(new WheelEvent('wheel', { ...at, ...moves[Math.floor(n / 100) % moves.length] }));
    const now = await new Promise(requestAnimationFrame);
    taken.push(now - before);
    before = now;
  }
  // What is longer than a moment has drawn.
  return { taken, work: globalThis.ownWork.filter((ms) => ms > 0.2) };
}

function mb({ length }) {
  return (length / 1e6).toFixed(2);
}

/**
 * Coverage as a market leaves it: a third of the symbols was listed within the sessions, a tenth delisted, a fifth does not trade
 * every day, some have gaps, a few were left out for some time. Returns how many absences there are.
 */
async function generate() {
  const last = latestClosedSession(Date.now());
  const days = sessionsBetween(addDays(last, -Math.ceil(sessions * 1.5)), last).slice(-sessions);
  await database.pool.query(
    `INSERT INTO coverage (symbol, timeframe, sessions, provisional)
     SELECT 'S' || lpad(n::text, 5, '0'), 'daily',
            datemultirange(daterange($2::date, $3::date))
              - CASE WHEN n % 40 = 7 THEN datemultirange(daterange($2::date + n % 3000, $2::date + n % 3000 + 60)) ELSE '{}' END,
            datemultirange(daterange($4::date, $3::date))
       FROM generate_series(1, $1::integer) n`,
    [symbols, days[0], nextSession(last), last],
  );
  const { rowCount } = await database.pool.query(
    `INSERT INTO absences (symbol, timeframe, session, reason)
     SELECT * FROM (
       SELECT 'S' || lpad(n::text, 5, '0'), 'daily', session,
              CASE WHEN n % 3 = 0 AND at < n * 7919 % $3 THEN 'not_listed'
                   WHEN n % 10 = 1 AND at > n * 6007 % $3 THEN 'delisted'
                   WHEN n % 5 = 2 AND hashint8(n * 100000 + at) % 12 = 0 THEN 'no_trade'
                   WHEN at IN (170, 171, 1400) AND n % 6 = 0 THEN 'vendor_outage'
                   WHEN hashint8(n * 100000 + at) % 4000 = 0 THEN 'unexplained'
                   WHEN hashint8(n * 100000 + at) % 9000 = 1 THEN 'rejected' END AS reason
         FROM generate_series(1, $1::bigint) n, unnest($2::date[]) WITH ORDINALITY AS d(session, at)) cells
      WHERE reason IS NOT NULL`,
    [symbols, days, sessions],
  );
  await database.pool.query('ANALYZE');
  return rowCount;
}
