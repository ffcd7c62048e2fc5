// A sandbox with a generated market of some size, and what an import of it needs.
import { writeFileSync } from 'node:fs';
import { ready } from './programs.mjs';

/** A Tuesday before the opening: the last session is Monday's. */
const TUESDAY = '2026-01-06T12:00:00Z';

/**
 * A sandbox of so many generated companies: its address and key, `symbols`, so many of what it lists, `universe`, a file of
 * them in the folder, and `env`, by which programs ask it without pacing, at its time. To be stopped.
 */
export async function startMarket(count, folder, now = TUESDAY) {
  const vendor = await ready(['sandbox', '--port', '0', '--now', now, '--symbols', String(count)]);
  try {
    const listed = await listedSymbols(vendor);
    // It lists a few more: those that others were renamed to.
    const symbols = listed.slice(0, count);
    if (symbols.length < count) throw new Error(`only ${symbols.length} of ${count} symbols are listed`);
    return {
      ...vendor,
      symbols,
      universe: universeOf(symbols, `${folder}/market-${count}.csv`),
      env: {
        MASSIVE_BASE_URL: vendor.url,
        MASSIVE_API_KEY: vendor.key,
        TICKSTOCK_NOW: now,
        DATA_IMPORT_POLYGON_RATE_LIMIT_MS: '0',
      },
    };
  } catch (error) {
    await vendor.stop();
    throw error;
  }
}

/** The universe expression of some symbols, which are written to a file. */
export function universeOf(symbols, file) {
  writeFileSync(file, `symbol\n${symbols.join('\n')}\n`);
  return `csv:${file}`;
}

/** Every symbol that the vendor lists. */
export async function listedSymbols(vendor) {
  const rows = await listAll(vendor, '/v3/reference/tickers?market=stocks&limit=1000');
  return rows.map(({ ticker }) => ticker);
}

/** All rows of one of the vendor's listings, over its pages. */
export async function listAll({ url, key }, path) {
  const rows = [];
  for (let next = `${url}${path}`; next !== undefined;) {
    const answer = await fetch(next, { headers: { authorization: `Bearer ${key}` } });
    if (!answer.ok) throw new Error(`${next}: ${answer.status} ${await answer.text()}`);
    const page = await answer.json();
    rows.push(...page.results);
    next = page.next_url;
  }
  return rows;
}
