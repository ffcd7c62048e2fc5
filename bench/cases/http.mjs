import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'undici';
import { ask, askInTurns, quantiles, withAnswers } from '../asking.mjs';
import { finish, ready, runImport, since, stopDatabase } from '../programs.mjs';
import { yearsAgo } from '../years-ago.mjs';

const CONNECTIONS = 8;
const MEMBERS = 101;
const POLL_MS = 20;
/** What a run leaves to be done after its end, such as handing on its events, is done by then. */
const SETTLE_MS = 100;
const API = '/api/processing/import';

export const http = {
  name: 'http',
  title: 'Answers of the service',
  about:
    'A year of days of the Nasdaq-100 in the embedded database, nothing else at work. Status (of a run that has ended) and bars (each symbol in turn, as JSON without gzip) ' +
    `are asked for over ${CONNECTIONS} connections, each with its next request when it has its answer. Imports of what is stored already are triggered one after ` +
    'another, the next when the last has ended: until the answer, and until the end of the run as polled. Client, service and PostgreSQL share the machine; the ' +
    'service’s limits of requests a second are set so high that they do not bind.',
  figures: [
    ...answerFigures('status', 'status of a run', { atMost: 50 }),
    ...answerFigures('bars', 'bars of a symbol for a year', { atMost: 50 }),
    ...answerFigures('trigger', 'trigger of 101 symbols that are stored', {}, 'triggered runs to their end'),
  ],
  async *measureRounds({ quick, rounds, folder }) {
    const from = yearsAgo(1);
    const sandbox = await ready(['sandbox', '--port', '0']);
    const env = {
      TICKSTOCK_DATA_DIR: `${folder}/data`,
      MASSIVE_BASE_URL: sandbox.url,
      MASSIVE_API_KEY: sandbox.key,
      DATA_IMPORT_SERVICE_REQUESTS_PER_SECOND: '1000000',
      DATA_IMPORT_SERVICE_CHANGES_PER_SECOND: '1000000',
      DATA_IMPORT_SERVICE_LOG_LEVEL: 'error',
      DATA_IMPORT_SCHEDULE_ENABLED: 'false',
    };
    let service;
    let client;
    try {
      const wanted = quick ? ['--symbols', 'AAPL,MSFT'] : ['--universe', 'nasdaq100'];
      const days = ['--timeframes', 'daily', '--from', from, '--rate-limit-ms', '0'];
      await finish(['db', 'start'], env);
      const { summary } = await runImport([...wanted, ...days], env);
      service = await ready(['serve', '--port', '0'], env);
      client = new Pool(service.url, { connections: CONNECTIONS });
      const status = await withAnswers(client, [`${API}/status/${summary.run_id}`]);
      const bars = await withAnswers(client, await barPaths(client, from));
      expectBars(bars, summary, quick ? 2 : MEMBERS);
      const job = {
        ...(quick ? { symbols: ['AAPL', 'MSFT'] } : { universes: ['nasdaq100'] }),
        timeframes: ['daily'],
        from,
      };
      const often = (requests, count) => askInTurns(client, requests, { connections: CONNECTIONS, count });
      // A service that has just started compiles its code while it answers.
      await often(status, quick ? 8 : 5000);
      await often(bars, quick ? 8 : 1000);
      await trigger(client, job, quick ? 1 : 10, summary);
      for (let n = 0; n < rounds; n++)
        yield {
          status: await often(status, quick ? 40 : 20_000),
          bars: await often(bars, quick ? 40 : 3000),
          trigger: await trigger(client, job, quick ? 2 : 100, summary),
        };
    } finally {
      await client?.destroy();
      await service?.stop();
      await sandbox.stop();
      stopDatabase(env);
    }
  },
};

function answerFigures(key, what, bound, rate = what) {
  return [
    { name: `${what}, p50`, unit: 'ms', of: (round) => round[key].p50 },
    { name: `${what}, p99`, unit: 'ms', of: (round) => round[key].p99, ...bound },
    { name: rate, unit: '/s', of: (round) => round[key].perSecond },
  ];
}

async function barPaths(client, from) {
  const { symbols } = JSON.parse(await ask(client, '/api/symbols?limit=500'));
  return symbols.map(({ symbol }) => `/api/bars/${symbol}?from=${from}`);
}

function expectBars(asked, { total_records_imported: imported }, symbols) {
  const bars = asked.reduce((sum, { answer }) => sum + JSON.parse(answer).bars.length, 0);
  if (asked.length !== symbols || bars !== imported)
    throw new Error(
      `expected ${imported} bars of ${symbols} symbols, got ${bars} of ${asked.length} over HTTP`,
    );
}

async function trigger(client, job, times, { total_symbols: symbols }) {
  const latencies = [];
  let seconds = 0;
  for (let n = 0; n < times; n++) {
    const sentAt = performance.now();
    const answer = JSON.parse(await ask(client, `${API}/trigger`, job));
    latencies.push(performance.now() - sentAt);
    const run = await ended(client, answer.run_id);
    seconds += since(sentAt);
    if (run.status !== 'completed' || run.completed !== symbols || run.records_imported !== 0)
      throw new Error(
        `expected a run of ${symbols} symbols with nothing to import, got ${JSON.stringify(run)}`,
      );
    await delay(SETTLE_MS);
  }
  return { ...quantiles(latencies), perSecond: times / seconds };
}

async function ended(client, runId) {
  for (;;) {
    const run = JSON.parse(await ask(client, `${API}/runs/${runId}`));
    if (run.status !== 'in_progress') return run;
    await delay(POLL_MS);
  }
}
