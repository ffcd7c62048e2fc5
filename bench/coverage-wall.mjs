// The coverage wall at 8,000 symbols × 2,500 sessions of generated coverage: size and time of the answer, and in Chromium (which
// draws by software) the first draw and the frames while panning and zooming. Prints a Markdown table; the rows of
// bench/results.md come from here. Usage: node bench/coverage-wall.mjs [--symbols 8000] [--sessions 2500]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { request } from 'undici';
import { latestClosedSession, nextSession, sessionsBetween } from '../dist/market/calendar.js';
import { addDays } from '../dist/market/date.js';
import { openDatabase } from '../dist/storage/database.js';

const PROGRAM = fileURLToPath(new URL('../bin/tickstock.js', import.meta.url));
const ASKED = 5;

const number = (name, usual) =>
  process.argv.includes(name) ? Number(process.argv[process.argv.indexOf(name) + 1]) : usual;
const symbols = number('--symbols', 8000);
const sessions = number('--sessions', 2500);

const dataDir = mkdtempSync(join(tmpdir(), 'tickstock-bench-'));
const database = await openDatabase({ databaseUrl: undefined, dataDir, schema: 'public', asOf: undefined });
let service;
try {
  const absences = await generate();
  service = spawn(process.execPath, [PROGRAM, 'serve', '--port', '0'], {
    env: {
      PATH: process.env.PATH,
      TICKSTOCK_DATA_DIR: dataDir,
      DATA_IMPORT_SERVICE_LOG_LEVEL: 'error',
      DATA_IMPORT_SCHEDULE_ENABLED: 'false',
      MASSIVE_API_KEY: 'not asked for anything here',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(service.stdout.setEncoding('utf8'), 'data');
  const { url } = JSON.parse(line);

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
} finally {
  if (service !== undefined) {
    service.kill('SIGTERM');
    await once(service, 'close');
  }
  await database.close();
  rmSync(dataDir, { recursive: true, force: true });
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
