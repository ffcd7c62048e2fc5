import type { IsoDate } from './date.ts';

/** A rename: what traded as `oldSymbol` up to `lastSession`, inclusive, trades as `newSymbol` from the next one on. */
export interface SymbolChange {
  readonly oldSymbol: string;
  readonly newSymbol: string;
  readonly lastSession: IsoDate;
  /** Where it is known from. */
  readonly source: string;
}

/** A name and when it held. */
export interface NameSpan {
  readonly symbol: string;
  /** The last session before it held; null: not known, or always. */
  readonly after: IsoDate | null;
  /** The last session it held, inclusive; null: to this day as far as is known. */
  readonly until: IsoDate | null;
}

/** The names of what has traded under a symbol. A symbol used again by another company belongs to both. */
export interface NameHistory {
  /** Every other name, by time; a name that came back is there for each time it held. */
  otherNames(symbol: string): NameSpan[];
  /** When it was itself a name of what has had other names. */
  ownSpans(symbol: string): NameSpan[];
  /** The names to look under on a date on which `symbol` was not it; none when it was, or nothing is known. */
  namesOn(symbol: string, date: IsoDate): NameSpan[];
}

interface Link {
  readonly symbol: string;
  readonly after: IsoDate | null;
  until: IsoDate | null;
  before: Link | undefined;
  next: Link | undefined;
}

/**
 * Follows names through changes in any order. The changes that touch a symbol cut its time into spans; each change
 * ties the span that ends with it to the one that begins with it. A span with both has begun before it ended, so
 * time grows along every chain, and none closes to a ring.
 */
export function createNameHistory(changes: readonly SymbolChange[]): NameHistory {
  const linksOf = linkSpans(changes);
  const chained = (symbol: string): Link[] =>
    (linksOf.get(symbol) ?? []).filter(({ before, next }) => (before ?? next) !== undefined);
  const otherNames = (symbol: string): NameSpan[] =>
    [...new Set(chained(symbol).flatMap(chainOf))]
      .filter((link) => link.symbol !== symbol)
      .toSorted(byStart)
      .map(({ symbol: name, after, until }) => ({ symbol: name, after, until }));
  return {
    otherNames,
    ownSpans: (symbol) => chained(symbol).map(({ after, until }) => ({ symbol, after, until })),
    namesOn: (symbol, date) =>
      chained(symbol).some((link) => holdsOn(link, date))
        ? []
        : otherNames(symbol).filter((span) => holdsOn(span, date)),
  };
}

/** True when a name held on at least one day of an inclusive range; undefined is open. */
export const holdsWithin = ({ after, until }: NameSpan, from?: IsoDate, to?: IsoDate): boolean =>
  (after === null || to === undefined || after < to) &&
  (until === null || from === undefined || from <= until);

const holdsOn = (span: NameSpan, date: IsoDate): boolean => holdsWithin(span, date, date);

function linkSpans(changes: readonly SymbolChange[]): Map<string, Link[]> {
  const touching = new Map<string, SymbolChange[]>();
  for (const change of changes) {
    for (const symbol of [change.oldSymbol, change.newSymbol]) {
      const known = touching.get(symbol);
      if (known === undefined) touching.set(symbol, [change]);
      else known.push(change);
    }
  }
  const endedBy = new Map<SymbolChange, Link>();
  const begunBy = new Map<SymbolChange, Link>();
  const linksOf = new Map<string, Link[]>();
  for (const [symbol, own] of touching) {
    // Of a day on which a name passes from one to another, who leaves comes first.
    const leaves = (change: SymbolChange): number => (change.oldSymbol === symbol ? 0 : 1);
    const inOrder = own.toSorted((a, b) => compare(a.lastSession, b.lastSession) || leaves(a) - leaves(b));
    const links = [newLink(symbol, null)];
    for (const change of inOrder) {
      links.at(-1)!.until = change.lastSession;
      const begun = newLink(symbol, change.lastSession);
      if (change.oldSymbol === symbol) endedBy.set(change, links.at(-1)!);
      else begunBy.set(change, begun);
      links.push(begun);
    }
    linksOf.set(symbol, links);
  }
  for (const change of changes) {
    const [ended, begun] = [endedBy.get(change), begunBy.get(change)];
    if (ended === undefined || begun === undefined) continue;
    ended.next = begun;
    begun.before = ended;
  }
  return linksOf;
}

const newLink = (symbol: string, after: IsoDate | null): Link => ({
  symbol,
  after,
  until: null,
  before: undefined,
  next: undefined,
});

/** All links of a chain, the first name first. */
function chainOf(link: Link): Link[] {
  let first = link;
  while (first.before !== undefined) first = first.before;
  const chain = [];
  for (let at: Link | undefined = first; at !== undefined; at = at.next) chain.push(at);
  return chain;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const byStart = (a: NameSpan, b: NameSpan): number =>
  compare(a.after ?? '', b.after ?? '') ||
  compare(a.until ?? '', b.until ?? '') ||
  compare(a.symbol, b.symbol);
