import { distance } from 'fastest-levenshtein';
import { type AppError, usageError } from '../errors.ts';

const MAX_SHOWN = 10;

/** The universe of all stocks that the vendor lists. */
export const everyStock = 'all-active';

/** The error for a name nobody knows: the names near it, or else all there are. */
export function unknownUniverse(name: string, known: readonly string[]): AppError {
  const near = nearNames(name, known);
  let advice = `Known are: ${known.slice(0, MAX_SHOWN).join(', ')}${known.length > MAX_SHOWN ? ', …' : ''}.`;
  if (/.[-+&]./.test(name)) advice += ' Put spaces around "+", "-" and "&".';
  if (near.length > 0) advice = `Did you mean ${near.join(' or ')}?`;
  if (name === everyStock) advice = 'Ask the vendor for its listing first: tickstock universe refresh';
  if (known.length === 0)
    advice = 'The database keeps none yet: tickstock universe import NAME FILE adds one.';
  const file = /[/\\]|\.(?:csv|txt)$/i.test(name) ? ` For a file write csv:${name}.` : '';
  return usageError(`There is no universe ${JSON.stringify(name)}. ${advice}${file}`);
}

/** The names within a third of the word's letters, at least two edits, the nearest first. */
function nearNames(name: string, known: readonly string[]): string[] {
  const limit = Math.max(2, Math.floor(name.length / 3));
  return known
    .map((candidate) => ({ candidate, edits: distance(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ edits }) => edits <= limit)
    .toSorted((a, b) => a.edits - b.edits || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}
