import { usageError } from '../errors.ts';
import type { IsoDate } from '../market/date.ts';
import { type KnownDates, type UniverseMember, isKnownOn, isMemberOn } from '../market/universe-member.ts';
import { readCsvUniverse } from './csv.ts';
import { type UniverseTerm, termText } from './expression.ts';
import { isPredefinedName, predefinedNames, readPredefined } from './predefined.ts';
import type { UniverseLists } from './universe-lists.ts';
import { unknownUniverse } from './unknown-universe.ts';

export interface MemberFinder {
  /** The members of one operand on its date, or today. @throws AppError CONFIG_INVALID when they are not known. */
  membersOf(term: UniverseTerm): Promise<readonly UniverseMember[]>;
}

/** Looks where a name points to: a file, the shipped lists, the database. */
export function createMemberFinder(lists: UniverseLists, today: IsoDate): MemberFinder {
  return {
    async membersOf(term) {
      const on = term.on ?? today;
      if (on > today)
        throw usageError(`Nobody knows the members of ${termText(term)} yet: today is ${today}.`);
      if (term.kind === 'csv')
        return (await readCsvUniverse(term.path)).members.filter((member) => isMemberOn(member, on));
      const shipped = term.kind === 'name' && isPredefinedName(term.name) ? readPredefined(term.name) : null;
      if (shipped !== null && (term.on === null || on >= shipped.asOf)) return shipped.members;
      const kept = await lists.find(term.name, on);
      if (kept === null)
        throw shipped === null ? await unknown(term, lists, today) : noHistory(term, shipped.asOf);
      if (!isKnownOn(kept.known, on)) throw outsideHistory(term, kept.known);
      return kept.members;
    },
  };
}

async function unknown(
  term: Exclude<UniverseTerm, { kind: 'csv' }>,
  lists: UniverseLists,
  today: IsoDate,
): Promise<Error> {
  const inDatabase = (await lists.list(today)).map(({ name }) => name);
  return term.kind === 'list'
    ? unknownUniverse(
        `list:${term.name}`,
        inDatabase.map((name) => `list:${name}`),
      )
    : unknownUniverse(term.name, [...new Set([...predefinedNames, ...inDatabase])]);
}

const noHistory = (term: UniverseTerm, asOf: IsoDate): Error =>
  usageError(
    `The members of ${termText(term)} are not known: the list that comes with the program is of ${asOf}. ` +
      `Load its history with: tickstock universe history ${'name' in term ? term.name : 'NAME'} --changes FILE`,
  );

const outsideHistory = (term: UniverseTerm, known: KnownDates): Error =>
  usageError(
    `The members of ${termText(term)} are not known: its history in the database covers ${datesText(known)}. ` +
      'Choose a date within it, or load a longer history: tickstock universe history --help',
  );

/** `1996-01-02 to 2019-12-23`, with words where it is open. */
export const datesText = ({ from, through }: KnownDates): string =>
  from === null && through === null ? 'all dates' : `${from ?? 'ever'} to ${through ?? 'today'}`;
