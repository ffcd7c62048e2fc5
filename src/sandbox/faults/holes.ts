import { newYorkDate } from '../../market/new-york.ts';
import { hashText } from '../hash.ts';
import { type Body, type Fault, altered, dateArgument, oneOf, wholeNumber } from './fault.ts';

/** Where a hole is: routes by the name of the argument. */
const places: Readonly<Record<string, readonly string[]>> = {
  everywhere: ['aggregates/day', 'aggregates/hour', 'grouped-daily'],
  daily: ['aggregates/day', 'grouped-daily'],
  range: ['aggregates/day'],
  grouped: ['grouped-daily'],
  hourly: ['aggregates/hour'],
};

/** Bars that the vendor does not have, whoever asks however often. */
export const holes: readonly Fault[] = [
  {
    name: 'hole',
    kind: 'shape',
    sentence: 'no bars of some symbols on some sessions, whenever they are asked for',
    routes: ['aggregates/day', 'aggregates/hour', 'grouped-daily'],
    arguments: {
      symbols: { default: '', expected: 'symbols joined by + (default: all)', pattern: /^[\w.+]+$/ },
      percent: wholeNumber('100', 'of these symbols, the same ones always'),
      from: dateArgument('the first session (default: any)'),
      to: dateArgument('the last session (default: any)'),
      in: oneOf('everywhere', 'daily', 'range', 'grouped', 'hourly'),
    },
    spoil(answer, request, argument) {
      if (!places[argument('in')]!.includes(request.route)) return null;
      const names = new Set(argument('symbols').split('+').filter(Boolean));
      const percent = Number(argument('percent'));
      const isMeant = (symbol: string): boolean =>
        (names.size === 0 || names.has(symbol)) && (hashText(symbol, 0) >>> 0) % 100 < percent;
      // The symbol of a range is known before its body is read.
      if (request.symbol !== null && !isMeant(request.symbol)) return null;
      const [from, to] = [argument('from'), argument('to') || '9999-12-31'];
      return altered(answer, (body) => {
        const rows = (body['results'] ?? []) as Body[];
        const left = rows.filter((row) => {
          const date = newYorkDate(Number(row['t']));
          return date < from || date > to || !isMeant(request.symbol ?? String(row['T']));
        });
        if (left.length === rows.length) return null;
        const counts = {
          resultsCount: left.length,
          ...(body['count'] !== undefined && { count: left.length }),
        };
        if (left.length > 0) return { ...body, ...counts, results: left };
        const { results: _none, ...rest } = body;
        return { ...rest, ...counts };
      });
    },
  },
];
