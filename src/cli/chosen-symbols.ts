import type { Command } from 'commander';
import type { App } from '../app.ts';
import { usageError } from '../errors.ts';
import { parseSymbol } from '../market/symbol.ts';

export interface SymbolOptions {
  universe?: string;
  symbols?: string;
}

/** The flags that choose among the symbols that are stored. */
export const addSymbolOptions = (command: Command): Command =>
  command
    .option('--universe <names>', 'only the members of universes, as in import')
    .option('--symbols <symbols>', 'only these, by comma');

/** The symbols that --symbols names; null without it. @throws AppError CONFIG_INVALID for both flags or a symbol that is none. */
export function namedSymbols({ universe, symbols }: SymbolOptions): string[] | null {
  if (universe !== undefined && symbols !== undefined)
    throw usageError('Give --universe or --symbols, not both.');
  return symbols === undefined ? null : [...new Set(symbols.split(',').map((text) => parseSymbol(text)))];
}

/** The symbols the flags name; null for all. @throws AppError CONFIG_INVALID for both flags or a symbol that is none. */
export function readSymbolOptions(options: SymbolOptions): (app: App) => Promise<string[] | null> {
  const named = namedSymbols(options);
  const { universe } = options;
  return async (app) =>
    universe === undefined
      ? named
      : (await app.universes.resolve(universe)).members.map(({ symbol }) => symbol);
}
