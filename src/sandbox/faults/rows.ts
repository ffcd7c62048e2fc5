import { isSession } from '../../market/calendar.ts';
import { addDays } from '../../market/date.ts';
import { newYorkDate, newYorkInstant } from '../../market/new-york.ts';
import { timeframeRefused } from '../answer.ts';
import { mix } from '../hash.ts';
import {
  type Body,
  type Fault,
  type FaultedRequest,
  altered,
  dateArgument,
  oneOf,
  wholeNumber,
} from './fault.ts';

type Row = Record<string, unknown> & { readonly t: number };

/** Alters the rows of bars; `change` gives the new ones, or null when it finds nothing to do. */
const onRows =
  (
    change: (rows: Row[], request: FaultedRequest, argument: (name: string) => string) => Row[] | null,
  ): Fault['spoil'] =>
  (answer, request, argument) =>
    altered(answer, (body) => {
      if (!Array.isArray(body['results']) || body['results'].length === 0) return null;
      const rows = change(body['results'] as Row[], request, argument);
      return rows === null ? null : withRows(body, rows);
    });

const withRows = (body: Body, results: Row[]): Body => ({
  ...body,
  resultsCount: results.length,
  ...(body['count'] !== undefined && { count: results.length }),
  results,
});

const chosen = (rows: readonly Row[], { chance }: FaultedRequest): number => (chance >>> 0) % rows.length;

const replaced = (rows: readonly Row[], at: number, fields: object): Row[] =>
  rows.map((row, i) => (i === at ? { ...row, ...fields } : row));

const bars = ['aggregates', 'grouped-daily'];

/** Faults of bars and splits themselves. */
export const rowFaults: readonly Fault[] = [
  {
    name: 'duplicate-bars',
    kind: 'shape',
    sentence: 'one bar many times, the copies with less volume',
    routes: bars,
    arguments: { copies: wholeNumber('56', 'how many copies') },
    spoil: onRows((rows, request, argument) => {
      const row = rows[chosen(rows, request)]!;
      const copy = { ...row, v: Math.floor(Number(row['v']) / 3) };
      return [...Array.from({ length: Number(argument('copies')) }, () => copy), ...rows];
    }),
  },
  {
    name: 'missing-bar',
    kind: 'shape',
    sentence: 'one session without its bars',
    routes: bars,
    arguments: { date: dateArgument('the session (default: any)') },
    spoil: onRows((rows, request, argument) => {
      const date = argument('date') || newYorkDate(rows[chosen(rows, request)]!.t);
      const left =
        request.route === 'grouped-daily' && argument('date') === ''
          ? rows.toSpliced(chosen(rows, request), 1)
          : rows.filter(({ t }) => newYorkDate(t) !== date);
      return left.length === rows.length ? null : left;
    }),
  },
  {
    name: 'out-of-order',
    kind: 'shape',
    sentence: 'bars in no order',
    routes: bars,
    spoil: onRows((rows, { chance }) => {
      const keyed = rows.map((row, i) => ({ row, key: mix(chance, i) }));
      return rows.length < 2 ? null : keyed.toSorted((a, b) => a.key - b.key).map(({ row }) => row);
    }),
  },
  {
    name: 'garbage-price',
    kind: 'shape',
    sentence: 'one bar with a price that cannot be',
    routes: bars,
    arguments: { value: oneOf('9e11', '0', '-1', 'nan'), field: oneOf('all', 'o', 'h', 'l', 'c') },
    spoil: onRows((rows, request, argument) => {
      const text = argument('value');
      const value = text === 'nan' ? 'NaN' : Number(text);
      const fields = argument('field') === 'all' ? ['o', 'h', 'l', 'c'] : [argument('field')];
      return replaced(rows, chosen(rows, request), Object.fromEntries(fields.map((field) => [field, value])));
    }),
  },
  {
    name: 'holiday-bar',
    kind: 'shape',
    sentence: 'a bar on a day without trading',
    routes: ['aggregates'],
    spoil: onRows((rows) => {
      const at = rows.findIndex(({ t }, i) => {
        const next = addDays(newYorkDate(t), 1);
        return i + 1 < rows.length && !isSession(next) && newYorkDate(rows[i + 1]!.t) > next;
      });
      if (at < 0) return null;
      const { t } = rows[at]!;
      const date = newYorkDate(t);
      const strange = {
        ...rows[at]!,
        t: newYorkInstant(addDays(date, 1), 0) + (t - newYorkInstant(date, 0)),
      };
      return [...rows.slice(0, at + 1), strange, ...rows.slice(at + 1)];
    }),
  },
  {
    name: 'revised-bar',
    kind: 'shape',
    sentence: 'a bar with less volume than it will have once revised',
    routes: bars,
    spoil: onRows((rows, request) => {
      const at = chosen(rows, request);
      return replaced(rows, at, { v: Math.floor(Number(rows[at]!['v']) * 0.97) });
    }),
  },
  {
    name: 'clipped',
    kind: 'shape',
    sentence: "bars since the beginning of the plan's history only, without a word; 403 where that is none",
    routes: ['aggregates'],
    arguments: { from: dateArgument('the first date served (default: two years ago)') },
    spoil(answer, request, argument) {
      const today = newYorkDate(request.now);
      const from = argument('from') || `${Number(today.slice(0, 4)) - 2}${today.slice(4)}`;
      const clip = onRows((rows) => {
        const left = rows.filter(({ t }) => newYorkDate(t) >= from);
        return left.length === rows.length ? null : left;
      });
      const clipped = clip(answer, request, argument);
      return clipped?.rows === 0 ? timeframeRefused(request.id) : clipped;
    },
  },
  {
    name: 'split-error',
    kind: 'shape',
    sentence: 'splits with their ratio the wrong way round, a day late, or twice',
    routes: ['splits'],
    arguments: { kind: oneOf('ratio', 'date', 'duplicate') },
    spoil: (answer, _request, argument) =>
      altered(answer, (body) => {
        const rows = (body['results'] ?? []) as Body[];
        if (rows.length === 0) return null;
        const wrong = {
          ratio: () =>
            rows.map((row) => ({ ...row, split_from: row['split_to'], split_to: row['split_from'] })),
          date: () =>
            rows.map((row) => ({ ...row, execution_date: addDays(String(row['execution_date']), 1) })),
          duplicate: () => rows.flatMap((row) => [row, { ...row, id: `${row['id']}-again` }]),
        }[argument('kind')];
        return wrong === undefined ? null : { ...body, results: wrong() };
      }),
  },
];
