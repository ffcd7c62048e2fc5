import type { PoolClient } from 'pg';
import type { IsoDate } from '../market/date.ts';
import {
  type DatedMember,
  type KnownDates,
  type MemberChange,
  type UniverseMember,
  compareMembers,
  everKnown,
} from '../market/universe-member.ts';
import type { Database } from './database.ts';
import { toStorageError } from './storage-error.ts';

interface ListRow {
  readonly name: string;
  readonly source: string;
  readonly members: number;
  readonly updatedAt: Date;
  readonly known: KnownDates;
}

const knownDates = `json_build_object('from', u.known_from, 'through', u.known_through) AS known`;

/** The universes kept in the database; every failure comes out as an AppError. */
export function createUniverseStore(database: Pick<Database, 'pool' | 'transaction'>) {
  return {
    /** The members of a list on a date, by symbol, and when they are known; null when there is no such list. */
    async find(name: string, on: IsoDate): Promise<{ members: UniverseMember[]; known: KnownDates } | null> {
      // The outer join tells a list without members (one row, no symbol) from no list (no row).
      const { rows } = await database.pool
        .query<{ symbol: string | null; name: string | null; sector: string | null; known: KnownDates }>(
          `SELECT DISTINCT ON (m.symbol) m.symbol, m.name, m.sector, ${knownDates}
             FROM universes u
             LEFT JOIN universe_members m ON m.universe = u.name AND $2::date BETWEEN m.valid_from AND m.valid_to
            WHERE u.name = $1
            ORDER BY m.symbol, m.valid_from DESC`,
          [name, on],
        )
        .catch((error: unknown) => {
          throw toStorageError(`read the universe ${name}`, error);
        });
      const known = rows[0]?.known;
      if (known === undefined) return null;
      const members = rows.flatMap((row) =>
        row.symbol === null ? [] : [{ symbol: row.symbol, name: row.name, sector: row.sector }],
      );
      return { members, known };
    },

    /** Who was a member of a list when, by symbol, then by date; null when there is no such list. */
    async history(name: string): Promise<{ stays: DatedMember[]; known: KnownDates } | null> {
      const { rows } = await database.pool
        .query<{ [P in keyof DatedMember]: DatedMember[P] | null } & { known: KnownDates }>(
          `SELECT m.symbol, m.name, m.sector, ${knownDates},
                  nullif(m.valid_from, '-infinity')::text AS "validFrom", nullif(m.valid_to, 'infinity')::text AS "validTo"
             FROM universes u
             LEFT JOIN universe_members m ON m.universe = u.name
            WHERE u.name = $1
            ORDER BY m.symbol, m.valid_from`,
          [name],
        )
        .catch((error: unknown) => {
          throw toStorageError(`read the history of the universe ${name}`, error);
        });
      const known = rows[0]?.known;
      if (known === undefined) return null;
      const stays = rows.flatMap(({ symbol, name: about, sector, validFrom, validTo }) =>
        symbol === null ? [] : [{ symbol, name: about, sector, validFrom, validTo }],
      );
      return { stays, known };
    },

    /** Every list by name, its members on a date counted. */
    async list(on: IsoDate): Promise<ListRow[]> {
      const { rows } = await database.pool
        .query<ListRow>(
          `SELECT u.name, u.source, u.updated_at AS "updatedAt", ${knownDates},
                  count(DISTINCT m.symbol)::integer AS members
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

    /** Makes `members` the whole list, of all times, creating it when it is new. */
    replace(
      name: string,
      members: readonly DatedMember[],
      source: string,
      known: KnownDates = everKnown,
    ): Promise<MemberChange> {
      return database.transaction(`store the universe ${name}`, async (client) => {
        await lockList(client, name, source, known);
        const before = await client.query<{ symbol: string }>(
          'DELETE FROM universe_members WHERE universe = $1 RETURNING symbol',
          [name],
        );
        await insertMembers(client, name, members);
        return compareMembers(symbolsOf(before.rows), symbolsOf(members));
      });
    },

    /** Removes a list and its history; false when there is none. */
    remove(name: string): Promise<boolean> {
      return database.transaction(`remove the universe ${name}`, async (client) => {
        const { rowCount } = await client.query('DELETE FROM universes WHERE name = $1', [name]);
        return rowCount === 1;
      });
    },

    /** Makes what is wanted, or what it makes of the members there are, those from a date on; who is no longer among them left the day before. A new list has had its members for ever. */
    update(
      name: string,
      wanted: readonly UniverseMember[] | ((before: readonly UniverseMember[]) => readonly UniverseMember[]),
      source: string,
      on: IsoDate,
    ): Promise<MemberChange> {
      return database.transaction(`store the universe ${name}`, async (client) => {
        const isNew = await lockList(client, name, source, everKnown);
        const before = await client.query<UniverseMember>(
          `SELECT DISTINCT ON (symbol) symbol, name, sector FROM universe_members
            WHERE universe = $1 AND $2::date BETWEEN valid_from AND valid_to
            ORDER BY symbol, valid_from DESC`,
          [name, on],
        );
        const members = typeof wanted === 'function' ? wanted(before.rows) : wanted;
        const symbols = symbolsOf(members);
        // What an earlier list said of later days is no longer so.
        await client.query(
          `DELETE FROM universe_members
            WHERE universe = $1 AND (valid_from > $2 OR valid_from = $2 AND symbol <> ALL ($3))`,
          [name, on, symbols],
        );
        await client.query(
          `UPDATE universe_members SET valid_to = $2::date - 1
            WHERE universe = $1 AND $2::date BETWEEN valid_from AND valid_to AND symbol <> ALL ($3)`,
          [name, on, symbols],
        );
        await client.query(
          `UPDATE universe_members m SET name = a.name, sector = a.sector, valid_to = 'infinity'
             FROM unnest($3::text[], $4::text[], $5::text[]) AS a(symbol, name, sector)
            WHERE m.universe = $1 AND $2::date BETWEEN m.valid_from AND m.valid_to AND m.symbol = a.symbol`,
          [name, on, symbols, members.map((member) => member.name), members.map((member) => member.sector)],
        );
        const old = new Set(before.rows.map((row) => row.symbol));
        const validFrom = isNew ? null : on;
        await insertMembers(
          client,
          name,
          members
            .filter(({ symbol }) => !old.has(symbol))
            .map((member) => ({ ...member, validFrom, validTo: null })),
        );
        return compareMembers(symbolsOf(before.rows), symbolsOf(members));
      });
    },
  };
}

/** Locks the list for this transaction, creating it when it is new; true then. Of two changes at once, the later one waits. */
async function lockList(
  client: PoolClient,
  name: string,
  source: string,
  known: KnownDates,
): Promise<boolean> {
  const { rows } = await client.query<{ is_new: boolean }>(
    `INSERT INTO universes (name, source, known_from, known_through) VALUES ($1, $2, $3, $4)
     ON CONFLICT (name) DO UPDATE SET source = excluded.source, updated_at = now(),
                                      known_from = excluded.known_from, known_through = excluded.known_through
     RETURNING xmax = 0 AS is_new`,
    [name, source, known.from, known.through],
  );
  return rows[0]?.is_new === true;
}

async function insertMembers(
  client: PoolClient,
  name: string,
  members: readonly DatedMember[],
): Promise<void> {
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
}

const symbolsOf = (rows: readonly { readonly symbol: string }[]): string[] =>
  rows.map(({ symbol }) => symbol);
