import { gunzipSync } from 'node:zlib';
import { restClient } from '@massive.com/client-js';
import { Pool } from 'undici';
import { newYorkDate } from '../../dist/market/new-york.js';
import { fetchBars } from '../../dist/massive/aggregates.js';
import { readAnswer } from '../../dist/massive/read-answer.js';
import { startMarket } from '../generated-market.mjs';
import { runImport, since } from '../programs.mjs';
import { copyFile, secondsOf, writeCopyFile } from '../raw-rows.mjs';
import { openIn } from '../open-database.mjs';

const RANGE = { from: '2016-01-04', to: '2026-01-05' };
/** As many as the importer has in work at once. */
const CONNECTIONS = 10;

export const endToEnd = {
  name: 'end-to-end',
  title: '1.26 M daily bars, from request to row',
  about:
    '500 symbols × 10 years from the sandbox, unpaced, into an empty running database. Each part alone: the same requests with their bodies thrown away; those bodies inflated and parsed to ' +
    'bars; COPY of a file of the same rows. Beside it a twentieth of the symbols by the vendor’s own client with one INSERT … ON CONFLICT a bar, as a user would first write it.',
  figures: [
    { name: 'tickstock import, the whole process', unit: 's', of: ({ whole }) => whole },
    { name: 'serving alone', unit: 's', of: ({ serve }) => serve },
    { name: 'parsing alone', unit: 's', of: ({ parse }) => parse },
    { name: 'COPY alone', unit: 's', of: ({ copy }) => copy },
    {
      name: 'time of the sum of the parts',
      unit: '×',
      of: ({ whole, serve, parse, copy }) => whole / (serve + parse + copy),
      atMost: 1.4,
    },
    { name: 'bars a second', unit: '1/s', of: ({ bars, whole }) => bars / whole },
    {
      name: 'bars a second, the vendor’s client and INSERT',
      unit: '1/s',
      of: ({ first }) => first.bars / first.seconds,
    },
    {
      name: 'speed of the vendor’s client and INSERT',
      unit: '×',
      of: ({ bars, whole, first }) => bars / whole / (first.bars / first.seconds),
    },
    { name: 'importing process, peak', unit: 'MB', of: ({ peakMb }) => peakMb, atMost: 200 },
  ],
  async *measureRounds({ quick, rounds, folder }) {
    const market = await startMarket(quick ? 5 : 500, folder);
    const requests = market.symbols.map((symbol) => ({ symbol, timeframe: 'daily', ...RANGE }));
    const file = `${folder}/bars.tsv`;
    try {
      for (let n = 0; n < rounds; n++) {
        const { seconds: serve, bodies } = await served(market, requests);
        const { seconds: parse, bars } = await parsed(requests, bodies);
        await writeCopyFile(file, bars);
        const dataDir = `${folder}/data-${n}`;
        const database = await openIn(dataDir);
        try {
          const copy = await secondsOf(database, (client) => copyFile(client, file));
          await database.pool.query('TRUNCATE bars_daily');
          const first = await asFirstWritten(
            database,
            market,
            requests.slice(0, Math.ceil(requests.length / 20)),
          );
          await database.pool.query('TRUNCATE bars_daily');
          await database.pool.query('CHECKPOINT');
          const {
            seconds: whole,
            peakMb,
            summary,
          } = await runImport(
            ['--universe', market.universe, '--timeframes', 'daily', '--from', RANGE.from, '--to', RANGE.to],
            { ...market.env, TICKSTOCK_DATA_DIR: dataDir },
          );
          if (summary.records.new !== bars.length)
            throw new Error(`${summary.records.new} of ${bars.length} bars were new`);
          yield { serve, parse, copy, whole, peakMb, first, bars: bars.length };
        } finally {
          await database.close();
        }
      }
    } finally {
      await market.stop();
    }
  },
};

/** The bodies as they came, one a request: none is so long that a second page follows. */
async function served({ url, key }, requests) {
  const pool = new Pool(url, { connections: CONNECTIONS });
  const headers = { authorization: `Bearer ${key}`, 'accept-encoding': 'gzip' };
  const bodies = [];
  const next = requests.entries();
  const startedAt = performance.now();
  const work = async () => {
    for (const [nth, { symbol, from, to }] of next) {
      const path = `/v2/aggs/ticker/${symbol}/range/1/day/${from}/${to}?adjusted=false&sort=asc&limit=50000`;
      const { statusCode, body } = await pool.request({ method: 'GET', path, headers });
      bodies[nth] = Buffer.from(await body.arrayBuffer());
      if (statusCode !== 200) throw new Error(`${path}: ${statusCode} ${bodies[nth]}`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, work));
  const seconds = since(startedAt);
  await pool.close();
  return { seconds, bodies };
}

/** What the importer does with an answer, without the network. */
async function parsed(requests, bodies) {
  const bars = [];
  const startedAt = performance.now();
  for (const [nth, request] of requests.entries()) {
    const requestPage = async ({ read }) => {
      const body = [gunzipSync(bodies[nth])];
      return {
        ...(await readAnswer({ status: 200, contentType: 'application/json', body }, 0, read())),
        n: nth,
      };
    };
    const ask = { requestPage, baseUrl: new URL('http://vendor.invalid'), stats: { malformed: 0 } };
    for await (const page of fetchBars(ask, request, new AbortController().signal))
      for (const bar of page.bars) bars.push(bar);
  }
  return { seconds: since(startedAt), bars };
}

async function asFirstWritten({ pool }, { url, key }, requests) {
  const client = restClient(key, url, { pagination: true });
  let bars = 0;
  const startedAt = performance.now();
  for (const { symbol, from, to } of requests) {
    const { results } = await client.getStocksAggregates({
      stocksTicker: symbol,
      multiplier: 1,
      timespan: 'day',
      from,
      to,
      adjusted: false,
      sort: 'asc',
      limit: 50_000,
    });
    for (const { t, o, h, l, c, v, vw, n } of results) {
      await pool.query(
        `INSERT INTO bars_daily (symbol, session, open, high, low, close, volume, vwap, trades, final)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, true)
         ON CONFLICT (symbol, session) DO UPDATE SET open = excluded.open, high = excluded.high, low = excluded.low,
           close = excluded.close, volume = excluded.volume, vwap = excluded.vwap, trades = excluded.trades`,
        [symbol, newYorkDate(t), o, h, l, c, v, vw, n],
      );
      bars += 1;
    }
  }
  return { bars, seconds: since(startedAt) };
}
