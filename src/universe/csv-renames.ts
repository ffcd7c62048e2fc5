import { AppError } from '../errors.ts';
import { calendarYears, closureReason } from '../market/calendar.ts';
import { isIsoDate } from '../market/date.ts';
import type { SymbolChange } from '../market/name-history.ts';
import { parseSymbol } from '../market/symbol.ts';
import { fieldCountProblem, textProblem } from './csv-columns.ts';
import {
  type BadLine,
  badLines,
  findColumns,
  parseCsvRecords,
  readCsvText,
  requireRows,
} from './csv-file.ts';

const USE = 'renames';
const columns = ['last_date_old', 'old_symbol', 'new_symbol', 'source'] as const;
type Column = (typeof columns)[number];

/**
 * Reads renames from a CSV file; see `parseCsvRenames`.
 * @throws AppError CONFIG_INVALID when the file cannot be read or any line of it is bad.
 */
export async function readCsvRenames(path: string): Promise<SymbolChange[]> {
  return parseCsvRenames(await readCsvText(path, USE), path);
}

/**
 * Parses CSV text with the columns `last_date_old`, `old_symbol`, `new_symbol` and `source` (others are ignored), a
 * rename a line, in the file's order. Of a date, no symbol is renamed twice and none continues two.
 * @throws AppError CONFIG_INVALID listing every bad line with line, column, and what was found and expected.
 */
export function parseCsvRenames(text: string, path: string): SymbolChange[] {
  const [header, ...rows] = parseCsvRecords(text, path, USE);
  const at = findColumns(header, columns, path, USE);
  requireRows(rows.length, path, USE, 'renames');
  const bad: BadLine[] = [];
  const lineOf = new Map<string, number>();
  const changes = rows.flatMap(({ fields, line }) => {
    const refuse = (column: Column, problem: string): [] => {
      bad.push({ line, column: at(column) + 1, problem: `${column}: ${problem}` });
      return [];
    };
    const miscounted = fieldCountProblem(fields.length, header!.fields.length);
    if (miscounted !== null) {
      bad.push({ line, ...miscounted });
      return [];
    }
    const field = (column: Column): string => fields[at(column)] ?? '';
    const lastSession = field('last_date_old');
    const notSession = sessionProblem(lastSession);
    if (notSession !== null) return refuse('last_date_old', notSession);

    const symbols: string[] = [];
    for (const column of ['old_symbol', 'new_symbol'] as const) {
      try {
        symbols.push(parseSymbol(field(column)));
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        return refuse(column, error.message.replace(/\.$/, ''));
      }
    }
    const [oldSymbol, newSymbol] = symbols as [string, string];
    if (oldSymbol === newSymbol)
      return refuse('new_symbol', `found ${newSymbol}, as in old_symbol; expected another`);

    const source = field('source');
    const unusable = source === '' ? 'found nothing; expected where it is known from' : textProblem(source);
    if (unusable !== null) return refuse('source', unusable);

    for (const [column, symbol, what] of [
      ['old_symbol', oldSymbol, 'is renamed'],
      ['new_symbol', newSymbol, 'continues another'],
    ] as const) {
      const key = `${column} ${symbol} ${lastSession}`;
      const first = lineOf.get(key);
      if (first !== undefined)
        return refuse(
          column,
          `${symbol} ${what} after ${lastSession} in line ${first} already; expected once`,
        );
      lineOf.set(key, line);
    }
    return [{ oldSymbol, newSymbol, lastSession, source }];
  });
  if (bad.length > 0) throw badLines(path, USE, bad);
  return changes;
}

function sessionProblem(text: string): string | null {
  const found = `found ${JSON.stringify(text)}`;
  if (!isIsoDate(text)) return `${found}; expected a date such as 2015-12-21`;
  const { from, to } = calendarYears;
  if (text < `${from}-01-01` || text > `${to}-12-31`) return `${found}; expected a date of ${from} to ${to}`;
  const closed = closureReason(text);
  return closed === null
    ? null
    : `${found}, no trading session (${closed}); expected the last session under the old name`;
}
