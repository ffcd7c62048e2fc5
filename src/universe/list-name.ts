import { usageError } from '../errors.ts';
import type { IsoDate } from '../market/date.ts';
import { isPredefinedName } from './predefined.ts';
import type { KeptList, UniverseLists } from './universe-lists.ts';

/** @throws AppError CONFIG_INVALID for a name no list can have. */
export function requireListName(name: string): void {
  if (/^[a-z][a-z0-9_-]{0,62}$/.test(name)) return;
  throw usageError(
    `Cannot name a universe ${JSON.stringify(name)}: expected a lower-case letter, then at most 62 lower-case letters, digits, "-" or "_".`,
  );
}

/**
 * A list whose members change from today on; null when it is new.
 * @throws AppError CONFIG_INVALID also for a predefined name and for one that holds a history that ended.
 */
export async function findOpenList(
  name: string,
  lists: UniverseLists,
  today: IsoDate,
): Promise<KeptList | null> {
  if (isPredefinedName(name)) {
    throw usageError(
      `Cannot import into "${name}": it is predefined and comes with the program. Choose another name.`,
    );
  }
  requireListName(name);
  const kept = await lists.find(name, today);
  const through = kept?.known.through ?? null;
  if (through === null) return kept;
  throw usageError(
    `Cannot import into "${name}": it holds a history that ends on ${through}, and who came and went since is not known. ` +
      'Load a longer history with tickstock universe history, or choose another name.',
  );
}
