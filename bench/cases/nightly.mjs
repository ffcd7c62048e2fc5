import { nextSession, previousSession } from '../../dist/market/calendar.js';
import { addDays } from '../../dist/market/date.js';
import { readPredefined } from '../../dist/universe/predefined.js';
import { listAll, universeOf } from '../generated-market.mjs';
import { startNights } from '../market-nights.mjs';

const FIRST_DAY = '2026-01-05';
const SYMBOLS = 700;
const MISSED = 3;
const ADDED = 10;
/** In so many days some member splits for sure. */
const LOOK_AHEAD_DAYS = 400;
const TIMEFRAMES = ['--timeframes', 'daily,weekly,monthly'];

/** Whatever they are for, evidence included. */
const requests = ({ asked }) => asked.bars + asked.splits + asked.other;

export const nightly = {
  name: 'nightly',
  title: 'Night after night',
  about:
    `The 503 members of the S&P 500, daily, weekly and monthly, imported up to ${FIRST_DAY}; then time moves on and each round is of later sessions. The database runs; seconds ` +
    'are those of the whole command. Requests are all that the sandbox counts; rows by PostgreSQL (pg_stat_user_tables: inserted, updated or deleted, also ' +
    'where nothing became different). A session’s own bars are those of that session and of the one before, which become final. With nothing new, rows are of all tables but ' +
    `those in which a run records itself. New symbols are of the sandbox’s invented ones, asked for beside the members after ${MISSED} missed sessions. The split is the next one ` +
    'of a member, announced weeks before and imported on the evening it executes: the adjusted close of the day before is checked to have changed by its ratio.',
  figures: [
    { name: 'one new session, asked for', unit: 'requests', of: ({ night }) => requests(night), atMost: 3 },
    { name: 'one new session, time', unit: 's', of: ({ night }) => night.seconds },
    {
      name: 'one new session, rows of bars',
      unit: 'rows',
      of: ({ night }) => night.written.bars,
      atMost: ({ night }) => night.ownBars,
    },
    { name: 'nothing new, asked for bars', unit: 'requests', of: ({ again }) => again.asked.bars, atMost: 0 },
    {
      name: 'nothing new, rows of bars and all that is known of them',
      unit: 'rows',
      of: ({ again }) => again.written.bars + again.written.other,
      atMost: 0,
    },
    {
      name: 'nothing new, rows of the run’s record',
      unit: 'rows',
      of: ({ again }) => again.written.record,
    },
    { name: 'nothing new, time', unit: 's', of: ({ again }) => again.seconds, atMost: 0.5 },
    {
      name: `${MISSED} sessions missed and ${ADDED} symbols new, asked for`,
      unit: 'requests',
      of: ({ missed }) => requests(missed),
      atMost: MISSED + 1 + ADDED + 1,
    },
    {
      name: `${MISSED} sessions missed and ${ADDED} symbols new, time`,
      unit: 's',
      of: ({ missed }) => missed.seconds,
    },
    { name: 'one new split, asked for', unit: 'requests', of: ({ split }) => requests(split), atMost: 3 },
    { name: 'one new split, time', unit: 's', of: ({ split }) => split.seconds },
    {
      name: 'one new split, rows of bars',
      unit: 'rows',
      of: ({ split }) => split.written.bars,
      atMost: ({ split }) => split.ownBars,
    },
  ],
  async *measureRounds({ quick, rounds, folder }) {
    const universe = quick ? 'dow30' : 'sp500';
    const members = readPredefined(universe).members.map(({ symbol }) => symbol);
    const nights = await startNights(SYMBOLS, folder, FIRST_DAY);
    try {
      const indexed = new Set(
        ['sp500', 'nasdaq100', 'dow30'].flatMap((name) =>
          readPredefined(name).members.map((one) => one.symbol),
        ),
      );
      const invented = nights.market.symbols.filter((symbol) => !indexed.has(symbol));
      const importOn = (day, flags = ['--universe', universe], count = members.length) =>
        importAll(nights, { day, flags, count, members });
      let day = FIRST_DAY;
      await importOn(day);
      for (let n = 0; n < rounds; n++) {
        day = nextSession(day);
        const night = await importOn(day);
        const again = await importOn(day);
        for (let k = 0; k < MISSED; k++) day = nextSession(day);
        const added = universeOf(invented.slice(n * ADDED, (n + 1) * ADDED), `${folder}/added-${n}.csv`);
        const both = ['--universe', `${universe},${added}`];
        const missed = await importOn(day, both, members.length + ADDED);
        const split = await importSplit(nights, { day, members, importOn });
        day = split.day;
        yield { night, again, missed, split };
      }
    } finally {
      await nights.stop();
    }
  },
};

async function importAll(nights, { day, flags, count, members }) {
  const done = await nights.importOn(day, [...flags, ...TIMEFRAMES]);
  const { successful_symbols: came } = done.summary;
  const [{ stored, own }] = await nights.rows(
    `SELECT count(*) FILTER (WHERE session = $1)::int AS stored, count(*)::int AS own
       FROM bars_daily WHERE symbol = ANY($2) AND session = ANY($3::date[])`,
    [day, members, [day, previousSession(day)]],
  );
  if (came !== count || stored !== members.length)
    throw new Error(
      `${day}: ${came} of ${count} symbols came, with ${stored} of ${members.length} bars of the session`,
    );
  return { ...done, ownBars: own };
}

/** The first session after a day on which a member splits, imported after the evening before it. */
async function importSplit(nights, { day, members, importOn }) {
  const [symbol, session, ratio] = await findSplit(nights, day, members);
  const before = previousSession(session);
  if (before !== day) await importOn(before);
  const adjustedOn = async (asOf) => {
    await nights.rows("SELECT set_config('tickstock.as_of', $1, false)", [asOf]);
    const found = await nights.rows('SELECT close FROM ohlcv_daily WHERE symbol = $1 AND date = $2', [
      symbol,
      before,
    ]);
    return found[0].close;
  };
  const old = await adjustedOn(before);
  const done = await importOn(session);
  const factor = old / (await adjustedOn(session));
  if (Math.abs(factor / ratio - 1) > 1e-9)
    throw new Error(`${symbol} split by ${ratio} on ${session}, but its adjusted close changed by ${factor}`);
  return { ...done, day: session };
}

async function findSplit({ market, lookAhead }, day, members) {
  // Once they have happened: before that some are listed that are called off.
  await lookAhead(addDays(day, LOOK_AHEAD_DAYS));
  const listed = await listAll(
    market,
    `/v3/reference/splits?execution_date.gt=${day}&sort=execution_date&order=asc&limit=1000`,
  );
  const split = listed.find(({ ticker }) => members.includes(ticker));
  if (split === undefined) throw new Error(`no member splits in the ${LOOK_AHEAD_DAYS} days after ${day}`);
  return [split.ticker, split.execution_date, split.split_to / split.split_from];
}
