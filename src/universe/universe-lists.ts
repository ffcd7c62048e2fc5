import type { IsoDate } from '../market/date.ts';
import type { DatedMember, KnownDates, MemberChange, UniverseMember } from '../market/universe-member.ts';

/** A list as it was on a date. */
export interface KeptList {
  /** By symbol. */
  readonly members: readonly UniverseMember[];
  readonly known: KnownDates;
}

/** Universes kept in the database. Every change is made whole or, on failure, not at all. */
export interface UniverseLists {
  /** Null when there is no such list. */
  find(name: string, on: IsoDate): Promise<KeptList | null>;
  /** Every list by name, its members on a date counted. */
  list(on: IsoDate): Promise<
    readonly {
      name: string;
      source: string;
      members: number;
      updatedAt: Date;
      known: KnownDates;
    }[]
  >;
  /** Makes `members` the whole list, of all times, creating it when it is new. */
  replace(
    name: string,
    members: readonly DatedMember[],
    source: string,
    known?: KnownDates,
  ): Promise<MemberChange>;
  /** Removes a list and its history; false when there is none. */
  remove(name: string): Promise<boolean>;
  /** Makes `members` those from a date on; who is no longer among them left the day before. A new list has had its members for ever. */
  update(
    name: string,
    members: readonly UniverseMember[],
    source: string,
    on: IsoDate,
  ): Promise<MemberChange>;
}
