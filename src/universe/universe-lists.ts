import type { IsoDate } from '../market/date.ts';
import type { DatedMember, KnownDates, MemberChange, UniverseMember } from '../market/universe-member.ts';

/** A list as it was on a date. */
export interface KeptList {
  /** By symbol. */
  readonly members: readonly UniverseMember[];
  readonly known: KnownDates;
}

/** Who was a member of a list when. */
export interface KeptHistory {
  /** By symbol, then by date. */
  readonly stays: readonly DatedMember[];
  readonly known: KnownDates;
}

/** What the members of a list become; a function is given those it has, by symbol, and what it throws changes nothing. */
export type NewMembers =
  | readonly UniverseMember[]
  | ((before: readonly UniverseMember[]) => readonly UniverseMember[]);

/** Universes kept in the database. Every change is made whole or, on failure, not at all. */
export interface UniverseLists {
  /** Null when there is no such list. */
  find(name: string, on: IsoDate): Promise<KeptList | null>;
  /** Null when there is no such list. */
  history(name: string): Promise<KeptHistory | null>;
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
  update(name: string, members: NewMembers, source: string, on: IsoDate): Promise<MemberChange>;
}
