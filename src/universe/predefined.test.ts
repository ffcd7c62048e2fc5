import { describe, expect, it } from 'vitest';
import { parseSymbol } from '../market/symbol.ts';
import { predefinedNames, readPredefined } from './predefined.ts';

describe('the predefined universes', () => {
  it.each([
    ['sp500', 503],
    ['nasdaq100', 101],
    ['dow30', 30],
  ] as const)('%s has %i members, each once, by symbol, with name and sector', (name, count) => {
    const { members } = readPredefined(name);
    const symbols = members.map(({ symbol }) => symbol);
    expect(members).toHaveLength(count);
    expect(new Set(symbols).size).toBe(count);
    expect(symbols).toEqual(symbols.toSorted());
    expect(members.filter((one) => !one.name || !one.sector)).toEqual([]);
  });

  it('say their source and their day', () => {
    for (const name of predefinedNames) {
      const { asOf, source } = readPredefined(name);
      expect(asOf).toMatch(/^20\d\d-\d\d-\d\d$/);
      expect(source).toContain('github.com/');
    }
  });

  it('spell symbols as the vendor does', () => {
    const symbols = predefinedNames.flatMap((name) =>
      readPredefined(name).members.map(({ symbol }) => symbol),
    );
    expect(symbols).toEqual(symbols.map(parseSymbol));
    expect(symbols).toEqual(expect.arrayContaining(['BRK.B', 'BF.B', 'AAPL']));
  });

  it('agree with one another: every member of the Dow is in the S&P 500', () => {
    const sp500 = new Set(readPredefined('sp500').members.map(({ symbol }) => symbol));
    expect(readPredefined('dow30').members.filter(({ symbol }) => !sp500.has(symbol))).toEqual([]);
  });
});
