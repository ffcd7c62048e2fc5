import type { Clock } from '../clock.ts';
import { usageError } from '../errors.ts';
import type { IsoDate } from '../market/date.ts';
import { newYorkDate } from '../market/new-york.ts';
import {
  type KnownDates,
  type MemberChange,
  type UniverseMember,
  everKnown,
} from '../market/universe-member.ts';
import { type CsvUniverse, parseCsvUniverse, readCsvUniverse } from './csv.ts';
import {
  type UniverseOperator,
  type UniverseTerm,
  parseUniverseExpression,
  partNames,
} from './expression.ts';
import { type HistorySources, type ImportedHistory, importHistory } from './import-history.ts';
import { findOpenList, requireListName } from './list-name.ts';
import { isPredefinedName, predefinedNames, readPredefined } from './predefined.ts';
import { type MemberFinder, createMemberFinder } from './member-finder.ts';
import { changeMembers } from './change-members.ts';
import type { KeptHistory, UniverseLists } from './universe-lists.ts';
import {
  type ListingFilter,
  type ReadListing,
  type VendorListing,
  readListing,
  requireBelievable,
} from './vendor-listing.ts';

export interface ResolvedUniverse {
  /** The universes as written, each once. */
  readonly names: string[];
  /** Each symbol once, in the byte order of symbols; of several descriptions the first operand's, others where it says nothing. */
  readonly members: UniverseMember[];
}

export interface KnownUniverse {
  readonly name: string;
  readonly kind: 'predefined' | 'database';
  readonly members: number;
  /** New York date the members were those of the index, or the list was last imported. */
  readonly asOf: IsoDate;
  readonly source: string;
  /** The dates for which `@DATE` knows the members; null when only today's are known. */
  readonly history: KnownDates | null;
}

export interface UniverseImport extends MemberChange {
  readonly duplicates: CsvUniverse['duplicates'];
}

export interface UniverseRefresh extends MemberChange, Pick<ReadListing, 'types' | 'refused'> {}

export interface UniverseManager {
  /**
   * The members of an expression over predefined universes, CSV files and lists in the database, today or on
   * the dates it names. A file's path is relative to the working directory.
   * @throws AppError CONFIG_INVALID for an unknown name, an unreadable file or expression, a date without known members, and when there is no member.
   */
  resolve(expression: string): Promise<ResolvedUniverse>;
  /** Every universe with a name: the predefined ones, then the database's by name. */
  list(): Promise<KnownUniverse[]>;
  /**
   * Makes a CSV file's symbols the database list `name`, creating it when it is new: from today on, or for
   * all times when the file has dates of its own.
   * @throws AppError CONFIG_INVALID for a predefined or unusable name or a bad line; nothing is changed then.
   */
  import(name: string, path: string): Promise<UniverseImport>;
  /**
   * Does the same with the text of a CSV file, which messages call the list.
   * @throws AppError CONFIG_INVALID as `import`.
   */
  importText(name: string, text: string, source: string): Promise<UniverseImport>;
  /**
   * Makes `members` those of the database list `name` from today on, creating it when it is new.
   * @throws AppError CONFIG_INVALID as `import`.
   */
  store(name: string, members: readonly UniverseMember[], source: string): Promise<MemberChange>;
  /**
   * Adds and removes members of the database list `name` from today on; null when there is none.
   * @throws AppError CONFIG_INVALID as `import`, for one to remove that is no member, and when nobody would be left.
   */
  change(
    name: string,
    change: { readonly add: readonly UniverseMember[]; readonly remove: readonly string[] },
    source: string,
  ): Promise<MemberChange | null>;
  /** Who was a member of `name` when, as the database keeps it; null when it keeps nothing of it. */
  history(name: string): Promise<KeptHistory | null>;
  /** Removes a list of the database and its history; false when there is none. @throws AppError CONFIG_INVALID for a predefined name. */
  remove(name: string): Promise<boolean>;
  /**
   * Makes the members of a day and a CSV file of changes the whole history of `name`, predefined names included.
   * @throws AppError CONFIG_INVALID as `import`, and when the changes contradict the members; nothing is changed then.
   */
  importHistory(name: string, sources: HistorySources): Promise<ImportedHistory>;
  /**
   * Makes the vendor's listing of today the members of `name` from today on.
   * @throws AppError as the vendor's port; CONFIG_INVALID for an unusable name; VENDOR_RESPONSE_INVALID for a listing too short to be believed. Nothing is changed then.
   */
  refresh(
    name: string,
    filter: ListingFilter,
    options: { readonly signal: AbortSignal; onPage?(read: number): void },
  ): Promise<UniverseRefresh>;
}

