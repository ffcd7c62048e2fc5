import { importByFleet, lacksRedis } from '../fleet-import.mjs';
import { startDatabases } from '../fresh-databases.mjs';
import { startMarket, universeOf } from '../generated-market.mjs';
import { runImport } from '../programs.mjs';

/** An item of the first is a symbol's range, of the second a day of all stocks. */
const WORK = [
  { key: 'hours', timeframe: 'hourly', symbols: 300, days: 120 },
  { key: 'days', timeframe: 'daily', symbols: 2000, days: 120 },
];
const SLOTS = 4;
const ALONE = 0;
const FLEETS = [1, 2, 4];

const named = (workers) => `${workers} worker${workers === 1 ? '' : 's'}`;

export const workers = {
  name: 'workers',
  title: 'Several workers',
  about:
    `Hours of 300 symbols and days of 2,000, 120 days, unpaced, each into an empty running database: by one process with ${SLOTS} requests at once, and by \`tickstock worker\` ` +
    `processes of ${SLOTS} slots each beside a conductor that works nothing itself. Workers are up before the import starts; its time is that of the whole command. All of them, sandbox, ` +
    'PostgreSQL and Redis share the machine. Of hours an item of work is a symbol, of days it is a day of all stocks, whose batches wait for each other’s symbols.',
  rounds: 3,
  lacks: lacksRedis,
  figures: WORK.flatMap(({ key }) => [
    { name: `${key}, one process alone`, unit: 's', of: (round) => round[key][ALONE].seconds },
    ...FLEETS.map((count) => ({
      name: `${key}, ${named(count)}`,
      unit: 's',
      of: (round) => round[key][count].seconds,
    })),
    ...FLEETS.slice(1).map((count) => ({
      name: `${key}, ${named(count)}, speed-up over 1`,
      unit: '×',
      of: (round) => round[key][1].seconds / round[key][count].seconds,
    })),
    {
      name: `${key}, ${named(4)}, least of an even share of the items`,
      unit: '%',
      of: (round) => 100 * round[key][4].least,
    },
  ]),
  async *measureRounds({ quick, rounds, folder }) {
    const started = [];
    try {
      const market = await startMarket(quick ? 20 : Math.max(...WORK.map(({ symbols }) => symbols)), folder);
      started.push(market);
      const databases = await startDatabases(folder);
      started.push(databases);
      for (let n = 0; n < rounds; n++) {
        const round = {};
        for (const { key, ...work } of WORK) {
          round[key] = {};
          // A quick round sees that a fleet works, of whatever size.
          for (const size of quick ? [ALONE, 2] : [ALONE, ...FLEETS])
            round[key][size] = await databases.withEmpty((database) =>
              importOnce(market, database, { ...work, size, folder }),
            );
          if (quick) round[key] = { ...round[key], 1: round[key][2], 4: round[key][2] };
        }
        yield round;
      }
    } finally {
      for (const one of started) await one.stop();
    }
  },
};

async function importOnce(market, database, { timeframe, symbols, days, size, folder }) {
  const env = { ...market.env, ...database };
  const wanted = market.symbols.slice(0, symbols);
  const universe = universeOf(wanted, `${folder}/${timeframe}.csv`);
  const flags = ['--universe', universe, '--timeframes', timeframe, '--lookback-days', String(days)];
  const done =
    size === ALONE
      ? await runImport([...flags, '--parallel-workers', String(SLOTS)], env)
      : await importByFleet(flags, env, { workers: size, slots: SLOTS });
  const { successful_symbols: came } = done.summary;
  if (came !== wanted.length) throw new Error(`${named(size)}: ${came} of ${wanted.length} symbols came`);
  return done;
}
