import type { IsoDate } from './date.ts';

/** A symbol of a universe with what its source says about it; null when it says nothing. */
export interface UniverseMember {
  readonly symbol: string;
  readonly name: string | null;
  readonly sector: string | null;
}

/** A membership with its first and last day, both inclusive New York dates; null is open. */
export interface DatedMember extends UniverseMember {
  readonly validFrom: IsoDate | null;
  readonly validTo: IsoDate | null;
}

/** True when the membership holds on a date. */
export const isMemberOn = (member: DatedMember, date: IsoDate): boolean =>
  (member.validFrom ?? date) <= date && date <= (member.validTo ?? date);

/** The dates for which a universe's members are known, inclusive; null is open. */
export interface KnownDates {
  readonly from: IsoDate | null;
  readonly through: IsoDate | null;
}

export const everKnown: KnownDates = { from: null, through: null };

/** What a change of members did, by symbol, each sorted. */
export interface MemberChange {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly kept: readonly string[];
}
