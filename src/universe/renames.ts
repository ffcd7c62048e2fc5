import { type NameHistory, type SymbolChange, createNameHistory } from '../market/name-history.ts';
import { readCsvRenames } from './csv-renames.ts';

/** What became of renames that were to be stored. */
export interface StoredRenames {
  readonly new: number;
  /** They took the place of others that said something else of their symbols on that date. */
  readonly changed: number;
  readonly unchanged: number;
}

/** The renames kept in the database. */
export interface RenameStore {
  /** By date and old symbol. */
  list(): Promise<SymbolChange[]>;
  /** Adds renames, all or none; what is known otherwise of a symbol on the same date gives way. */
  store(changes: readonly SymbolChange[]): Promise<StoredRenames>;
}

export interface Renames {
  /** By date and old symbol. */
  list(): Promise<SymbolChange[]>;
  history(): Promise<NameHistory>;
  /**
   * Adds the renames of a CSV file.
   * @throws AppError CONFIG_INVALID when the file cannot be read or any line of it is bad; nothing is changed then.
   */
  import(path: string): Promise<StoredRenames>;
}

/** What the program knows of renamed symbols. */
export function createRenames(store: RenameStore): Renames {
  return {
    list: () => store.list(),
    history: async () => createNameHistory(await store.list()),
    import: async (path) => store.store(await readCsvRenames(path)),
  };
}
