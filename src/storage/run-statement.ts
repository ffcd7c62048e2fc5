import type { ClientBase, QueryArrayConfig, QueryArrayResult } from 'pg';
import { usageError } from '../errors.ts';
import { toStorageError } from './storage-error.ts';

/** What a column's text stands for. */
export type ColumnKind = 'number' | 'boolean' | 'json' | 'text';

export interface Column {
  readonly name: string;
  readonly kind: ColumnKind;
}

/** Some rows of a result, in order; each value as PostgreSQL writes it, null for NULL. */
export interface RowBatch {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly (string | null)[])[];
  /** Rows the statement changed or returned, where PostgreSQL counts them. */
  readonly count: number | null;
}

const batchRows = 1000;

/** Types by their fixed numbers in pg_type. */
const kinds: Readonly<Record<number, ColumnKind>> = {
  16: 'boolean',
  20: 'number',
  21: 'number',
  23: 'number',
  26: 'number',
  114: 'json',
  700: 'number',
  701: 'number',
  1700: 'number',
  3802: 'json',
};

const verbatim = { getTypeParser: () => (value: string) => value };

/**
 * Runs one SQL statement, a query's rows in batches. A first batch always comes, without columns when the statement
 * returns no rows.
 * @throws AppError CONFIG_INVALID for a statement PostgreSQL refuses, STORAGE_FAILED when the server fails.
 */
export async function* runStatement(client: ClientBase, sql: string): AsyncGenerator<RowBatch> {
  const statement = sql.trim().replace(/;+$/, '');
  await client.query('BEGIN');
  try {
    await client.query('SET LOCAL cursor_tuple_fraction = 1');
    if (!(await declareCursor(client, statement))) {
      await client.query('ROLLBACK');
      yield toBatch(await execute(client, statement));
      return;
    }
    for (let first = true; ; first = false) {
      const batch = toBatch(await execute(client, `FETCH ${batchRows} FROM tickstock_rows`));
      if (first || batch.rows.length > 0) yield batch;
      if (batch.rows.length < batchRows) break;
    }
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw toStatementError(error);
  }
}

/** Only queries have cursors; false for other statements, which then say themselves what is wrong with them. */
async function declareCursor(client: ClientBase, statement: string): Promise<boolean> {
  try {
    await execute(client, `DECLARE tickstock_rows NO SCROLL CURSOR FOR ${statement}`);
    return true;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === '42601' || code === '0A000') return false;
    throw error;
  }
}

function execute(client: ClientBase, text: string): Promise<QueryArrayResult<(string | null)[]>> {
  // The extended protocol refuses several statements in one text.
  const config: QueryArrayConfig & { queryMode: 'extended' } = {
    text,
    rowMode: 'array',
    types: verbatim,
    queryMode: 'extended',
  };
  return client.query<(string | null)[]>(config);
}

const toBatch = (result: QueryArrayResult<(string | null)[]>): RowBatch => ({
  columns: result.fields.map((field) => ({ name: field.name, kind: kinds[field.dataTypeID] ?? 'text' })),
  rows: result.rows,
  count: result.rowCount,
});

function toStatementError(thrown: unknown): Error {
  const { code, message, hint } = thrown as { code?: string; message?: string; hint?: string };
  const isRefusal = /^(0A|2[0-9A-F]|3[0-9]|4[0-9]|P0)/.test(code ?? '') && /^[0-9A-Z]{5}$/.test(code ?? '');
  if (!isRefusal) return toStorageError('run the statement', thrown);
  return usageError(`PostgreSQL refuses the statement: ${message}${hint === undefined ? '' : ` (${hint})`}`);
}
