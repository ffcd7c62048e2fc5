import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { usageError } from '../../errors.ts';

/** The bars of one file, oldest first. */
export interface FileBars {
  /** As the file tells time, in ms since the epoch: a day's 00:00 UTC, an intraday bar's start. */
  readonly at: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
}

const prices = ['open', 'high', 'low', 'close', 'volume'] as const;

/**
 * Reads a `.csv.gz` of bars: a column `date` or `ts`, and open, high, low, close, volume.
 * @throws AppError CONFIG_INVALID naming file and line.
 */
export function readBarFile(path: string): FileBars {
  const [header = '', ...lines] = textOf(path).trimEnd().split(/\r?\n/);
  const names = header.split(',');
  const timeColumn = names.findIndex((name) => name === 'date' || name === 'ts');
  const columns = prices.map((name) => names.indexOf(name));
  if (timeColumn === -1 || columns.includes(-1)) {
    throw usageError(
      `Cannot replay ${path}: expected the columns date (or ts), open, high, low, close, volume; found ${header.slice(0, 100)}.`,
    );
  }
  const bars = Object.fromEntries(
    ['at', ...prices].map((name) => [name, new Float64Array(lines.length)]),
  ) as unknown as FileBars;
  let latest = Number.NEGATIVE_INFINITY;
  for (const [row, line] of lines.entries()) {
    const fields = line.split(',');
    const at = Date.parse(fields[timeColumn] ?? '');
    bars.at[row] = at;
    let sum = 0;
    for (const [index, name] of prices.entries()) {
      const text = fields[columns[index]!];
      const value = text === undefined || text === '' ? Number.NaN : Number(text);
      bars[name][row] = value;
      sum += value;
    }
    if (!(at > latest && Number.isFinite(sum))) {
      throw usageError(
        `Cannot replay ${path}: line ${row + 2} is not a bar later than the one before it: ${line.slice(0, 100)}.`,
      );
    }
    latest = at;
  }
  return bars;
}

function textOf(path: string): string {
  try {
    return gunzipSync(readFileSync(path)).toString('utf8');
  } catch (error) {
    throw usageError(`Cannot replay ${path}: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

/** The first place whose time is `at` or later; the number of bars when there is none. */
export function placeFrom({ at: times }: FileBars, at: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle]! < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
