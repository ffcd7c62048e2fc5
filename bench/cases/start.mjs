import { spawnSync } from 'node:child_process';
import { median } from '../figures.mjs';
import { finish, ready, since, stopDatabase } from '../programs.mjs';

const STARTS = [
  { key: 'version', what: '`tickstock --version`' },
  { key: 'serve', what: '`tickstock serve` to ready, database running' },
  { key: 'warm', what: '`tickstock db start`, folder of before' },
  { key: 'cold', what: '`tickstock db start`, empty folder' },
];

export const start = {
  name: 'start',
  title: 'Starting',
  about:
    'From spawning the program to its end, or to the line that says it is ready; medians of three starts a round, but for an empty folder, where PostgreSQL creates its files ' +
    'first. The running database has its tables; `db start` makes none. Beside each how many times a Node program that does nothing takes.',
  figures: [
    { name: 'empty Node program', unit: 'ms', of: ({ empty }) => empty },
    ...STARTS.flatMap(({ key, what }) => [
      { name: what, unit: 'ms', of: (round) => round[key] },
      { name: `${what}, of the empty program’s`, unit: '×', of: (round) => round[key] / round.empty },
    ]),
  ],
  async *measureRounds({ quick, rounds, folder }) {
    for (let n = 0; n < rounds; n++) yield measureOnce(`${folder}/${n}`, quick ? 1 : 3);
  },
};

async function measureOnce(dataDir, times) {
  const env = {
    TICKSTOCK_DATA_DIR: dataDir,
    DATA_IMPORT_SCHEDULE_ENABLED: 'false',
    DATA_IMPORT_SERVICE_LOG_LEVEL: 'error',
  };
  try {
    const empty = await medianOf(times, startNothing);
    const version = await medianOf(times, async () => (await finish(['--version'])).seconds);
    const cold = await medianOf(1, () => startDatabase(env));
    const warm = await medianOf(times, () => {
      stopDatabase(env);
      return startDatabase(env);
    });
    await finish(['migrate'], env);
    const serve = await medianOf(times, () => startService(env));
    return { empty, version, serve, warm, cold };
  } finally {
    stopDatabase(env);
  }
}

/** Ms of so many starts, each told in seconds. */
async function medianOf(times, startOnce) {
  const taken = [];
  for (let n = 0; n < times; n++) taken.push(1000 * (await startOnce()));
  return median(taken);
}

function startNothing() {
  const startedAt = performance.now();
  const { status, stderr } = spawnSync(process.execPath, ['-e', '0']);
  if (status !== 0) throw new Error(`an empty program ended with ${status}: ${stderr}`);
  return since(startedAt);
}

async function startService(env) {
  const startedAt = performance.now();
  const service = await ready(['serve', '--port', '0'], env);
  const seconds = since(startedAt);
  await service.stop();
  return seconds;
}

async function startDatabase(env) {
  const { out, seconds } = await finish(['db', 'start'], env);
  if (!out.startsWith('postgresql://')) throw new Error(`expected the URL of a database, got ${out}`);
  return seconds;
}
