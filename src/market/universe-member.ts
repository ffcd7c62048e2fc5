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
export const isMemberOn = ({ validFrom, validTo }: DatedMember, date: IsoDate): boolean =>
  isWithin(date, validFrom, validTo);

/** The dates for which a universe's members are known, inclusive; null is open. */
export interface KnownDates {
  readonly from: IsoDate | null;
  readonly through: IsoDate | null;
}

export const everKnown: KnownDates = { from: null, through: null };

/** True when the members are known on a date. */
export const isKnownOn = ({ from, through }: KnownDates, date: IsoDate): boolean =>
  isWithin(date, from, through);

const isWithin = (date: IsoDate, first: IsoDate | null, last: IsoDate | null): boolean =>
  (first ?? date) <= date && date <= (last ?? date);

/** What a change of members did, by symbol, each sorted. */
export interface MemberChange {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly kept: readonly string[];
}

/** What makes some symbols into others; each symbol counts once. */
export function compareMembers(before: Iterable<string>, after: Iterable<string>): MemberChange {
  const [old, now] = [new Set(before), new Set(after)];
  return {
    added: [...now].filter((symbol) => !old.has(symbol)).toSorted(),
    removed: [...old].filter((symbol) => !now.has(symbol)).toSorted(),
    kept: [...now].filter((symbol) => old.has(symbol)).toSorted(),
  };
}
