import { type IsoDate, addDays } from '../market/date.ts';
import type { DatedMember, UniverseMember } from '../market/universe-member.ts';
import type { MembershipChange } from './csv-changes.ts';

/** A change that cannot be: somebody comes who is there, or goes who is not. */
export interface Contradiction {
  readonly line: number;
  readonly problem: string;
}

export interface MembershipHistory {
  /** By symbol and first day; open at the ends of what the changes tell. */
  readonly stays: readonly DatedMember[];
  /** The stays mean nothing when there is one. */
  readonly contradictions: readonly Contradiction[];
}

/** The stays that the members of a day and changes before and after it add up to. `changes` in the order of dates. */
export function replayChanges(
  members: readonly UniverseMember[],
  asOf: IsoDate,
  changes: readonly MembershipChange[],
): MembershipHistory {
  const first = membersBefore(members, changes.filter(({ date }) => date <= asOf).toReversed());
  if (first.contradictions.length > 0) return { stays: [], contradictions: first.contradictions };

  const about = new Map(members.map((member) => [member.symbol, member]));
  const since = new Map<string, IsoDate | null>([...first.symbols].map((symbol) => [symbol, null]));
  const stays: DatedMember[] = [];
  const contradictions: Contradiction[] = [];
  const end = (symbol: string, validTo: IsoDate | null): void => {
    const { name, sector } = about.get(symbol) ?? { name: null, sector: null };
    stays.push({ symbol, name, sector, validFrom: since.get(symbol) ?? null, validTo });
    since.delete(symbol);
  };
  for (const { date, added, removed, line } of changes) {
    for (const symbol of removed) {
      if (since.has(symbol)) end(symbol, addDays(date, -1));
      else contradictions.push({ line, problem: `${symbol} goes on ${date} without being a member before` });
    }
    for (const symbol of added) {
      if (!since.has(symbol)) since.set(symbol, date);
      else contradictions.push({ line, problem: `${symbol} comes on ${date} but is a member before` });
    }
  }
  for (const symbol of since.keys()) end(symbol, null);
  return { stays: stays.toSorted(bySymbolAndStart), contradictions };
}

/** The members of a day with the changes up to it, the latest first, undone. */
function membersBefore(
  members: readonly UniverseMember[],
  changes: readonly MembershipChange[],
): { symbols: Set<string>; contradictions: Contradiction[] } {
  const symbols = new Set(members.map(({ symbol }) => symbol));
  const contradictions: Contradiction[] = [];
  for (const { date, added, removed, line } of changes) {
    for (const symbol of added) {
      if (!symbols.delete(symbol))
        contradictions.push({ line, problem: `${symbol} comes on ${date} but is no member after` });
    }
    for (const symbol of removed) {
      if (symbols.has(symbol))
        contradictions.push({ line, problem: `${symbol} goes on ${date} but is a member after` });
      symbols.add(symbol);
    }
  }
  return { symbols, contradictions };
}

function bySymbolAndStart(a: DatedMember, b: DatedMember): number {
  if (a.symbol !== b.symbol) return a.symbol < b.symbol ? -1 : 1;
  return (a.validFrom ?? '') < (b.validFrom ?? '') ? -1 : 1;
}
