import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

/** Where the days of a whole real market are expected: one file a month, as docs/sandbox.md has them. */
export const MARKET_FILES = fileURLToPath(new URL('../../shared/data/full_market', import.meta.url));

/** Why the files are not to be read; null when they are. */
export function lacksMarketFiles() {
  return existsSync(MARKET_FILES) ? null : `there is no ${MARKET_FILES}`;
}

/** First and last date, by symbol the first date with a trade, and by date how many rows have volume. */
export function readMarketFiles(path) {
  const begins = new Map();
  // The rows without volume are filler that no vendor has.
  const tradedOn = new Map();
  for (const name of readdirSync(path).filter((file) => /^daily_.*\.csv\.gz$/.test(file))) {
    const [, ...lines] = gunzipSync(readFileSync(join(path, name)))
      .toString()
      .trimEnd()
      .split('\n');
    for (const line of lines) {
      const [symbol, date, , , , , volume] = line.split(',');
      const isTraded = Number(volume) > 0;
      if (isTraded && !(begins.get(symbol) <= date)) begins.set(symbol, date);
      tradedOn.set(date, (tradedOn.get(date) ?? 0) + (isTraded ? 1 : 0));
    }
  }
  const dates = [...tradedOn.keys()].toSorted();
  return { begins, tradedOn, first: dates[0], last: dates.at(-1) };
}
