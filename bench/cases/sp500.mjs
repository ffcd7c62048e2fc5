import { finish, ready, runImport, stopDatabase } from '../programs.mjs';

const PACING_MS = 12;
const MEMBERS = 503;
/** A request a symbol and timeframe, as a tool makes that asks for each by itself. */
const NAIVE_REQUESTS = MEMBERS * 4;
const GUIDE_SECONDS = 25 * 60;

const SETUPS = [
  { key: 'fresh', latency: 0, isRunning: false },
  { key: 'running', latency: 0, isRunning: true },
  { key: 'slow', latency: 100, isRunning: true },
];

const boundOf = (key, startSeconds) => (round) =>
  (1.05 * round[key].summary.requests * PACING_MS) / 1000 + startSeconds;

export const sp500 = {
  name: 'sp500',
  title: 'S&P 500, four timeframes',
  about:
    'The guide’s lookbacks at 12 ms, each into an empty database. Importer, sandbox and PostgreSQL share the machine. A tool that asks for each symbol and ' +
    'timeframe by itself makes at least 2,012 requests; the guide expects 25 to 35 minutes.',
  figures: [
    { name: 'new database', unit: 's', of: ({ fresh }) => fresh.seconds, atMost: boundOf('fresh', 4) },
    {
      name: 'running database',
      unit: 's',
      of: ({ running }) => running.seconds,
      atMost: boundOf('running', 2),
    },
    {
      name: 'running database, vendor answers after 100 ms',
      unit: 's',
      of: ({ slow }) => slow.seconds,
      atMost: boundOf('slow', 2),
    },
    {
      name: 'time of the guide’s 25 minutes',
      unit: '×',
      of: ({ fresh }) => fresh.seconds / GUIDE_SECONDS,
      atMost: 1,
    },
    {
      name: 'requests of a per-symbol tool’s',
      unit: '×',
      of: ({ fresh }) => fresh.summary.requests / NAIVE_REQUESTS,
      atMost: 0.51,
    },
    { name: 'importing process, peak', unit: 'MB', of: (round) => peakMb(round), atMost: 200 },
    { name: 'on the wire, gzip', unit: 'MB', of: ({ fresh }) => fresh.summary.bytes / 1e6 },
  ],
  async *measureRounds({ quick, rounds, folder }) {
    for (let n = 0; n < rounds; n++) {
      const round = {};
      for (const setup of SETUPS)
        round[setup.key] = await importOnce(setup, `${folder}/${setup.key}-${n}`, quick);
      yield round;
    }
  },
};

async function importOnce({ latency, isRunning }, dataDir, quick) {
  const sandbox = await ready(['sandbox', '--port', '0', '--latency', String(latency)]);
  const env = { TICKSTOCK_DATA_DIR: dataDir, MASSIVE_BASE_URL: sandbox.url, MASSIVE_API_KEY: sandbox.key };
  try {
    if (isRunning) await finish(['db', 'start'], env);
    const wanted = quick ? ['--symbols', 'AAPL,MSFT'] : ['--universe', 'sp500'];
    const done = await runImport([...wanted, '--rate-limit-ms', String(PACING_MS)], env);
    if (!quick && done.summary.successful_symbols !== MEMBERS)
      throw new Error(`only ${done.summary.successful_symbols} symbols came`);
    return done;
  } finally {
    await sandbox.stop();
    stopDatabase(env);
  }
}

function peakMb(round) {
  return Math.max(...SETUPS.map(({ key }) => round[key].peakMb));
}
