// Many symbols over several workers: how evenly they share, and what conducting costs. Needs redis-server.
// Prints a Markdown table; the rows of bench/results.md come from here.
// Usage: node bench/fleet.mjs [--symbols N] [--workers N] [--slots N] [--days N] [--timeframes NAMES]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importByFleet } from './fleet-import.mjs';
import { startDatabases } from './fresh-databases.mjs';
import { startMarket } from './generated-market.mjs';
import { numberOption, textOption } from './options.mjs';

const count = numberOption('--symbols', 12_000);
const workers = numberOption('--workers', 4);
const slots = numberOption('--slots', 4);
const days = numberOption('--days', 365);
const timeframes = textOption('--timeframes', 'daily');

const folder = mkdtempSync(join(tmpdir(), 'tickstock-bench-'));
const started = [];
try {
  const market = await startMarket(count, folder);
  started.push(market);
  const databases = await startDatabases(folder);
  started.push(databases);
  const flags = ['--universe', market.universe, '--timeframes', timeframes, '--lookback-days', String(days)];
  const { seconds, summary, items, least, workerPeakMb } = await databases.withEmpty((database) =>
    importByFleet(flags, { ...market.env, ...database }, { workers, slots }),
  );
  console.log(
    '| symbols | timeframes | days | workers | bars | requests | seconds | items of each worker | least of an even share % | worker peak MB |',
  );
  console.log('|---|---|---|---|---|---|---|---|---|---|');
  console.log(
    `| ${count} | ${timeframes} | ${days} | ${workers} × ${slots} | ${summary.total_records_imported} | ${summary.requests} | ${seconds.toFixed(1)} | ${items.join(', ')} | ${(100 * least).toFixed(0)} | ${workerPeakMb} |`,
  );
} finally {
  for (const one of started) await one.stop();
  rmSync(folder, { recursive: true, force: true });
}
