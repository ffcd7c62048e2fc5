import { closest } from 'fastest-levenshtein';
import { usageError } from '../../errors.ts';
import { routeNames } from '../routes.ts';
import { catalogue, fits } from './catalogue.ts';
import type { Fault, FaultArgument } from './fault.ts';

/** A fault as it was switched on: when it fires, and its own arguments. */
export interface ActiveFault {
  readonly text: string;
  readonly fault: Fault;
  /** A route or the beginning of routes' names; any the fault fits when absent. */
  readonly route: string | undefined;
  readonly symbol: string | undefined;
  /** Of the requests it fits, this many in 1. */
  readonly share: number;
  /** Only so many requests of each symbol, or of a route without symbols. */
  readonly first: number;
  /** Not the first so many requests it fits. */
  readonly after: number;
  /** At most so often. */
  readonly times: number;
  argument(name: string): string;
}

const count: FaultArgument = { default: '', expected: 'a whole number', pattern: /^\d{1,9}$/ };

/** Arguments of every fault. */
export const commonArguments: Readonly<Record<string, FaultArgument & { readonly meaning: string }>> = {
  route: {
    default: '',
    expected: 'a route',
    pattern: /./,
    meaning: 'only on this route, or on those that begin so',
  },
  symbol: { default: '', expected: 'a symbol', pattern: /./, meaning: 'only for this symbol' },
  share: {
    default: '1',
    expected: 'a number from 0 to 1',
    pattern: /^(?:0(?:\.\d+)?|1(?:\.0+)?|\.\d+)$/,
    meaning: 'the part of requests it hits, chosen by the seed',
  },
  first: { ...count, meaning: 'only the first so many requests of each symbol (or route without symbols)' },
  after: { ...count, meaning: 'not the first so many requests' },
  times: { ...count, meaning: 'at most so often' },
};

/**
 * Reads `NAME[=key:value,key:value…]`.
 * @throws AppError CONFIG_INVALID naming what is unknown and what was expected.
 */
export function parseFault(text: string): ActiveFault {
  const refuse = (why: string): Error => usageError(`Cannot use the fault ${JSON.stringify(text)}: ${why}.`);
  const [, name = '', list] = /^([^=]*)(?:=(.*))?$/s.exec(text) ?? [];
  const fault = catalogue.find((one) => one.name === name);
  if (fault === undefined) {
    const near = closest(
      name,
      catalogue.map((one) => one.name),
    );
    throw refuse(`there is none of this name; did you mean ${near}? All: tickstock sandbox --list-faults`);
  }
  const known: Record<string, FaultArgument> = { ...commonArguments, ...fault.arguments };
  const given = new Map<string, string>();
  for (const part of list === undefined ? [] : list.split(',')) {
    const [, key = part, value = ''] = /^([^:]*):(.*)$/s.exec(part) ?? [];
    const argument = Object.hasOwn(known, key) ? known[key] : undefined;
    if (argument === undefined)
      throw refuse(`it has no argument ${JSON.stringify(key)}; expected ${Object.keys(known).join(', ')}`);
    if (!argument.pattern.test(value))
      throw refuse(`${key} was ${JSON.stringify(value)}; expected ${argument.expected}`);
    given.set(key, value);
  }
  const route = given.get('route');
  if (route !== undefined) {
    const meant = routeNames.filter((one) => one === route || one.startsWith(`${route}/`));
    const fitting = routeNames.filter((one) => fits(fault, one));
    if (!meant.some((one) => fitting.includes(one)))
      throw refuse(`it does not happen on ${JSON.stringify(route)}; expected one of ${fitting.join(', ')}`);
  }
  const number = (key: string, absent: number): number => Number(given.get(key) ?? absent);
  return {
    text,
    fault,
    route,
    symbol: given.get('symbol'),
    share: number('share', 1),
    first: number('first', Number.POSITIVE_INFINITY),
    after: number('after', 0),
    times: number('times', Number.POSITIVE_INFINITY),
    argument: (key) => given.get(key) ?? known[key]?.default ?? '',
  };
}
