import type { SymbolChange } from '../market/name-history.ts';
import type { Database } from './database.ts';
import { toStorageError } from './storage-error.ts';

const sent = `unnest($1::text[], $2::text[], $3::date[], $4::text[]) AS f(old_symbol, new_symbol, last_session, source)`;
/** Says of one of its symbols on its date what `f` does not. */
const contradicts = `s.last_session = f.last_session AND (s.old_symbol = f.old_symbol OR s.new_symbol = f.new_symbol)
                 AND (s.old_symbol, s.new_symbol, s.source) <> (f.old_symbol, f.new_symbol, f.source)`;

/** The renames kept in the database; every failure comes out as an AppError. */
export function createSymbolChangeStore(database: Pick<Database, 'pool' | 'transaction'>) {
  return {
    /** By date and old symbol. */
    async list(): Promise<SymbolChange[]> {
      const { rows } = await database.pool
        .query<SymbolChange>(
          `SELECT old_symbol AS "oldSymbol", new_symbol AS "newSymbol", last_session::text AS "lastSession", source
             FROM symbol_changes s
            ORDER BY s.last_session, s.old_symbol`,
        )
        .catch((error: unknown) => {
          throw toStorageError('read the renames', error);
        });
      return rows;
    },

    /** Adds renames, all or none; what is known otherwise of a symbol on the same date gives way. */
    store(
      changes: readonly SymbolChange[],
    ): Promise<{ readonly new: number; readonly changed: number; readonly unchanged: number }> {
      const values = [
        changes.map(({ oldSymbol }) => oldSymbol),
        changes.map(({ newSymbol }) => newSymbol),
        changes.map(({ lastSession }) => lastSession),
        changes.map(({ source }) => source),
      ];
      return database.transaction('store the renames', async (client) => {
        // Of two imports at once the later one sees what the earlier one left.
        await client.query('LOCK TABLE symbol_changes IN SHARE ROW EXCLUSIVE MODE');
        const counted = await client.query<{ changed: number }>(
          `SELECT count(*)::integer AS changed FROM ${sent} WHERE EXISTS (SELECT FROM symbol_changes s WHERE ${contradicts})`,
          values,
        );
        await client.query(`DELETE FROM symbol_changes s USING ${sent} WHERE ${contradicts}`, values);
        const inserted = await client.query(
          `INSERT INTO symbol_changes (old_symbol, new_symbol, last_session, source)
           SELECT old_symbol, new_symbol, last_session, source FROM ${sent}
           ON CONFLICT (old_symbol, last_session) DO NOTHING`,
          values,
        );
        const changed = counted.rows[0]?.changed ?? 0;
        const stored = inserted.rowCount ?? 0;
        return { new: stored - changed, changed, unchanged: changes.length - stored };
      });
    },
  };
}
