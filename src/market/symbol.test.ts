import { describe, expect, it } from 'vitest';
import { AppError } from '../errors.ts';
import { parseSymbol } from './symbol.ts';

describe('a symbol', () => {
  it.each([
    ['AAPL', 'AAPL'],
    [' AAPL\t', 'AAPL'],
    ['BRK.B', 'BRK.B'],
    ['BRK-B', 'BRK.B'],
    ['BRK/B', 'BRK.B'],
    ['BF.B', 'BF.B'],
    ['A', 'A'],
  ])('written %j is %s', (text, symbol) => {
    expect(parseSymbol(text)).toBe(symbol);
  });

  it('keeps its case: BCpC and BCPC are two companies', () => {
    expect(parseSymbol('BCpC')).toBe('BCpC');
    expect(parseSymbol('BCPC')).toBe('BCPC');
  });

  it('stays the same when parsed again', () => {
    expect(parseSymbol(parseSymbol('BRK/B'))).toBe('BRK.B');
  });

  it.each([
    '',
    '   ',
    'BRK B',
    '.B',
    'BRK.',
    'BRK..B',
    'A,B',
    'AAPL;',
    '../etc',
    'ABCDEFGHIJKLMNOPQRSTU',
    'ÄÖ',
  ])('cannot be %j', (text) => {
    expect(() => parseSymbol(text)).toThrow(AppError);
    expect(() => parseSymbol(text)).toThrow(/Cannot use .* as a symbol: expected letters and digits/);
  });
});
