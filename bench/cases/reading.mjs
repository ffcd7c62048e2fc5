import pg from 'pg';
import { median } from '../figures.mjs';
import { finish, ready, runImport, stopDatabase } from '../programs.mjs';
import { yearsAgo } from '../years-ago.mjs';

const MEMBERS = 503;
const FEW = ['AAPL', 'MSFT', 'AMZN', 'NVDA', 'GOOGL'];

const READS = [
  {
    key: 'year',
    what: 'a symbol’s year of days',
    isOfOne: true,
    view: 'SELECT date, open, high, low, close, volume FROM ohlcv_daily WHERE symbol = $1 AND date >= $2 ORDER BY date',
    table:
      'SELECT session, open, high, low, close, volume FROM bars_daily WHERE symbol = $1 AND session >= $2 ORDER BY session',
  },
  {
    key: 'closes',
    what: 'every close',
    view: 'SELECT symbol, date, close FROM ohlcv_daily',
    table: 'SELECT symbol, session, close FROM bars_daily',
  },
  {
    key: 'weeks',
    what: 'every week',
    view: 'SELECT symbol, date, open, high, low, close, volume FROM ohlcv_weekly',
    // As somebody would write it who knows nothing of the views.
    table: `SELECT symbol, date_trunc('week', session), (array_agg(open ORDER BY session))[1], max(high), min(low),
                   (array_agg(close ORDER BY session DESC))[1], sum(volume)
              FROM bars_daily GROUP BY 1, 2`,
  },
];

export const reading = {
  name: 'reading',
  title: 'Reading through the views',
  about:
    'Ten years of days of the S&P 500 in the embedded database, vacuumed and analysed, as autovacuum leaves it after a while. The views adjust for splits; beside each the same ' +
    'columns and number of rows from the raw table, weeks by date_trunc. Read with pg over the socket to the last row and kept as text, the least that a client does; ' +
    'receiving is much of the time where a million rows come. Of the years the median of 100 symbols.',
  figures: READS.flatMap(({ key, what }) => [
    { name: `${what}, view`, unit: 'ms', of: (round) => round[key].view },
    { name: `${what}, raw table`, unit: 'ms', of: (round) => round[key].table },
    { name: `${what}, view to raw`, unit: '×', of: (round) => round[key].view / round[key].table },
  ]),
  async *measureRounds({ quick, rounds, folder }) {
    const env = { TICKSTOCK_DATA_DIR: `${folder}/data` };
    let pool;
    try {
      const { out: url } = await finish(['db', 'start'], env);
      const stored = await fill(env, quick);
      pool = new pg.Pool({ connectionString: url.trim() });
      await pool.query('VACUUM (ANALYZE) bars_daily, splits');
      const symbols = await storedSymbols(pool, stored);
      const chosen = symbols.slice(0, quick ? 2 : 100);
      // Once before, so that no round begins with what the others find in memory.
      await readAll(pool, chosen, stored.total_records_imported);
      for (let n = 0; n < rounds; n++) yield readAll(pool, chosen, stored.total_records_imported);
    } finally {
      await pool?.end();
      stopDatabase(env);
    }
  },
};

async function fill(env, quick) {
  const sandbox = await ready(['sandbox', '--port', '0']);
  try {
    const wanted = quick ? ['--symbols', FEW.join(',')] : ['--universe', 'sp500'];
    const days = ['--timeframes', 'daily', '--from', yearsAgo(quick ? 1 : 10), '--rate-limit-ms', '0'];
    const vendor = { MASSIVE_BASE_URL: sandbox.url, MASSIVE_API_KEY: sandbox.key };
    const { summary } = await runImport([...wanted, ...days], { ...env, ...vendor });
    const expected = quick ? FEW.length : MEMBERS;
    if (summary.successful_symbols !== expected)
      throw new Error(`expected ${expected} symbols, ${summary.successful_symbols} came`);
    return summary;
  } finally {
    await sandbox.stop();
  }
}

async function storedSymbols(pool, { total_symbols: expected }) {
  const { rows } = await pool.query('SELECT DISTINCT symbol FROM bars_daily ORDER BY symbol');
  if (rows.length !== expected)
    throw new Error(`expected bars of ${expected} symbols, ${rows.length} have any`);
  return rows.map(({ symbol }) => symbol);
}

/** One round: of each read the ms through the view and from the table, in turns. */
async function readAll(pool, symbols, bars) {
  const round = {};
  for (const { key, isOfOne, view, table } of READS) {
    const times = { view: [], table: [] };
    for (const symbol of isOfOne ? symbols : [null]) {
      const values = isOfOne ? [symbol, yearsAgo(1)] : [];
      const adjusted = await read(pool, view, values);
      const raw = await read(pool, table, values);
      const isAll = key !== 'closes' || raw.rows === bars;
      if (adjusted.rows === 0 || adjusted.rows !== raw.rows || !isAll)
        throw new Error(
          `${key}: ${adjusted.rows} rows of the view, ${raw.rows} of the table with ${bars} bars`,
        );
      times.view.push(adjusted.ms);
      times.table.push(raw.ms);
    }
    round[key] = { view: median(times.view), table: median(times.table) };
  }
  return round;
}

async function read(pool, text, values) {
  const startedAt = performance.now();
  const { rows } = await pool.query({
    text,
    values,
    rowMode: 'array',
    types: { getTypeParser: () => String },
  });
  return { rows: rows.length, ms: performance.now() - startedAt };
}
