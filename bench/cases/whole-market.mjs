import { sessionsBetween } from '../../dist/market/calendar.js';
import { newYorkInstant } from '../../dist/market/new-york.js';
import { universeOf } from '../generated-market.mjs';
import { MARKET_FILES, lacksMarketFiles, readMarketFiles } from '../market-files.mjs';
import { ready, runImport } from '../programs.mjs';
import { openIn } from '../open-database.mjs';

export const wholeMarket = {
  name: 'whole-market',
  title: 'A whole market, two years',
  about:
    'The real days of 6,806 symbols, 2015-03-20 to 2017-03-31, replayed by the sandbox and imported by days of all stocks, unpaced, into an empty running database. One round. Evidence are ' +
    'requests about what is missing: ticker details and second looks.',
  rounds: 1,
  lacks: lacksMarketFiles,
  figures: [
    { name: 'time', unit: 's', of: ({ seconds }) => seconds },
    {
      name: 'bars stored or quarantined of those with volume',
      unit: '×',
      of: ({ kept, served }) => kept / served,
      atLeast: 1,
    },
    { name: 'bars a second', unit: '1/s', of: ({ bars, seconds }) => bars / seconds },
    {
      name: 'bar requests, of sessions',
      unit: '×',
      of: ({ requests, sessions }) => (requests - 1) / sessions,
      atMost: 1,
    },
    { name: 'evidence', unit: 'requests', of: ({ evidence }) => evidence },
    { name: 'importing process, peak', unit: 'MB', of: ({ peakMb }) => peakMb, atMost: 200 },
    {
      name: 'table of bars with its index, a bar',
      unit: 'bytes',
      of: ({ bars, tableBytes }) => tableBytes / bars,
    },
    { name: 'database, a bar', unit: 'bytes', of: ({ bars, databaseBytes }) => databaseBytes / bars },
  ],
  async *measureRounds({ quick, folder }) {
    const market = readMarketFiles(MARKET_FILES);
    const sessions = sessionsBetween(market.first, market.last).slice(0, quick ? 3 : undefined);
    const [from, to] = [sessions[0], sessions.at(-1)];
    const now = new Date(newYorkInstant(to, 22)).toISOString();
    const vendor = await ready(['sandbox', '--port', '0', '--replay', MARKET_FILES, '--now', now]);
    const dataDir = `${folder}/data`;
    const database = await openIn(dataDir);
    try {
      const listed = [...market.begins].filter(([, begins]) => begins <= to).map(([symbol]) => symbol);
      const universe = universeOf(listed.toSorted(), `${folder}/market.csv`);
      const { summary, seconds, peakMb } = await runImport(
        ['--universe', universe, '--timeframes', 'daily', '--from', from, '--to', to, '--rate-limit-ms', '0'],
        {
          MASSIVE_BASE_URL: vendor.url,
          MASSIVE_API_KEY: vendor.key,
          TICKSTOCK_NOW: now,
          TICKSTOCK_DATA_DIR: dataDir,
        },
      );
      const { rows } = await database.pool.query(`
        SELECT (SELECT count(*) FROM bars_daily)::int AS bars, (SELECT count(*) FROM rejected_bars)::int AS rejected,
               pg_total_relation_size('bars_daily')::float8 AS "tableBytes", pg_database_size(current_database())::float8 AS "databaseBytes"`);
      const [stored] = rows;
      yield {
        ...stored,
        seconds,
        peakMb,
        kept: stored.bars + stored.rejected,
        served: sessions.reduce((sum, date) => sum + market.tradedOn.get(date), 0),
        sessions: sessions.length,
        requests: summary.requests,
        evidence: summary.trouble.evidence_requests,
      };
    } finally {
      await database.close();
      await vendor.stop();
    }
  },
};