/** The one way to symbols, whatever keeps them. The database is asked only for names and dates that are not predefined. */
export function createUniverseManager(deps: {
  lists: UniverseLists;
  clock: Clock;
  listing?: VendorListing;
}): UniverseManager {
  const { lists, clock } = deps;
  const today = (): IsoDate => newYorkDate(clock.now());

  const storeCsv = async (
    name: string,
    { members, duplicates }: CsvUniverse,
    source: string,
  ): Promise<UniverseImport> => {
    const isDated = members.some(({ validFrom, validTo }) => validFrom !== null || validTo !== null);
    const change = isDated
      ? await lists.replace(name, members, source, everKnown)
      : await lists.update(name, members, source, today());
    return { ...change, duplicates };
  };

  return {
    async resolve(expression) {
      const parts = parseUniverseExpression(expression);
      const finder = createMemberFinder(lists, today());
      const union = new Map<string, UniverseMember>();
      for (const { first, steps } of parts) {
        const members = await bySymbol(first, finder);
        for (const { operator, term } of steps) combine(members, operator, await bySymbol(term, finder));
        unite(union, members);
      }
      if (union.size === 0)
        throw usageError(`The universe ${JSON.stringify(expression)} has no members on ${today()}.`);
      return {
        names: [...new Set(parts.flatMap(partNames))],
        members: [...union.values()].toSorted((a, b) => (a.symbol < b.symbol ? -1 : 1)),
      };
    },

    async list() {
      const kept = await lists.list(today());
      const predefined = predefinedNames.map(readPredefined).map(({ name, members, asOf, source }) => ({
        name,
        kind: 'predefined' as const,
        members: members.length,
        asOf,
        source,
        history: kept.find((one) => one.name === name)?.known ?? null,
      }));
      const own = kept
        .filter(({ name }) => !isPredefinedName(name))
        .map(({ name, members, updatedAt, source, known }) => ({
          name,
          kind: 'database' as const,
          members,
          asOf: newYorkDate(updatedAt.getTime()),
          source,
          history: known,
        }));
      return [...predefined, ...own];
    },

    async import(name, path) {
      await findOpenList(name, lists, today());
      return storeCsv(name, await readCsvUniverse(path), path);
    },

    async importText(name, text, source) {
      await findOpenList(name, lists, today());
      return storeCsv(name, parseCsvUniverse(text, 'the list'), source);
    },

    async store(name, members, source) {
      await findOpenList(name, lists, today());
      return lists.update(name, members, source, today());
    },

    async change(name, change, source) {
      if ((await findOpenList(name, lists, today())) === null) return null;
      return lists.update(name, (before) => changeMembers(name, before, change), source, today());
    },

    history: (name) => lists.history(name),

    async remove(name) {
      if (isPredefinedName(name))
        throw usageError(`Cannot delete "${name}": it is predefined and comes with the program.`);
      requireListName(name);
      return lists.remove(name);
    },

    importHistory: (name, sources) => importHistory(name, sources, lists),

    async refresh(name, filter, { signal, onPage = () => {} }) {
      const before = await findOpenList(name, lists, today());
      if (deps.listing === undefined) throw usageError('There is no vendor to ask for its listing.');
      const { members, types, refused } = await readListing(deps.listing, filter, onPage, signal);
      requireBelievable(name, members.length, before?.members.length ?? 0);
      const source = ['reference tickers', ...filter.types, ...filter.exchanges].join(' ');
      return { ...(await lists.update(name, members, source, today())), types, refused };
    },
  };
}

type Members = Map<string, UniverseMember>;

async function bySymbol(term: UniverseTerm, finder: MemberFinder): Promise<Members> {
  const members = await finder.membersOf(term);
  return new Map(members.map(({ symbol, name, sector }) => [symbol, { symbol, name, sector }]));
}

function combine(members: Members, operator: UniverseOperator, others: Members): void {
  if (operator === '+') return unite(members, others);
  for (const [symbol, member] of members) {
    const other = others.get(symbol);
    if ((other === undefined) === (operator === '&')) members.delete(symbol);
    else if (other !== undefined) members.set(symbol, described(member, other));
  }
}

function unite(members: Members, others: Members): void {
  for (const [symbol, other] of others) members.set(symbol, described(members.get(symbol) ?? other, other));
}

/** What the first operand does not say the second may. */
const described = (member: UniverseMember, other: UniverseMember): UniverseMember => ({
  ...member,
  name: member.name ?? other.name,
  sector: member.sector ?? other.sector,
});
