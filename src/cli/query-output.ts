import type { Column, RowBatch } from '../storage/run-statement.ts';

type Row = RowBatch['rows'][number];

/** Text of a result, piece by piece: what comes before the rows, for each batch, and after all. */
export interface ResultFormat {
  open(columns: readonly Column[], firstRows: readonly Row[]): string;
  rows(rows: readonly Row[]): string;
  close(count: number): string;
}

/** Aligned columns, as wide as the first batch needs; numbers to the right, NULL spelled out. */
export function tableFormat(): ResultFormat {
  let layout: { width: number; right: boolean }[] = [];
  const line = (cells: readonly string[]): string =>
    `${layout
      .map(({ width, right }, i) =>
        right ? (cells[i] ?? '').padStart(width) : (cells[i] ?? '').padEnd(width),
      )
      .join('  ')
      .trimEnd()}\n`;
  return {
    open(columns, firstRows) {
      layout = columns.map(({ name, kind }, i) => ({
        width: Math.max(name.length, ...firstRows.map((row) => printable(row[i]).length)),
        right: kind === 'number',
      }));
      return line(columns.map(({ name }) => name)) + line(layout.map(({ width }) => '-'.repeat(width)));
    },
    rows: (rows) => rows.map((row) => line(row.map(printable))).join(''),
    close: () => '',
  };
}

/** RFC 4180 with line feeds; NULL is empty, the empty text is `""`. */
export function csvFormat(): ResultFormat {
  return {
    open: (columns) => csvLine(columns.map(({ name }) => name)),
    rows: (rows) => rows.map(csvLine).join(''),
    close: () => '',
  };
}

/** One object: `rows`, each an object by column, and `row_count`. Numbers keep every digit PostgreSQL wrote. */
export function jsonFormat(): ResultFormat {
  let columns: readonly Column[] = [];
  let separator = '';
  return {
    open(names) {
      columns = names;
      return '{"rows":[';
    },
    rows(rows) {
      let text = '';
      for (const row of rows) {
        const fields = columns.map(
          ({ name, kind }, i) => `${JSON.stringify(name)}:${jsonValue(row[i] ?? null, kind)}`,
        );
        text += `${separator}\n{${fields.join(',')}}`;
        separator = ',';
      }
      return text;
    },
    close: (count) => `\n],"row_count":${count}}\n`,
  };
}

/** Control characters would move the terminal's cursor. */
const printable = (value: string | null | undefined): string =>
  value === null || value === undefined
    ? 'NULL'
    : value.replace(/\p{Cc}/gu, (character) => JSON.stringify(character).slice(1, -1));

const csvLine = (cells: readonly (string | null)[]): string => `${cells.map(csvCell).join(',')}\n`;

const csvCell = (value: string | null): string => {
  if (value === null) return '';
  return value === '' || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
};

function jsonValue(value: string | null, kind: Column['kind']): string {
  if (value === null) return 'null';
  if (kind === 'json') return value;
  if (kind === 'boolean') return String(value === 't');
  if (kind === 'number' && /^-?\d/.test(value)) return value;
  return JSON.stringify(value);
}
