import { usageError } from '../errors.ts';
import type { DatedMember } from '../market/universe-member.ts';
import { type Columns, readColumns, toMember } from './csv-columns.ts';
import {
  BadCsv,
  type BadLine,
  type CsvRecord,
  badLines,
  parseCsvRecords,
  readCsvText,
  requireRows,
} from './csv-file.ts';

export interface CsvUniverse {
  /** In the file's order. */
  readonly members: readonly DatedMember[];
  /** Repetitions of a symbol with the same first day; only the first was taken. */
  readonly duplicates: readonly {
    readonly symbol: string;
    readonly line: number;
    readonly firstLine: number;
  }[];
}

export interface CheckedCsv extends CsvUniverse {
  readonly bad: readonly BadLine[];
}

const USE = 'a universe';

/**
 * Reads a universe from a CSV file.
 * @throws AppError CONFIG_INVALID when the file cannot be read or any line of it is bad; see `parseCsvUniverse`.
 */
export async function readCsvUniverse(path: string): Promise<CsvUniverse> {
  return parseCsvUniverse(await readCsvText(path, USE), path);
}

/**
 * Parses CSV text: either a header with a `symbol` (or `ticker`) column, any case, and perhaps `name`,
 * `sector`, `valid_from` and `valid_to` (others are ignored), or symbols alone, one a line. Blank lines and lines
 * that begin with `#` are skipped. `path` is only named in messages.
 * @throws AppError CONFIG_INVALID listing every bad line with line, column, and what was found and expected.
 */
export function parseCsvUniverse(text: string, path: string): CsvUniverse {
  const { bad, ...universe } = readLines(text, path);
  if (bad.length > 0) throw badLines(path, USE, bad);
  return universe;
}

/**
 * As `parseCsvUniverse`, but bad lines are told beside what is good.
 * @throws AppError CONFIG_INVALID when the text has no lines with symbols or not their column.
 */
export function checkCsvUniverse(text: string, path: string): CheckedCsv {
  try {
    return readLines(text, path);
  } catch (error) {
    if (!(error instanceof BadCsv)) throw error;
    return { members: [], duplicates: [], bad: error.lines };
  }
}

function readLines(text: string, path: string): CheckedCsv {
  const records = parseCsvRecords(text, path, USE);
  const first = records[0];
  if (first === undefined) throw usageError(`Cannot use ${path} as ${USE}: it has no lines with symbols.`);

  const { columns, hasHeader } = readColumns(first.fields, `${path}, line ${first.line}`);
  const rows = hasHeader ? records.slice(1) : records;
  requireRows(rows.length, path, USE, 'symbols');
  return collect(rows, columns);
}

function collect(rows: readonly CsvRecord[], columns: Columns): CheckedCsv {
  const members: DatedMember[] = [];
  const duplicates: CsvUniverse['duplicates'][number][] = [];
  const bad: BadLine[] = [];
  const lineOf = new Map<string, number>();
  for (const { fields, line } of rows) {
    const member = toMember(fields, columns);
    if ('problem' in member) {
      bad.push({ line, ...member });
      continue;
    }
    const key = `${member.symbol} ${member.validFrom ?? ''}`;
    const firstLine = lineOf.get(key);
    if (firstLine === undefined) {
      lineOf.set(key, line);
      members.push(member);
    } else {
      duplicates.push({ symbol: member.symbol, line, firstLine });
    }
  }
  return { members, duplicates, bad };
}
