import { usageError } from '../errors.ts';
import { type IsoDate, isIsoDate } from '../market/date.ts';

/** One operand of a universe expression, on a date when it names one. A `name` is a predefined universe or, failing that, a list in the database. */
export type UniverseTerm = { readonly on: IsoDate | null } & (
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'list'; readonly name: string }
  | { readonly kind: 'csv'; readonly path: string }
);

/** `+` unites, `-` takes away, `&` keeps what is in both. */
export type UniverseOperator = '+' | '-' | '&';

/** What stands between two commas, to be worked from left to right. */
export interface UniversePart {
  readonly first: UniverseTerm;
  readonly steps: readonly { readonly operator: UniverseOperator; readonly term: UniverseTerm }[];
}

const operators = / ([-+&])(?: |$)/;

/**
 * Parses a universe expression: parts united by commas. A part is names, `list:NAME` and `csv:PATH`, each
 * perhaps with `@DATE`, between ` + `, ` - ` and ` & `, which work from left to right.
 * @throws AppError CONFIG_INVALID for an empty operand or a date that is none.
 */
export function parseUniverseExpression(expression: string): UniversePart[] {
  const refuse = (why: string): Error =>
    usageError(`Cannot read the universe expression ${JSON.stringify(expression)}: ${why}.`);
  let operands = 0;
  const toTerm = (text: string): UniverseTerm => parseTerm(text, (operands += 1), refuse);
  return expression.split(',').map((part) => {
    // Operands at the even places, operators between them.
    const [text = '', ...rest] = part.split(operators);
    const first = toTerm(text);
    const steps: UniversePart['steps'][number][] = [];
    for (let at = 0; at < rest.length; at += 2) {
      steps.push({ operator: rest[at] as UniverseOperator, term: toTerm(rest[at + 1] ?? '') });
    }
    return { first, steps };
  });
}

/** `place` counts the operands of the expression from 1. */
function parseTerm(text: string, place: number, refuse: (why: string) => Error): UniverseTerm {
  const [, prefix, rest] = /^(csv|list):(.*)$/.exec(text.trim()) ?? [];
  const { operand, on } = splitDate((rest ?? text).trim(), prefix === 'csv', refuse);
  if (operand === '') {
    throw refuse(
      `expected names of universes, csv:PATH or list:NAME, between commas or " + ", " - ", " & ", but one is empty: number ${place}`,
    );
  }
  if (prefix === 'csv') return { kind: 'csv', path: operand, on };
  return { kind: prefix === 'list' ? 'list' : 'name', name: operand, on };
}

/** A path may hold any `@`; only one with a date behind it is taken for one. */
function splitDate(
  text: string,
  isPath: boolean,
  refuse: (why: string) => Error,
): { operand: string; on: IsoDate | null } {
  const at = text.lastIndexOf('@');
  const date = text.slice(at + 1);
  if (at === -1 || (isPath && !isIsoDate(date))) return { operand: text, on: null };
  if (!isIsoDate(date)) {
    throw refuse(`found ${JSON.stringify(date)} after "@"; expected a date such as 2015-03-20`);
  }
  return { operand: text.slice(0, at).trim(), on: date };
}

/** A term as it is written in an expression. */
export function termText(term: UniverseTerm): string {
  const date = term.on === null ? '' : `@${term.on}`;
  if (term.kind === 'csv') return `csv:${term.path}${date}`;
  return `${term.kind === 'list' ? 'list:' : ''}${term.name}${date}`;
}

/** The universes of a part by name: each for itself when they are only united, else the part as a whole. */
export function partNames({ first, steps }: UniversePart): string[] {
  if (steps.every(({ operator }) => operator === '+'))
    return [first, ...steps.map(({ term }) => term)].map(termText);
  return [[termText(first), ...steps.map(({ operator, term }) => `${operator} ${termText(term)}`)].join(' ')];
}
