import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';
import type { CsvError, Info } from 'csv-parse/sync';
import { AppError, usageError } from '../errors.ts';
import type { BadField } from './csv-columns.ts';

const MAX_BYTES = 10_000_000;
const MAX_LINES = 100_000;
const MAX_BAD_LINES_SHOWN = 20;

const require = createRequire(import.meta.url);

export interface CsvRecord {
  readonly fields: string[];
  readonly line: number;
}

export type BadLine = BadField & { readonly line: number };

/** CSV text of which nothing is taken, and the lines that are why. */
export class BadCsv extends AppError {
  readonly lines: readonly BadLine[];

  constructor(message: string, lines: readonly BadLine[]) {
    super('CONFIG_INVALID', message);
    this.name = 'BadCsv';
    this.lines = lines;
  }
}

/**
 * The text of a CSV file. `use` says in messages what the file was to be, such as `a universe`.
 * @throws AppError CONFIG_INVALID when it cannot be read, is larger than 10 MB or no UTF-8.
 */
export async function readCsvText(path: string, use: string): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    // One byte more than allowed tells a file that is too large, endless devices included.
    for await (const chunk of createReadStream(path, { end: MAX_BYTES })) chunks.push(chunk as Buffer);
  } catch (error) {
    throw usageError(`Cannot read ${path} as ${use}: ${readFailure(error)}.`);
  }
  const bytes = Buffer.concat(chunks);
  if (bytes.length > MAX_BYTES) throw usageError(`Cannot use ${path} as ${use}: it is larger than 10 MB.`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw usageError(`Cannot use ${path} as ${use}: it is not UTF-8 text. Save it as "CSV UTF-8".`);
  }
}

/**
 * The records of CSV text, each with its line; blank lines and lines that begin with `#` are skipped.
 * @throws BadCsv for stray quotes.
 */
export function parseCsvRecords(text: string, path: string, use: string): CsvRecord[] {
  // Most commands read no list.
  const { parse } = require('csv-parse/sync') as typeof import('csv-parse/sync');
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
    throw badLines(path, use, [
      { line: lines ?? 1, column: (column ?? 0) + 1, problem: `found ${found}; expected ${expected}` },
    ]);
  }
}

/**
 * Where the columns of a header stand, from 0; any case, others between them.
 * @throws AppError CONFIG_INVALID naming those it lacks.
 */
export function findColumns<C extends string>(
  header: CsvRecord | undefined,
  columns: readonly C[],
  path: string,
  use: string,
): (column: C) => number {
  const names = header?.fields.map((field) => field.toLowerCase()) ?? [];
  const missing = columns.filter((column) => !names.includes(column));
  if (missing.length > 0) {
    throw usageError(
      `Cannot use ${path} as ${use}: its first line lacks the column ${listed(missing)}; expected ${listed(columns)}.`,
    );
  }
  return (column) => names.indexOf(column);
}

const listed = (words: readonly string[]): string => words.join(', ').replace(/, ([^,]*)$/, ' and $1');

/** @throws AppError CONFIG_INVALID for no rows below the header, and for more than 100,000. */
export function requireRows(rows: number, path: string, use: string, what: string): void {
  if (rows === 0) throw usageError(`Cannot use ${path} as ${use}: there are no ${what} below its header.`);
  if (rows > MAX_LINES)
    throw usageError(`Cannot use ${path} as ${use}: it has ${rows} lines, more than ${MAX_LINES}.`);
}

/** The error that lists what is wrong with a file, line by line. */
export function badLines(path: string, use: string, bad: readonly BadLine[]): BadCsv {
  const shown = bad
    .slice(0, MAX_BAD_LINES_SHOWN)
    .map(({ line, column, problem }) => `  ${path}, line ${line}, column ${column}: ${problem}.`);
  const more = bad.length > shown.length ? [`  … and ${bad.length - shown.length} more.`] : [];
  const count = bad.length === 1 ? '1 bad line' : `${bad.length} bad lines`;
  return new BadCsv(
    [`Cannot use ${path} as ${use}, nothing was taken from it: ${count}.`, ...shown, ...more].join('\n'),
    bad,
  );
}

function readFailure(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'EACCES') return 'permission denied';
  return error instanceof Error ? error.message : String(error);
}
