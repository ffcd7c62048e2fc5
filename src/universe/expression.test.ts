import { describe, expect, it } from 'vitest';
import { AppError } from '../errors.ts';
import { parseUniverseExpression, partNames } from './expression.ts';

const named = (name: string, on: string | null = null) => ({ kind: 'name', name, on });

describe('a universe expression', () => {
  it('unites parts with commas, and works each from left to right', () => {
    expect(parseUniverseExpression('sp500 - dow30 & list:mine, nasdaq100 + csv:./a b-c+d@e.csv')).toEqual([
      {
        first: named('sp500'),
        steps: [
          { operator: '-', term: named('dow30') },
          { operator: '&', term: { kind: 'list', name: 'mine', on: null } },
        ],
      },
      {
        first: named('nasdaq100'),
        steps: [{ operator: '+', term: { kind: 'csv', path: './a b-c+d@e.csv', on: null } }],
      },
    ]);
  });

  it('takes a name, a list or a file as of a date', () => {
    const [first, second, third] = parseUniverseExpression(
      'sp500@2015-03-20,list:mine@2020-01-01,csv:a@b.csv@2020-01-02',
    ).map((part) => part.first);
    expect(first).toEqual(named('sp500', '2015-03-20'));
    expect(second).toEqual({ kind: 'list', name: 'mine', on: '2020-01-01' });
    expect(third).toEqual({ kind: 'csv', path: 'a@b.csv', on: '2020-01-02' });
  });

  it('takes signs without spaces around them for a part of the name', () => {
    expect(parseUniverseExpression('my-list')).toEqual([{ first: named('my-list'), steps: [] }]);
  });

  it.each([
    ['sp500,list:mine + csv:/tmp/x.csv', ['sp500', 'list:mine', 'csv:/tmp/x.csv']],
    ['sp500@2015-03-20  -  dow30, mine', ['sp500@2015-03-20 - dow30', 'mine']],
  ])('%j has the names %j', (expression, names) => {
    expect(parseUniverseExpression(expression).flatMap(partNames)).toEqual(names);
  });

  it.each([
    ['', 'one is empty'],
    ['sp500,', 'one is empty'],
    ['sp500,,dow30', 'one is empty: number 2'],
    ['csv:', 'one is empty'],
    ['list: ', 'one is empty'],
    ['sp500 - ', 'one is empty'],
    ['sp500 -  & dow30', 'one is empty: number 2'],
    ['sp500, dow30 +', 'one is empty: number 3'],
    ['@2020-01-01', 'one is empty'],
    ['sp500@yesterday', 'found "yesterday" after "@"; expected a date such as 2015-03-20'],
    ['sp500@2015-02-30', 'found "2015-02-30" after "@"'],
  ])('cannot be %j: %s', (expression, why) => {
    expect(() => parseUniverseExpression(expression)).toThrow(AppError);
    expect(() => parseUniverseExpression(expression)).toThrow(why);
    expect(() => parseUniverseExpression(expression)).toThrow(
      `Cannot read the universe expression ${JSON.stringify(expression)}`,
    );
  });
});
