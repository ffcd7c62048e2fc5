import { createApp } from '../../dist/app.js';
import { createClock } from '../../dist/clock.js';
import { loadSettings } from '../../dist/config.js';
import { startDatabases } from '../fresh-databases.mjs';
import { startMarket } from '../generated-market.mjs';
import { runImport, since } from '../programs.mjs';

const SIZES = [100, 500, 2000, 12_000];
const [SMALLEST, LARGEST] = [SIZES[0], SIZES.at(-1)];
/** What is measured for each size in a quick round. */
const QUICK = { 100: 20, 500: 20, 2000: 40, 12_000: 40 };
const DAYS = 60;
/** A session after that of the import. */
const NEXT_DAY = '2026-01-07T12:00:00Z';

const msPerSymbol = ({ seconds, symbols }) => (1000 * seconds) / symbols;
const forEachSize = (of) => SIZES.map((size) => of(size, `${size.toLocaleString('en')} symbols`));

export const growth = {
  name: 'growth',
  title: 'From 100 to 12,000 symbols',
  about:
    `Generated symbols, ${DAYS} days, daily, unpaced, each into an empty running database; importer, sandbox and PostgreSQL share the machine. Times are those of the whole ` +
    'command, its start included. Planning is for the next session after the import, when all that is known must be read: from the names of the symbols to the plan, in a ' +
    'process that has planned before.',
  rounds: 3,
  figures: [
    ...forEachSize((size, name) => ({ name, unit: 's', of: (round) => round[size].seconds })),
    ...forEachSize((size, name) => ({
      name: `${name}, a symbol`,
      unit: 'ms',
      of: (round) => msPerSymbol(round[size]),
    })),
    {
      name: 'ms a symbol, 12,000 against 100',
      unit: '×',
      of: (round) => msPerSymbol(round[LARGEST]) / msPerSymbol(round[SMALLEST]),
      atMost: 1,
    },
    ...forEachSize((size, name) => ({
      name: `${name}, importing process, peak`,
      unit: 'MB',
      of: (round) => round[size].peakMb,
      atMost: 200,
    })),
    ...forEachSize((size, name) => ({
      name: `${name}, planning`,
      unit: 'ms',
      of: (round) => 1000 * round[size].planSeconds,
    })),
  ],
  async *measureRounds({ quick, rounds, folder }) {
    const actualOf = (size) => (quick ? QUICK[size] : size);
    const markets = [];
    let databases;
    try {
      databases = await startDatabases(folder);
      for (const count of new Set(SIZES.map(actualOf))) markets.push(await startMarket(count, folder));
      for (let n = 0; n < rounds; n++) {
        const measured = {};
        for (const market of markets)
          measured[market.symbols.length] = await databases.withEmpty((database) =>
            importOnce(market, database),
          );
        yield Object.fromEntries(SIZES.map((size) => [size, measured[actualOf(size)]]));
      }
    } finally {
      for (const market of markets) await market.stop();
      await databases?.stop();
    }
  },
};

async function importOnce(market, database) {
  const { symbols, universe } = market;
  const env = { ...market.env, ...database };
  const flags = ['--universe', universe, '--timeframes', 'daily', '--lookback-days', String(DAYS)];
  const { seconds, peakMb, summary } = await runImport(flags, env);
  if (summary.successful_symbols !== symbols.length)
    throw new Error(`${summary.successful_symbols} of ${symbols.length} symbols came`);
  return { symbols: symbols.length, seconds, peakMb, planSeconds: await timePlanning(env, symbols) };
}

/** The program's planning itself, without the start of a process. */
async function timePlanning(env, symbols) {
  const app = await createApp(
    loadSettings({ env: { ...env, TICKSTOCK_NOW: NEXT_DAY }, flags: {} }),
    createClock(Date.parse(NEXT_DAY)),
  );
  const span = { lookbackDays: { daily: DAYS } };
  const asked = { universes: [], symbols, timeframes: ['daily'], span };
  try {
    await app.planImport(asked);
    const startedAt = performance.now();
    const planned = await app.planImport(asked);
    const seconds = since(startedAt);
    if (planned.symbols_asked !== symbols.length || planned.sessions_asked !== 2)
      throw new Error(
        `planned ${planned.symbols_asked} of ${symbols.length} symbols, ${planned.sessions_asked} of 2 sessions`,
      );
    return seconds;
  } finally {
    await app.close();
  }
}
