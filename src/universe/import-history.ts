import { usageError } from '../errors.ts';
import type { IsoDate } from '../market/date.ts';
import { type KnownDates, isMemberOn } from '../market/universe-member.ts';
import { readCsvUniverse } from './csv.ts';
import { readCsvChanges } from './csv-changes.ts';
import { badLines } from './csv-file.ts';
import { requireListName } from './list-name.ts';
import { type Contradiction, replayChanges } from './membership-history.ts';
import { isPredefinedName, readPredefined } from './predefined.ts';
import type { UniverseLists } from './universe-lists.ts';

/** Where a history comes from. */
export interface HistorySources {
  /** CSV with the columns date, added and removed. */
  readonly changes: string;
  /** The members of one day as a CSV; the list that comes with the program when absent. */
  readonly members?: { readonly path: string; readonly asOf: IsoDate } | undefined;
  /** The last day without further changes; that of the last change when absent. */
  readonly through?: IsoDate | undefined;
}

export interface ImportedHistory {
  readonly known: KnownDates;
  /** Dates with a change. */
  readonly changes: number;
  /** Memberships, each with its first and last day. */
  readonly stays: number;
  readonly symbols: number;
}

/**
 * Makes the members of a day and a file of changes the whole history of `name`.
 * @throws AppError CONFIG_INVALID for a bad name, file or line, and when changes contradict the members; nothing is changed then.
 */
export async function importHistory(
  name: string,
  sources: HistorySources,
  lists: UniverseLists,
): Promise<ImportedHistory> {
  requireListName(name);
  const base = await baseOf(name, sources);
  const changes = await readCsvChanges(sources.changes);
  const { stays, contradictions } = replayChanges(base.members, base.asOf, changes);
  if (contradictions.length > 0) {
    throw contradicted(name, sources, base.asOf, contradictions);
  }
  const dates = [base.asOf, ...changes.map(({ date }) => date)].toSorted();
  const last = dates.at(-1)!;
  if (sources.through !== undefined && sources.through < last) {
    throw usageError(`Cannot end the history of ${name} on ${sources.through}: ${last} is known already.`);
  }
  const known = { from: dates[0]!, through: sources.through ?? last };
  await lists.replace(
    name,
    stays,
    base.source === null ? sources.changes : `${base.source}, ${sources.changes}`,
    known,
  );
  return {
    known,
    changes: new Set(changes.map(({ date }) => date)).size,
    stays: stays.length,
    symbols: new Set(stays.map(({ symbol }) => symbol)).size,
  };
}

async function baseOf(name: string, { members }: HistorySources) {
  if (members !== undefined) {
    const { path, asOf } = members;
    const listed = (await readCsvUniverse(path)).members.filter((member) => isMemberOn(member, asOf));
    return { members: listed, asOf, source: path };
  }
  if (isPredefinedName(name)) return { ...readPredefined(name), source: null };
  throw usageError(
    `A history of ${name} needs the members of one day: add --members FILE --as-of DATE. Only predefined universes have a list to start from.`,
  );
}

function contradicted(
  name: string,
  { changes, members }: HistorySources,
  asOf: IsoDate,
  contradictions: readonly Contradiction[],
): Error {
  const what = `the history of ${name}, whose members of ${asOf} it contradicts`;
  const error = badLines(
    changes,
    what,
    contradictions
      .map(({ line, problem }) => ({ line, column: 1, problem }))
      .toSorted((a, b) => a.line - b.line),
  );
  if (members !== undefined) return error;
  return usageError(
    `${error.message}\nIt does not lead to the list that comes with the program. Give the members of a day it knows: --members FILE --as-of DATE`,
  );
}
