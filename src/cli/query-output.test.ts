import { expect, test } from 'vitest';
import { csvFormat, jsonFormat, tableFormat } from './query-output.ts';
import type { ResultFormat } from './query-output.ts';

const columns = [
  { name: 'symbol', kind: 'text' },
  { name: 'close', kind: 'number' },
  { name: 'final', kind: 'boolean' },
] as const;
const rows = [
  ['AAPL', '1.50', 't'],
  ['', 'NaN', 'f'],
  ['a,"b"\n', null, null],
] as const;

const whole = (format: ResultFormat): string =>
  format.open(columns, rows) +
  format.rows(rows.slice(0, 2)) +
  format.rows(rows.slice(2)) +
  format.close(rows.length);

test('a table aligns its columns, shows NULL, and lets no control character through', () => {
  expect(whole(tableFormat())).toBe(
    [
      'symbol   close  final',
      '-------  -----  -----',
      'AAPL      1.50  t',
      '           NaN  f',
      'a,"b"\\n   NULL  NULL',
      '',
    ].join('\n'),
  );
  expect(tableFormat().open([{ name: 'x', kind: 'text' }], [['\u001B[2J']])).not.toContain('\u001B');
});

test('CSV quotes what needs it and tells NULL from the empty text', () => {
  expect(whole(csvFormat())).toBe('symbol,close,final\nAAPL,1.50,t\n"",NaN,f\n"a,""b""\n",,\n');
});

test('JSON is one object that keeps numbers as PostgreSQL wrote them', () => {
  const text = whole(jsonFormat());
  expect(text).toContain('"close":1.50');
  expect(JSON.parse(text)).toEqual({
    rows: [
      { symbol: 'AAPL', close: 1.5, final: true },
      { symbol: '', close: 'NaN', final: false },
      { symbol: 'a,"b"\n', close: null, final: null },
    ],
    row_count: 3,
  });
});

test('JSON of no rows is an object too', () => {
  const format = jsonFormat();
  expect(JSON.parse(format.open(columns, []) + format.rows([]) + format.close(0))).toEqual({
    rows: [],
    row_count: 0,
  });
});
