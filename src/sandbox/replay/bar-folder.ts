import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { usageError } from '../../errors.ts';
import { type FileBars, readBarFile } from './bar-file.ts';

export const barKinds = ['daily', 'daily_long', 'hourly', 'minute'] as const;
export type BarKind = (typeof barKinds)[number];

export interface BarFolder {
  /** Symbols with a file of this kind, in code unit order. */
  symbols(kind: BarKind): readonly string[];
  /** True when it has no file of any kind, of this symbol or of all. */
  isEmpty(symbol?: string): boolean;
  /** The bars of a symbol; null when it has no such file. */
  find(kind: BarKind, symbol: string): FileBars | null;
}

/** About 100 MB; a set of this size is read from disk once. */
const mostRows = 2_000_000;
const ending = '.csv.gz';

/**
 * The `bars` of a replay folder, each file read when first asked for and kept while there is room.
 * @throws AppError CONFIG_INVALID when there is no such folder.
 */
export function openBarFolder(folder: string): BarFolder {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw usageError(`Cannot replay ${folder}: there is no such folder.`);
  }
  const symbols = new Map(barKinds.map((kind) => [kind, listSymbols(join(folder, 'bars', kind))]));
  const files = new Map(barKinds.map((kind) => [kind, new Set(symbols.get(kind))]));
  // In order of use, the longest unused first.
  const held = new Map<string, FileBars>();
  let rows = 0;

  return {
    symbols: (kind) => symbols.get(kind)!,
    isEmpty: (symbol) =>
      [...files.values()].every((own) => (symbol === undefined ? own.size === 0 : !own.has(symbol))),
    find(kind, symbol) {
      if (!files.get(kind)!.has(symbol)) return null;
      const path = join(folder, 'bars', kind, symbol + ending);
      const known = held.get(path);
      const bars = known ?? readBarFile(path);
      if (known === undefined) rows += bars.at.length;
      held.delete(path);
      held.set(path, bars);
      for (const [oldest, unused] of held) {
        if (rows <= mostRows || unused === bars) break;
        held.delete(oldest);
        rows -= unused.at.length;
      }
      return bars;
    },
  };
}

function listSymbols(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .map((name) => name.slice(0, -ending.length))
    .toSorted((a, b) => (a < b ? -1 : 1));
}
