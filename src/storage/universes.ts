import type { IsoDate } from '../market/date.ts';
import type { DatedMember, UniverseMember } from '../market/universe-member.ts';
import type { Database } from './database.ts';
import { toStorageError } from './storage-error.ts';

interface ListRow {
  readonly name: string;
  readonly source: string;
  readonly members: number;
  readonly updatedAt: Date;
}

/** The universes kept in the database; every failure comes out as an AppError. */
export function createUniverseStore(database: Pick<Database, 'pool' | 'transaction'>) {
  return {
    /** The members of a list on a date, by symbol; null when there is no such list. */
    async find(name: string, on: IsoDate): Promise<UniverseMember[] | null> {
      // The outer join tells a list without members (one row, no symbol) from no list (no row).
      const { rows } = await database.pool
        .query<{ symbol: string | null; name: string | null; sector: string | null }>(
          `SELECT DISTINCT ON (m.symbol) m.symbol, m.name, m.sector
             FROM universes u
             LEFT JOIN universe_members m ON m.universe = u.name AND $2::date BETWEEN m.valid_from AND m.valid_to
            WHERE u.name = $1
            ORDER BY m.symbol, m.valid_from DESC`,
          [name, on],
        )
        .catch((error: unknown) => {
          throw toStorageError(`read the universe ${name}`, error);
        });
      if (rows.length === 0) return null;
      return rows.flatMap(({ symbol, ...about }) => (symbol === null ? [] : [{ symbol, ...about }]));
    },

    /** Every list by name, its members on a date counted. */
    async list(on: IsoDate): Promise<ListRow[]> {
      const { rows } = await database.pool
        .query<ListRow>(
          `SELECT u.name, u.source, u.updated_at AS "updatedAt", count(DISTINCT m.symbol)::integer AS members
             FROM universes u
             LEFT JOIN universe_members m ON m.universe = u.name AND $1::date BETWEEN m.valid_from AND m.valid_to
            GROUP BY u.name
            ORDER BY u.name`,
          [on],
        )
        .catch((error: unknown) => {
          throw toStorageError('list the universes', error);
        });
      return rows;
    },

    /** Makes `members` the whole list, creating it when it is new; the symbols added, removed and kept, each sorted. */
    replace(name: string, members: readonly DatedMember[], source: string) {
      return database.transaction(`store the universe ${name}`, async (client) => {
        // Locks the list: of two imports at once, the later one replaces the earlier one's rows.
        await client.query(
          `INSERT INTO universes (name, source) VALUES ($1, $2)
           ON CONFLICT (name) DO UPDATE SET source = excluded.source, updated_at = now()`,
          [name, source],
        );
        const before = await client.query<{ symbol: string }>(
          'DELETE FROM universe_members WHERE universe = $1 RETURNING symbol',
          [name],
        );
        await client.query(
          `INSERT INTO universe_members (universe, symbol, name, sector, valid_from, valid_to)
           SELECT $1, a.symbol, a.name, a.sector, coalesce(a.valid_from, '-infinity'), coalesce(a.valid_to, 'infinity')
             FROM unnest($2::text[], $3::text[], $4::text[], $5::date[], $6::date[]) AS a(symbol, name, sector, valid_from, valid_to)`,
          [
            name,
            members.map((member) => member.symbol),
            members.map((member) => member.name),
            members.map((member) => member.sector),
            members.map((member) => member.validFrom),
            members.map((member) => member.validTo),
          ],
        );
        const old = new Set(before.rows.map((row) => row.symbol));
        const now = new Set(members.map((member) => member.symbol));
        return {
          added: [...now].filter((symbol) => !old.has(symbol)).toSorted(),
          removed: [...old].filter((symbol) => !now.has(symbol)).toSorted(),
          kept: [...now].filter((symbol) => old.has(symbol)).toSorted(),
        };
      });
    },
  };
}
