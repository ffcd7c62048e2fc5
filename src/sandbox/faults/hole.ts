import { type IsoDate, isIsoDate } from '../../market/date.ts';
import { newYorkDate } from '../../market/new-york.ts';
import { hashText, toFraction } from '../hash.ts';
import { type Body, type Fault, type FaultedRequest, altered, dateArgument, oneOf } from './fault.ts';

type Row = Readonly<Record<string, unknown>> & { readonly t: number };

const days = ['aggregates/day', 'grouped-daily', 'previous-day'];
const hours = ['aggregates/hour'];

/** Where the bars are missing, by the routes that lack them. */
const places: Readonly<Record<string, readonly string[]>> = {
  everywhere: [...days, ...hours],
  daily: days,
  range: ['aggregates/day'],
  grouped: ['grouped-daily'],
  hourly: hours,
};

/**
 * Bars the vendor does not have: the same ones whoever asks and however often. Weeks and longer are rolled up as if it had.
 */
export const hole: Fault = {
  name: 'hole',
  kind: 'shape',
  sentence: 'bars that are never there: of these symbols on these sessions, however often they are asked for',
  routes: places['everywhere']!,
  arguments: {
    symbols: { default: '', expected: 'symbols joined by + (default: all)', pattern: /^[^+]+(?:\+[^+]+)*$/ },
    percent: {
      default: '100',
      expected: 'percent of the symbols, chosen by the seed',
      pattern: /^(?:100|\d{1,2}(?:\.\d+)?)$/,
    },
    from: dateArgument('the first session (default: any)'),
    to: dateArgument('the last session (default: any)'),
    in: oneOf('everywhere', 'daily', 'range', 'grouped', 'hourly'),
  },
  spoil(answer, request, argument) {
    const { route, symbol, seed } = request;
    if (!places[argument('in')]!.includes(route)) return null;
    const named = argument('symbols') === '' ? null : new Set(argument('symbols').split('+'));
    const part = Number(argument('percent')) / 100;
    const isChosen = (one: string): boolean =>
      (named === null || named.has(one)) && toFraction(hashText(`hole ${one}`, seed)) < part;
    const from = argument('from');
    const to = argument('to') || '9999';
    // Most answers are not concerned, and reading their bodies would take longer than making them.
    const asked = datesAsked(request);
    if (asked !== null && (asked.to < from || asked.from > to)) return null;
    if (symbol !== null && !isChosen(symbol)) return null;
    return altered(answer, (body) => {
      const rows = (body['results'] ?? []) as Row[];
      const left = rows.filter(({ t, T }) => {
        const date = newYorkDate(t);
        return date < from || date > to || !isChosen(symbol ?? String(T));
      });
      return left.length === rows.length ? null : without(body, left);
    });
  },
};

/** The dates that the path names; null where it names none. */
function datesAsked({ route, path }: FaultedRequest): { from: IsoDate; to: IsoDate } | null {
  const parts = path.split('/');
  const [from, to] = [parts.at(route === 'grouped-daily' ? -1 : -2), parts.at(-1)].map(toDate);
  return from === undefined || to === undefined ? null : { from, to };
}

const toDate = (text = ''): IsoDate | undefined =>
  isIsoDate(text) ? text : /^\d{1,14}$/.test(text) ? newYorkDate(Number(text)) : undefined;

/** As the vendor answers: without `results` when the last page has none. */
function without(body: Body, results: readonly Row[]): Body {
  if (results.length > 0 || body['next_url'] !== undefined) {
    return { ...body, resultsCount: results.length, count: results.length, results };
  }
  const { results: _results, count: _count, ...head } = body;
  return { ...head, queryCount: 0, resultsCount: 0 };
}
