import { AppError, usageError } from '../errors.ts';
import { isIsoDate } from '../market/date.ts';
import { parseSymbol } from '../market/symbol.ts';
import type { DatedMember } from '../market/universe-member.ts';

const understood = ['symbol', 'name', 'sector', 'valid_from', 'valid_to'] as const;
type Column = (typeof understood)[number];

const MAX_TEXT = 200;

/** Where the columns we understand stand, by index, and how many a line has. */
export interface Columns {
  readonly count: number;
  readonly at: ReadonlyMap<Column, number>;
}

/** What is wrong with a line; `column` counts from 1. */
export interface BadField {
  readonly column: number;
  readonly problem: string;
}

/**
 * Recognises the first line: a header with a symbol column, or the first symbol of a bare list.
 * @throws AppError CONFIG_INVALID, at `where`, for several columns without exactly one for symbols.
 */
export function readColumns(
  fields: readonly string[],
  where: string,
): { columns: Columns; hasHeader: boolean } {
  const names = fields.map((field) => field.toLowerCase().replace(/^ticker$/, 'symbol'));
  if (!names.includes('symbol')) {
    if (fields.length === 1) return { columns: { count: 1, at: new Map([['symbol', 0]]) }, hasHeader: false };
    throw usageError(
      `Cannot use ${where}: found the columns ${fields.map((field) => JSON.stringify(field)).join(', ')}; expected one of them to be "symbol".`,
    );
  }
  const at = new Map<Column, number>();
  for (const column of understood) {
    const index = names.indexOf(column);
    if (index !== names.lastIndexOf(column)) {
      throw usageError(
        `Cannot use ${where}, column ${names.lastIndexOf(column) + 1}: found a second "${column}"; expected one.`,
      );
    }
    if (index >= 0) at.set(column, index);
  }
  return { columns: { count: fields.length, at }, hasHeader: true };
}

/** A line as a member, or what is wrong with it. */
export function toMember(fields: readonly string[], columns: Columns): DatedMember | BadField {
  const miscounted = fieldCountProblem(fields.length, columns.count);
  if (miscounted !== null) return miscounted;
  const field = (column: Column): string | null => fields[columns.at.get(column) ?? -1] || null;
  const bad = (column: Column, problem: string): BadField => ({
    column: (columns.at.get(column) ?? 0) + 1,
    problem: `${column}: ${problem}`,
  });

  let symbol: string;
  try {
    symbol = parseSymbol(field('symbol') ?? '');
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return bad('symbol', error.message.replace(/\.$/, ''));
  }
  for (const column of ['name', 'sector'] as const) {
    const problem = textProblem(field(column) ?? '');
    if (problem !== null) return bad(column, problem);
  }
  for (const column of ['valid_from', 'valid_to'] as const) {
    const date = field(column);
    if (date !== null && !isIsoDate(date))
      return bad(column, `found ${JSON.stringify(date)}; expected a date such as 2026-01-31`);
  }
  const [validFrom, validTo] = [field('valid_from'), field('valid_to')];
  if (validFrom !== null && validTo !== null && validTo < validFrom) {
    return bad('valid_to', `found ${validTo}; expected no earlier than valid_from, ${validFrom}`);
  }
  return { symbol, name: field('name'), sector: field('sector'), validFrom, validTo };
}

/** What is wrong with a line that has more or fewer fields than its header; null when it has as many. */
export function fieldCountProblem(found: number, expected: number): BadField | null {
  if (found === expected) return null;
  return {
    column: Math.min(found, expected) + 1,
    problem: `found ${countOf(found)}; expected ${expected}`,
  };
}

/** Why a text cannot be kept as a description; null when it can. */
export const textProblem = (text: string): string | null =>
  text.length > MAX_TEXT || /\p{Cc}/u.test(text)
    ? `expected one line of at most ${MAX_TEXT} characters`
    : null;

const countOf = (columns: number): string => (columns === 1 ? '1 column' : `${columns} columns`);
