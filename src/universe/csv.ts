import { usageError } from '../errors.ts';
import type { DatedMember } from '../market/universe-member.ts';
import { type Columns, readColumns, toMember } from './csv-columns.ts';
import {
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

/**
 * Reads a universe from a CSV file.
 * @throws AppError CONFIG_INVALID when the file cannot be read or any line of it is bad; see `parseCsvUniverse`.
 */
export async function readCsvUniverse(path: string): Promise<CsvUniverse> {
  return parseCsvUniverse(await readCsvText(path, 'a universe'), path);
}

/**
 * Parses CSV text: either a header with a `symbol` (or `ticker`) column, any case, and perhaps `name`,
 * `sector`, `valid_from` and `valid_to` (others are ignored), or symbols alone, one a line. Blank lines and lines
 * that begin with `#` are skipped. `path` is only named in messages.
 * @throws AppError CONFIG_INVALID listing every bad line with line, column, and what was found and expected.
 */
export function parseCsvUniverse(text: string, path: string): CsvUniverse {
  const records = parseCsvRecords(text, path, 'a universe');
  const first = records[0];
  if (first === undefined)
    throw usageError(`Cannot use ${path} as a universe: it has no lines with symbols.`);

  const { columns, hasHeader } = readColumns(first.fields, `${path}, line ${first.line}`);
  const rows = hasHeader ? records.slice(1) : records;
  requireRows(rows.length, path, 'a universe', 'symbols');
  return collect(rows, columns, path);
}

function collect(rows: readonly CsvRecord[], columns: Columns, path: string): CsvUniverse {
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
  if (bad.length > 0) throw badLines(path, 'a universe', bad);
  return { members, duplicates };
}
