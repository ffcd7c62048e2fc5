import { usageError } from '../errors.ts';
import type { UniverseMember } from '../market/universe-member.ts';

const MAX_SHOWN = 10;

/**
 * The members of a universe after some were added and others removed; who is added again is described anew as far as something is said.
 * @throws AppError CONFIG_INVALID for one to remove that is no member, and when nobody would be left.
 */
export function changeMembers(
  universe: string,
  before: readonly UniverseMember[],
  { add, remove }: { readonly add: readonly UniverseMember[]; readonly remove: readonly string[] },
): UniverseMember[] {
  const after = new Map(before.map((member) => [member.symbol, member]));
  const strangers = remove.filter((symbol) => !after.has(symbol));
  if (strangers.length > 0) {
    const more = strangers.length > MAX_SHOWN ? ', …' : '';
    throw usageError(
      `Cannot remove ${strangers.slice(0, MAX_SHOWN).join(', ')}${more} from "${universe}": no member of it today. Nothing was changed.`,
    );
  }
  for (const symbol of remove) after.delete(symbol);
  for (const { symbol, name, sector } of add) {
    const known = after.get(symbol);
    after.set(symbol, {
      symbol,
      name: name ?? known?.name ?? null,
      sector: sector ?? known?.sector ?? null,
    });
  }
  if (after.size === 0) {
    throw usageError(
      `Cannot remove every member of "${universe}": a universe has at least one. Delete the universe instead.`,
    );
  }
  return [...after.values()];
}
