import { importByFleet, lacksRedis } from '../fleet-import.mjs';
import { startDatabases } from '../fresh-databases.mjs';
import { startMarket } from '../generated-market.mjs';
import { runImport } from '../programs.mjs';

const SYMBOLS = 2000;
const DAYS = 120;
const SLOTS = 4;
const ALONE = 0;
/** What is measured for each number of workers in a quick round. */
const QUICK = { [ALONE]: ALONE, 1: 1, 2: 2, 4: 2 };
const FLEETS = [1, 2, 4];

const named = (workers) => `${workers} worker${workers === 1 ? '' : 's'}`;

export const workers = {
  name: 'workers',
  title: 'Several workers',
  about:
    `${SYMBOLS.toLocaleString('en')} generated symbols, ${DAYS} days, daily, unpaced, each into an empty running database: by one process with ${SLOTS} requests at once, and by ` +
    `\`tickstock worker\` processes of ${SLOTS} slots each beside a conductor that works nothing itself. Workers are up before the import starts; its time is that of the ` +
    'whole command. All of them, sandbox, PostgreSQL and Redis share the machine. An item of work is here a day of all stocks.',
  rounds: 3,
  lacks: lacksRedis,
  figures: [
    { name: 'one process alone', unit: 's', of: (round) => round[ALONE].seconds },
    ...FLEETS.map((count) => ({ name: named(count), unit: 's', of: (round) => round[count].seconds })),
    ...FLEETS.slice(1).map((count) => ({
      name: `${named(count)}, speed-up over 1`,
      unit: '×',
      of: (round) => round[1].seconds / round[count].seconds,
    })),
    ...FLEETS.slice(1).map((count) => ({
      name: `${named(count)}, least of an even share of the items`,
      unit: '%',
      of: (round) => 100 * round[count].least,
    })),
  ],
  async *measureRounds({ quick, rounds, folder }) {
    const count = quick ? 20 : SYMBOLS;
    const started = [];
    try {
      const market = await startMarket(count, folder);
      started.push(market);
      const databases = await startDatabases(folder);
      started.push(databases);
      for (let n = 0; n < rounds; n++) {
        const measured = {};
        const round = {};
        for (const size of [ALONE, ...FLEETS]) {
          const actual = quick ? QUICK[size] : size;
          measured[actual] ??= await databases.withEmpty((database) => importOnce(market, database, actual));
          round[size] = measured[actual];
        }
        yield round;
      }
    } finally {
      for (const one of started) await one.stop();
    }
  },
};

async function importOnce(market, database, size) {
  const env = { ...market.env, ...database };
  const flags = ['--universe', market.universe, '--timeframes', 'daily', '--lookback-days', String(DAYS)];
  const done =
    size === ALONE
      ? await runImport([...flags, '--parallel-workers', String(SLOTS)], env)
      : await importByFleet(flags, env, { workers: size, slots: SLOTS });
  const { successful_symbols: came } = done.summary;
  if (came !== market.symbols.length)
    throw new Error(`${named(size)}: ${came} of ${market.symbols.length} symbols came`);
  return done;
}
