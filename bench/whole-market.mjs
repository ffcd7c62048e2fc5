// A whole real market by days of all stocks: at once by the command line, and session by session as a nightly job
// would, in this process. Both must end in the same database. Usage: node bench/whole-market.mjs [--data FOLDER] [--nights N] [--from DATE]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApp } from '../dist/app.js';
import { loadSettings } from '../dist/config.js';
import { sessionsBetween } from '../dist/market/calendar.js';
import { newYorkInstant } from '../dist/market/new-york.js';
import { verifyStored } from '../dist/storage/verify/verify.js';
import { numberOption, textOption } from './options.mjs';
import { universeOf } from './generated-market.mjs';
import { MARKET_FILES, readMarketFiles } from './market-files.mjs';
import { peakMegabytes } from './peak-memory.mjs';
import { ready, runImport, since, stopDatabase } from './programs.mjs';

const data = textOption('--data', MARKET_FILES);

const folder = mkdtempSync(join(tmpdir(), 'tickstock-bench-'));
const market = readMarketFiles(data);
const from = textOption('--from', market.first);
const sessions = sessionsBetween(from, market.last).slice(0, numberOption('--nights', 100_000));
const last = sessions.at(-1);
const served = sessions.reduce((sum, date) => sum + (market.tradedOn.get(date) ?? 0), 0);
const evening = (session) => newYorkInstant(session, 22);

const now = new Date(evening(last)).toISOString();
const vendor = await ready(['sandbox', '--port', '0', '--replay', data, '--now', now]);
try {
  console.log(
    `${[...market.begins.values()].filter((begins) => begins <= last).length} symbols, ${sessions.length} sessions from ${from} to ${last}, ${served} rows with volume\n`,
  );
  console.log(
    '| case | runs | seconds | requests | evidence | bars | quarantined | peak MB |\n|---|---|---|---|---|---|---|---|',
  );
  const atOnce = await measure('at once', vendor, [last], importByProgram);
  compare(atOnce, await measure('session by session', vendor, sessions, importHere));
  console.log(`stored and quarantined: ${atOnce.stored} of ${served}`);
} finally {
  await vendor.stop();
  rmSync(folder, { recursive: true, force: true });
}

function compare(atOnce, nightly) {
  for (const [name, value] of Object.entries(atOnce.digest))
    console.log(
      `${name}: ${value === nightly.digest[name] ? 'equal' : `${value} and ${nightly.digest[name]}`}`,
    );
  for (const table of ['coverage', 'absences']) {
    const [one, other] = [atOnce, nightly].map(({ rows }) => new Set(rows[table]));
    const only = (a, b) => [...a].filter((row) => !b.has(row));
    for (const row of only(one, other).slice(0, 5)) console.error(`only at once: ${row}`);
    for (const row of only(other, one).slice(0, 5)) console.error(`only session by session: ${row}`);
  }
}

/** In a process of its own, whose memory is that of an import and nothing else. */
async function importByProgram(_, { session, symbols, environment }) {
  const universe = universeOf(symbols, join(folder, 'symbols.csv'));
  const flags = ['--universe', universe, '--timeframes', 'daily', '--from', from, '--to', session];
  const { summary, peakMb } = await runImport(flags, environment);
  return { ...summary, peak: peakMb };
}

async function importHere(app, { session, symbols }) {
  const job = await app.importJob({ notice: (said) => console.error(said) });
  const summary = await job.run(
    { universes: ['market'], symbols, timeframes: ['daily'], span: { from, to: session } },
    { signal: new AbortController().signal },
  );
  return { ...summary, peak: peakMegabytes(process.pid) };
}

async function measure(name, { url, key }, nights, importNight) {
  const dataDir = join(folder, name.replaceAll(' ', '-'));
  const clock = {
    at: evening(nights[0]),
    now: () => clock.at,
    sleep: (ms) => new Promise((done) => setTimeout(done, ms)),
  };
  const environment = {
    TICKSTOCK_DATA_DIR: dataDir,
    MASSIVE_BASE_URL: url,
    MASSIVE_API_KEY: key,
    TICKSTOCK_NOW: new Date(clock.at).toISOString(),
    DATA_IMPORT_POLYGON_RATE_LIMIT_MS: '0',
  };
  const settings = loadSettings({ env: environment, flags: {} });
  const app = await createApp(settings, clock);
  try {
    const startedAt = performance.now();
    const total = { requests: 0, evidence: 0, peak: 0 };
    for (const [night, session] of nights.entries()) {
      clock.at = evening(session);
      await fetch(`${url}/sandbox/clock`, {
        method: 'POST',
        body: JSON.stringify({ now: new Date(clock.at).toISOString() }),
      });
      const symbols = [...market.begins].filter(([, begins]) => begins <= session).map(([symbol]) => symbol);
      const summary = await importNight(app, { session, symbols, environment });
      total.requests += summary.requests;
      total.evidence += summary.trouble.evidence_requests;
      total.peak = Math.max(total.peak, summary.peak);
      if (night % 50 === 49)
        console.error(`${name}: ${night + 1} of ${nights.length} nights, ${Math.round(since(startedAt))} s`);
    }
    const seconds = since(startedAt);
    const query = async (sql) => (await app.database.pool.query(sql)).rows[0];
    const { bars, rejected } = await query(
      'SELECT (SELECT count(*) FROM bars_daily)::int AS bars, (SELECT count(*) FROM rejected_bars)::int AS rejected',
    );
    const digest = {
      bars_daily: await digestOf(
        query,
        'bars_daily',
        'symbol, session, open, high, low, close, volume, vwap, trades, final',
      ),
      coverage: await digestOf(query, 'coverage', 'symbol, timeframe, sessions, provisional'),
      absences: await digestOf(query, 'absences', 'symbol, timeframe, session, reason'),
    };
    const reasons = await app.database.pool.query(
      'SELECT reason, count(*)::int AS sessions FROM absences GROUP BY 1 ORDER BY 1',
    );
    const checkedAt = performance.now();
    const { laws } = await app.database.transaction('verify', (client) => verifyStored(client, null));
    const broken = laws.filter(({ found }) => found > 0).map(({ name: law, found }) => `${law} ${found}`);
    console.error(
      `${name}: verified in ${since(checkedAt).toFixed(1)} s, ${broken.join(', ') || 'every law holds'}`,
    );
    console.log(
      `| ${[name, nights.length, seconds.toFixed(1), total.requests, total.evidence, bars, rejected, total.peak].join(' | ')} |`,
    );
    console.error(reasons.rows.map(({ reason, sessions: count }) => `${reason} ${count}`).join(', '));
    const listed = async (sql) =>
      (await app.database.pool.query({ text: sql, rowMode: 'array' })).rows.map(String);
    const rows = {
      coverage: await listed('SELECT symbol, sessions::text, provisional::text FROM coverage'),
      absences: await listed('SELECT symbol, session::text, reason FROM absences'),
    };
    return { digest, rows, stored: bars + rejected };
  } finally {
    await app.close();
    stopDatabase(environment);
  }
}

async function digestOf(query, table, columns) {
  const { digest } = await query(
    `SELECT count(*) || ' rows ' || coalesce(sum(hashtextextended(row(${columns})::text, 0)::numeric), 0) AS digest FROM ${table}`,
  );
  return digest;
}
