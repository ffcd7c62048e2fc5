import { readFileSync } from 'node:fs';
import { AppError } from '../errors.ts';
import type { IsoDate } from '../market/date.ts';
import type { UniverseMember } from '../market/universe-member.ts';
import { parseCsvUniverse } from './csv.ts';

export const predefinedNames = ['sp500', 'nasdaq100', 'dow30'] as const;
export type PredefinedName = (typeof predefinedNames)[number];

export interface PredefinedUniverse {
  readonly name: PredefinedName;
  /** The day the members were those of the index. */
  readonly asOf: IsoDate;
  readonly source: string;
  /** By symbol. */
  readonly members: readonly UniverseMember[];
}

export const isPredefinedName = (name: string): name is PredefinedName =>
  (predefinedNames as readonly string[]).includes(name);

/** A universe shipped with the program, in `data/universes`. */
export function readPredefined(name: PredefinedName): PredefinedUniverse {
  const path = new URL(`../../data/universes/${name}.csv`, import.meta.url);
  const text = readFileSync(path, 'utf8');
  const [, asOf, source] = /^# as of (\d{4}-\d{2}-\d{2}), source: (.+)$/m.exec(text) ?? [];
  if (asOf === undefined || source === undefined) {
    throw new AppError(
      'INTERNAL',
      `The shipped universe file ${name}.csv does not say its source and date. Install tickstock again.`,
    );
  }
  const members = parseCsvUniverse(text, `${name}.csv`).members.map(({ symbol, name: company, sector }) => ({
    symbol,
    name: company,
    sector,
  }));
  return { name, asOf, source, members };
}

let names: ReadonlyMap<string, string> | undefined;

/** What the companies of the shipped universes are called, by symbol. */
export const shippedNames = (): ReadonlyMap<string, string> =>
  (names ??= new Map(
    predefinedNames
      .flatMap((name) => readPredefined(name).members)
      .flatMap(({ symbol, name }) => (name === null ? [] : [[symbol, name] as const])),
  ));
