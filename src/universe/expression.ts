import { usageError } from '../errors.ts';

/** One operand of a universe expression. `name` is a predefined universe or, failing that, a list in the database. */
export type UniverseTerm =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'list'; readonly name: string }
  | { readonly kind: 'csv'; readonly path: string };

/**
 * Parses a union of universes: names, `list:NAME` and `csv:PATH`, separated by commas or ` + `.
 * @throws AppError CONFIG_INVALID for an empty operand and for the operators ` - `, ` & ` and `@DATE`, which are not there yet.
 */
export function parseUniverseExpression(expression: string): UniverseTerm[] {
  const refuse = (why: string): Error =>
    usageError(`Cannot read the universe expression ${JSON.stringify(expression)}: ${why}.`);

  const operator = / [-&] /.exec(expression)?.[0];
  if (operator !== undefined) {
    throw refuse(`"${operator}" is not supported yet; universes can be united with a comma or " + "`);
  }
  return expression.split(/,| \+ /).map((part) => {
    const text = part.trim();
    const [, prefix, rest] = /^(csv|list):(.*)$/.exec(text) ?? [];
    const operand = (rest ?? text).trim();
    if (operand === '') {
      throw refuse(
        'expected names of universes, csv:PATH or list:NAME, separated by commas, but one is empty',
      );
    }
    if (prefix === 'csv') return { kind: 'csv', path: operand };
    if (operand.includes('@'))
      throw refuse('members as of a date (@DATE) are not supported yet; leave the date out');
    return { kind: prefix === 'list' ? 'list' : 'name', name: operand };
  });
}

/** A term as it is written in an expression. */
export function termText(term: UniverseTerm): string {
  if (term.kind === 'csv') return `csv:${term.path}`;
  return term.kind === 'list' ? `list:${term.name}` : term.name;
}
