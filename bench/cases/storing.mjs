import { randomUUID } from 'node:crypto';
import { createClock } from '../../dist/clock.js';
import { createBatchWriter } from '../../dist/jobs/batch-writer.js';
import { definitions } from '../../dist/setting-definitions.js';
import { packBars } from '../../dist/market/packed-bars.js';
import { writeBatch } from '../../dist/storage/batch.js';
import { createRun, startSymbols } from '../../dist/storage/runs.js';
import { lastSessions, madeBars } from '../made-bars.mjs';
import { since } from '../programs.mjs';
import { copyFile, insertArrays, insertByOrm, insertRows, secondsOf, writeCopyFile } from '../raw-rows.mjs';
import { openIn } from '../open-database.mjs';

const BATCH_ROWS = definitions['storage.batch_size'].default;
const ATTEMPT = 1;

export const storing = {
  name: 'storing',
  title: 'Storing 500,000 bars',
  about:
    '200 symbols × 2,500 days into empty tables, by batches of the default 20,000 rows, each a transaction with coverage, counts and the log. COPY of a file of the same rows, ' +
    'multi-row INSERT (1,000 rows a statement), `unnest` (10,000) and Drizzle ORM (1,000; a tenth of the bars, taken times ten) write the bars alone, in one transaction.',
  figures: [
    { name: 'tickstock', unit: 's', of: ({ tickstock }) => tickstock },
    { name: 'COPY', unit: 's', of: ({ copy }) => copy },
    { name: 'multi-row INSERT', unit: 's', of: ({ insert }) => insert },
    { name: '`unnest`', unit: 's', of: ({ unnest }) => unnest },
    { name: 'Drizzle ORM, a tenth of them', unit: 's', of: ({ tenthByOrm }) => tenthByOrm },
    { name: 'speed of COPY’s', unit: '×', of: ({ tickstock, copy }) => copy / tickstock, atLeast: 0.5 },
    {
      name: 'speed of a multi-row INSERT’s',
      unit: '×',
      of: ({ tickstock, insert }) => insert / tickstock,
      atLeast: 4,
    },
    { name: 'speed of `unnest`’s', unit: '×', of: ({ tickstock, unnest }) => unnest / tickstock },
    {
      name: 'speed of Drizzle ORM’s',
      unit: '×',
      of: ({ tickstock, tenthByOrm }) => (10 * tenthByOrm) / tickstock,
    },
    { name: 'the same again, all of it stored already', unit: 's', of: ({ again }) => again },
  ],
  async *measureRounds({ quick, rounds, folder }) {
    const series = madeBars(quick ? 4 : 200, lastSessions(2500));
    const bars = series.flat();
    const few = bars.slice(0, bars.length / 10);
    const file = `${folder}/bars.tsv`;
    await writeCopyFile(file, bars);
    const database = await openIn(`${folder}/data`);
    try {
      for (let n = 0; n < rounds; n++) {
        const round = {};
        const timed = async (name, write, expected = bars.length) => {
          await emptied(database);
          round[name] = await write();
          await expectBars(database, expected);
        };
        const raw = (write) => () => secondsOf(database, write);
        const copy = raw((client) => copyFile(client, file));
        const unnest = raw((client) => insertArrays(client, bars));
        const insert = raw((client) => insertRows(client, bars));
        const tenth = raw((client) => insertByOrm(client, few));
        await timed('copy', copy);
        await timed('unnest', unnest);
        await timed('insert', insert);
        await timed('tenthByOrm', tenth, few.length);
        await timed('tickstock', () => importAll(database, series, 'new'));
        round.again = await importAll(database, series, 'unchanged');
        yield round;
      }
    } finally {
      await database.close();
    }
  },
};

/** Seconds that the writer of an import takes for all of it; the bars must be what they are said to be. */
async function importAll(database, series, expected) {
  const symbols = series.map(([{ symbol }]) => symbol);
  const sessions = series[0].map(({ session }) => session);
  const windows = { daily: { from: sessions[0], to: sessions.at(-1) } };
  const runId = randomUUID();
  await database.transaction('record the run', async (client) => {
    await createRun(client, {
      runId,
      trigger: 'manual',
      request: { universes: [], timeframes: ['daily'], windows },
      symbols,
      session: null,
      estimatedCompletion: new Date(),
    });
    await startSymbols(client, runId, ATTEMPT, symbols);
  });
  const pages = series.map((bars) => ({
    symbol: bars[0].symbol,
    timeframe: 'daily',
    from: sessions[0],
    before: '2026-01-01',
    absent: [],
    rejected: [],
    bars: packBars(bars),
    rejects: [],
    finalThrough: sessions.at(-1),
    request: null,
  }));
  let rows = 0;
  const startedAt = performance.now();
  const writer = createBatchWriter(
    { batchRows: BATCH_ROWS, lingerMs: 250 },
    async (batch) => {
      const whole = {
        ...batch,
        id: randomUUID(),
        runId,
        attempt: ATTEMPT,
        windows,
        requests: [],
        estimatedCompletion: new Date(),
      };
      const { records } = await database.transaction('store bars', (client) =>
        writeBatch(client, whole, { useCopy: true }),
      );
      rows += records[expected];
    },
    createClock(),
  );
  for (const page of pages) {
    await writer.add(page);
    writer.end({ symbol: page.symbol, processingTimeMs: 1, failure: null });
  }
  await writer.drain();
  const seconds = since(startedAt);
  if (rows !== series.flat().length)
    throw new Error(`${rows} of ${series.flat().length} bars were ${expected}`);
  return seconds;
}

/** Every way of writing finds the same: no rows, and nothing left to be written out. */
async function emptied({ pool }) {
  await pool.query('TRUNCATE bars_daily, coverage');
  await pool.query('CHECKPOINT');
}

async function expectBars({ pool }, count) {
  const { rows } = await pool.query('SELECT count(*)::int AS count FROM bars_daily');
  if (rows[0].count !== count) throw new Error(`${rows[0].count} of ${count} bars are stored`);
}
