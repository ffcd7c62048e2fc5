import type { IsoDate } from '../market/date.ts';
import type { DatedMember, UniverseMember } from '../market/universe-member.ts';

/** What replacing a list did, by symbol, each sorted. */
export interface ListChange {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly kept: readonly string[];
}

/** Universes kept in the database. */
export interface UniverseLists {
  /** The members of a list on a date, by symbol; null when there is no such list. */
  find(name: string, on: IsoDate): Promise<readonly UniverseMember[] | null>;
  /** Every list by name, its members on a date counted. */
  list(on: IsoDate): Promise<readonly { name: string; source: string; members: number; updatedAt: Date }[]>;
  /** Makes `members` the whole list, creating it when it is new; all of it or, on failure, nothing. */
  replace(name: string, members: readonly DatedMember[], source: string): Promise<ListChange>;
}
