import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { usageError } from '../../errors.ts';
import { type FileBars, readBarFile } from './bar-file.ts';
import { listMarketFiles, readMarketFiles } from './market-files.ts';

export const barKinds = ['daily', 'daily_long', 'hourly', 'minute'] as const;
export type BarKind = (typeof barKinds)[number];

export interface BarFolder {
  /** Symbols with a file of this kind, in code unit order. */
  symbols(kind: BarKind): readonly string[];
  /** The bars of a symbol; null when it has no such file. */
  find(kind: BarKind, symbol: string): FileBars | null;
}

/** About 100 MB; a set of this size is read from disk once. */
const mostRows = 2_000_000;
const ending = '.csv.gz';

/**
 * The `bars` of a replay folder, each file read when first asked for and kept while there is room; or its monthly
 * files of a whole market, read at once.
 * @throws AppError CONFIG_INVALID for a folder without any.
 */
export function openBarFolder(folder: string): BarFolder {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw usageError(`Cannot replay ${folder}: there is no such folder.`);
  }
  const market = readMarketFiles(listMarketFiles(folder));
  if (market.size > 0) return wholeMarket(market);
  const symbols = new Map(barKinds.map((kind) => [kind, listSymbols(join(folder, 'bars', kind))]));
  const files = new Map(barKinds.map((kind) => [kind, new Set(symbols.get(kind))]));
  if ([...symbols.values()].every((list) => list.length === 0)) {
    const expected = barKinds.map((kind) => `bars/${kind}/SYMBOL${ending}`).join(', ');
    throw usageError(
      `Cannot replay ${folder}: it has no bars. Expected files such as ${expected}, or daily_2016-01.csv.gz for a whole market.`,
    );
  }
  // In order of use, the longest unused first.
  const held = new Map<string, FileBars>();
  let rows = 0;

  return {
    symbols: (kind) => symbols.get(kind)!,
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

function wholeMarket(market: ReadonlyMap<string, FileBars>): BarFolder {
  const symbols = [...market.keys()].toSorted((a, b) => (a < b ? -1 : 1));
  return {
    symbols: (kind) => (kind === 'daily' ? symbols : []),
    find: (kind, symbol) => (kind === 'daily' ? (market.get(symbol) ?? null) : null),
  };
}

function listSymbols(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .map((name) => name.slice(0, -ending.length))
    .toSorted((a, b) => (a < b ? -1 : 1));
}
