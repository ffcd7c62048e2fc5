import { createReadStream } from 'node:fs';
import { type CsvError, type Info, parse } from 'csv-parse/sync';
import { usageError } from '../errors.ts';
import type { DatedMember } from '../market/universe-member.ts';
import { type BadField, type Columns, readColumns, toMember } from './csv-columns.ts';

const MAX_BYTES = 10_000_000;
const MAX_LINES = 100_000;
const MAX_BAD_LINES_SHOWN = 20;

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
  const chunks: Buffer[] = [];
  try {
    // One byte more than allowed tells a file that is too large, endless devices included.
    for await (const chunk of createReadStream(path, { end: MAX_BYTES })) chunks.push(chunk as Buffer);
  } catch (error) {
    throw usageError(`Cannot read the universe file ${path}: ${readFailure(error)}.`);
  }
  const bytes = Buffer.concat(chunks);
  if (bytes.length > MAX_BYTES)
    throw usageError(`Cannot use ${path} as a universe: it is larger than 10 MB.`);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw usageError(`Cannot use ${path} as a universe: it is not UTF-8 text. Save it as "CSV UTF-8".`);
  }
  return parseCsvUniverse(text, path);
}

/**
 * Parses CSV text: either a header with a `symbol` (or `ticker`) column, any case, and perhaps `name`,
 * `sector`, `valid_from` and `valid_to` (others are ignored), or symbols alone, one a line. Blank lines and lines
 * that begin with `#` are skipped. `path` is only named in messages.
 * @throws AppError CONFIG_INVALID listing every bad line with line, column, and what was found and expected.
 */
export function parseCsvUniverse(text: string, path: string): CsvUniverse {
  const records = parseRecords(text, path);
  const first = records[0];
  if (first === undefined)
    throw usageError(`Cannot use ${path} as a universe: it has no lines with symbols.`);

  const { columns, hasHeader } = readColumns(first.fields, `${path}, line ${first.line}`);
  const rows = hasHeader ? records.slice(1) : records;
  if (rows.length === 0)
    throw usageError(`Cannot use ${path} as a universe: there are no symbols below its header.`);
  if (rows.length > MAX_LINES) {
    throw usageError(
      `Cannot use ${path} as a universe: it has ${rows.length} lines, more than ${MAX_LINES}.`,
    );
  }
  return collect(rows, columns, path);
}

interface CsvRecord {
  readonly fields: string[];
  readonly line: number;
}

function parseRecords(text: string, path: string): CsvRecord[] {
  try {
    // The parser counts a CRLF inside quotes as two lines.
    const parsed: unknown = parse(text.replaceAll('\r\n', '\n'), {
      bom: true,
      comment: '#',
      comment_no_infix: true,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
    });
    return (parsed as { record: string[]; info: Info }[]).map(({ record, info }) => ({
      fields: record,
      line: info.lines,
    }));
  } catch (error) {
    const { code, lines, column } = error as CsvError & { lines?: number; column?: number };
    const found = code === 'CSV_QUOTE_NOT_CLOSED' ? 'a quote that is never closed' : 'a stray quote';
    const expected = 'a field in quotes from its first to its last character, quotes inside it doubled';
    throw badLines(path, [
      { line: lines ?? 1, column: (column ?? 0) + 1, problem: `found ${found}; expected ${expected}` },
    ]);
  }
}

function collect(rows: readonly CsvRecord[], columns: Columns, path: string): CsvUniverse {
  const members: DatedMember[] = [];
  const duplicates: CsvUniverse['duplicates'][number][] = [];
  const bad: (BadField & { line: number })[] = [];
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
  if (bad.length > 0) throw badLines(path, bad);
  return { members, duplicates };
}

function badLines(path: string, bad: readonly (BadField & { line: number })[]): Error {
  const shown = bad
    .slice(0, MAX_BAD_LINES_SHOWN)
    .map(({ line, column, problem }) => `  ${path}, line ${line}, column ${column}: ${problem}.`);
  const more = bad.length > shown.length ? [`  … and ${bad.length - shown.length} more.`] : [];
  const count = bad.length === 1 ? '1 bad line' : `${bad.length} bad lines`;
  return usageError(
    [`Cannot use ${path} as a universe, nothing was taken from it: ${count}.`, ...shown, ...more].join('\n'),
  );
}

function readFailure(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'EACCES') return 'permission denied';
  return error instanceof Error ? error.message : String(error);
}
