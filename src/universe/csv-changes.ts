import { AppError } from '../errors.ts';
import { type IsoDate, isIsoDate } from '../market/date.ts';
import { parseSymbol } from '../market/symbol.ts';
import {
  type BadLine,
  badLines,
  findColumns,
  parseCsvRecords,
  readCsvText,
  requireRows,
} from './csv-file.ts';

/** Who came and who went on a day; who came is a member that day, who went no longer is. */
export interface MembershipChange {
  readonly date: IsoDate;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Of the file, for messages. */
  readonly line: number;
}

const USE = 'changes of a universe';
const columns = ['date', 'added', 'removed'] as const;

/**
 * Reads the changes of a universe from a CSV file; see `parseCsvChanges`.
 * @throws AppError CONFIG_INVALID when the file cannot be read or any line of it is bad.
 */
export async function readCsvChanges(path: string): Promise<MembershipChange[]> {
  return parseCsvChanges(await readCsvText(path, USE), path);
}

/**
 * Parses CSV text with the columns `date`, `added` and `removed` (others are ignored): a line a change, symbols
 * separated by spaces, dates as `YYYY-MM-DD`. The result is in the order of dates.
 * @throws AppError CONFIG_INVALID listing every bad line with line, column, and what was found and expected.
 */
export function parseCsvChanges(text: string, path: string): MembershipChange[] {
  const [header, ...rows] = parseCsvRecords(text, path, USE);
  const at = findColumns(header, columns, path, USE);
  requireRows(rows.length, path, USE, 'changes');
  const bad: BadLine[] = [];
  const changes = rows.flatMap(({ fields, line }) => {
    const refuse = (column: (typeof columns)[number], problem: string): [] => {
      bad.push({ line, column: at(column) + 1, problem: `${column}: ${problem}` });
      return [];
    };
    const date = fields[at('date')] ?? '';
    if (!isIsoDate(date))
      return refuse('date', `found ${JSON.stringify(date)}; expected a date such as 2015-03-20`);
    const symbols = { added: [] as string[], removed: [] as string[] };
    for (const column of ['added', 'removed'] as const) {
      try {
        symbols[column] = (fields[at(column)] ?? '').split(/\s+/).filter(Boolean).map(parseSymbol);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        return refuse(column, error.message.replace(/\.$/, ''));
      }
    }
    return [{ date, ...symbols, line }];
  });
  if (bad.length > 0) throw badLines(path, USE, bad);
  return changes.toSorted((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0));
}
