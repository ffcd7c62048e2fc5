import { describe, expect, it } from 'vitest';
import { AppError } from '../errors.ts';
import { parseUniverseExpression, termText } from './expression.ts';

describe('a universe expression', () => {
  it('unites names, lists and files with commas or pluses', () => {
    expect(parseUniverseExpression('sp500, list:mine + csv:./a b-c+d@e.csv,my-list')).toEqual([
      { kind: 'name', name: 'sp500' },
      { kind: 'list', name: 'mine' },
      { kind: 'csv', path: './a b-c+d@e.csv' },
      { kind: 'name', name: 'my-list' },
    ]);
  });

  it('reads its own terms back', () => {
    const text = 'sp500,list:mine,csv:/tmp/x.csv';
    expect(parseUniverseExpression(text).map(termText).join(',')).toBe(text);
  });

  it.each([
    ['', 'one is empty'],
    ['sp500,', 'one is empty'],
    ['sp500,,dow30', 'one is empty'],
    ['csv:', 'one is empty'],
    ['list: ', 'one is empty'],
    ['sp500 - dow30', '" - " is not supported yet'],
    ['sp500 & dow30', '" & " is not supported yet'],
    ['sp500@2020-01-01', '(@DATE) are not supported yet'],
    ['list:mine@2020-01-01', '(@DATE) are not supported yet'],
  ])('cannot be %j: %s', (expression, why) => {
    expect(() => parseUniverseExpression(expression)).toThrow(AppError);
    expect(() => parseUniverseExpression(expression)).toThrow(why);
    expect(() => parseUniverseExpression(expression)).toThrow(
      `Cannot read the universe expression ${JSON.stringify(expression)}`,
    );
  });
});
