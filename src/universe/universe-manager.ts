import type { Clock } from '../clock.ts';
import { usageError } from '../errors.ts';
import type { IsoDate } from '../market/date.ts';
import { newYorkDate } from '../market/new-york.ts';
import { type UniverseMember, isMemberOn } from '../market/universe-member.ts';
import { type CsvUniverse, readCsvUniverse } from './csv.ts';
import { type UniverseTerm, parseUniverseExpression, termText } from './expression.ts';
import { isPredefinedName, predefinedNames, readPredefined } from './predefined.ts';
import type { ListChange, UniverseLists } from './universe-lists.ts';
import { unknownUniverse } from './unknown-universe.ts';

export interface ResolvedUniverse {
  /** The operands as written, each once. */
  readonly names: string[];
  /** Each symbol once, in the byte order of symbols; of several descriptions the first operand's. */
  readonly members: UniverseMember[];
}

export interface KnownUniverse {
  readonly name: string;
  readonly kind: 'predefined' | 'database';
  readonly members: number;
  /** New York date the members were those of the index, or the list was last imported. */
  readonly asOf: IsoDate;
  readonly source: string;
}

export interface UniverseImport extends ListChange {
  readonly duplicates: CsvUniverse['duplicates'];
}

export interface UniverseManager {
  /**
   * The members, today, of a union of predefined universes, CSV files and lists in the database.
   * A file's path is relative to the working directory.
   * @throws AppError CONFIG_INVALID for an unknown name, an unreadable file or expression, and when there is no member.
   */
  resolve(expression: string): Promise<ResolvedUniverse>;
  /** Every universe with a name: the predefined ones, then the database's by name. */
  list(): Promise<KnownUniverse[]>;
  /**
   * Makes a CSV file's symbols the whole database list `name`, creating it when it is new.
   * @throws AppError CONFIG_INVALID for a predefined or unusable name or a bad line; nothing is changed then.
   */
  import(name: string, path: string): Promise<UniverseImport>;
}

/** The one way to symbols, whatever keeps them. The database is asked only for names that are not predefined. */
export function createUniverseManager(deps: { lists: UniverseLists; clock: Clock }): UniverseManager {
  const { lists, clock } = deps;
  const today = (): IsoDate => newYorkDate(clock.now());

  async function membersOf(term: UniverseTerm, on: IsoDate): Promise<readonly UniverseMember[]> {
    if (term.kind === 'csv')
      return (await readCsvUniverse(term.path)).members.filter((member) => isMemberOn(member, on));
    if (term.kind === 'name' && isPredefinedName(term.name)) return readPredefined(term.name).members;
    const members = await lists.find(term.name, on);
    if (members !== null) return members;
    const inDatabase = (await lists.list(on)).map((list) => list.name);
    throw term.kind === 'list'
      ? unknownUniverse(
          termText(term),
          inDatabase.map((name) => `list:${name}`),
        )
      : unknownUniverse(term.name, [...predefinedNames, ...inDatabase]);
  }

  return {
    async resolve(expression) {
      const terms = parseUniverseExpression(expression);
      const on = today();
      const bySymbol = new Map<string, UniverseMember>();
      for (const term of terms) {
        for (const { symbol, name, sector } of await membersOf(term, on)) {
          if (!bySymbol.has(symbol)) bySymbol.set(symbol, { symbol, name, sector });
        }
      }
      if (bySymbol.size === 0)
        throw usageError(`The universe ${JSON.stringify(expression)} has no members on ${on}.`);
      return {
        names: [...new Set(terms.map(termText))],
        members: [...bySymbol.values()].toSorted((a, b) => (a.symbol < b.symbol ? -1 : 1)),
      };
    },

    async list() {
      const predefined = predefinedNames.map(readPredefined).map(({ name, members, asOf, source }) => ({
        name,
        kind: 'predefined' as const,
        members: members.length,
        asOf,
        source,
      }));
      const kept = (await lists.list(today())).map(({ name, members, updatedAt, source }) => ({
        name,
        kind: 'database' as const,
        members,
        asOf: newYorkDate(updatedAt.getTime()),
        source,
      }));
      return [...predefined, ...kept];
    },

    async import(name, path) {
      requireListName(name);
      const { members, duplicates } = await readCsvUniverse(path);
      return { ...(await lists.replace(name, members, path)), duplicates };
    },
  };
}

function requireListName(name: string): void {
  if (isPredefinedName(name)) {
    throw usageError(
      `Cannot import into "${name}": it is predefined and comes with the program. Choose another name.`,
    );
  }
  if (!/^[a-z][a-z0-9_-]{0,62}$/.test(name)) {
    throw usageError(
      `Cannot name a universe ${JSON.stringify(name)}: expected a lower-case letter, then at most 62 lower-case letters, digits, "-" or "_".`,
    );
  }
}
