import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { toDayNumber } from '../../market/date.ts';
import { newYorkInstant } from '../../market/new-york.ts';
import { readTable } from './reference-files.ts';

/** A day bar as it was first published. */
export interface FirstPublished {
  /** Open, high, low, close, volume. */
  readonly values: readonly number[];
  /** The values it has had since. */
  readonly revised: readonly number[];
  /** From this instant on (ms since the epoch) the vendor serves the revised values: a session's close. */
  readonly until: number;
}

const fields = ['open', 'high', 'low', 'close', 'volume'];

/** `bars/revisions.csv.gz`, by symbol and day since 1970-01-01; empty when the folder has no such file. */
export function readRevisions(folder: string): Map<string, Map<number, FirstPublished>> {
  const bySymbol = new Map<string, Map<number, FirstPublished>>();
  const path = join(folder, 'bars', 'revisions.csv.gz');
  if (!existsSync(path)) return bySymbol;
  for (const row of readTable(path)) {
    const { symbol = '', date = '', last_published: revisedOn = '' } = row;
    const numbers = (version: 1 | 2): number[] => fields.map((field) => Number(row[`${field}_${version}`]));
    const days = bySymbol.get(symbol) ?? new Map<number, FirstPublished>();
    bySymbol.set(symbol, days);
    days.set(toDayNumber(date), {
      values: numbers(1),
      revised: numbers(2),
      // Corrections of a session are there when the next one has closed.
      until: newYorkInstant(revisedOn, 16),
    });
  }
  return bySymbol;
}
