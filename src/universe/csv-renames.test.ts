import { describe, expect, it } from 'vitest';
import { parseCsvRenames } from './csv-renames.ts';

const refusal = (text: string): string => {
  try {
    parseCsvRenames(text, 'r.csv');
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('nothing was refused');
};

const HEADER = 'last_date_old,old_symbol,new_symbol,source\n';

describe('a file of renames', () => {
  it('gives them in its order, whatever the order of columns and however symbols are written', () => {
    const text =
      'Source,evidence,New_Symbol,Old_Symbol,Last_Date_Old\r\n# a comment\r\nnews,"a, b",BRK-B,BRKX,2015-12-21\r\nmaps,,QQQQ,QQQ,2004-11-30\r\n';
    expect(parseCsvRenames(text, 'r.csv')).toEqual([
      { oldSymbol: 'BRKX', newSymbol: 'BRK.B', lastSession: '2015-12-21', source: 'news' },
      { oldSymbol: 'QQQ', newSymbol: 'QQQQ', lastSession: '2004-11-30', source: 'maps' },
    ]);
  });

  it('may pass a name from one to another on one day, and bring it back later', () => {
    const lines = ['2015-12-21,A,B,x', '2015-12-21,B,C,x', '2016-01-04,B,A,x', '2016-01-05,A,B,x'];
    expect(parseCsvRenames(HEADER + lines.join('\n'), 'r.csv')).toHaveLength(4);
  });

  it.each([
    ['2015-02-30,A,B,x', 1, 'last_date_old: found "2015-02-30"; expected a date such as 2015-12-21'],
    ['1989-12-29,A,B,x', 1, 'last_date_old: found "1989-12-29"; expected a date of 1990 to 2030'],
    [
      '2015-12-25,A,B,x',
      1,
      'last_date_old: found "2015-12-25", no trading session (Christmas Day); expected the last session under the old name',
    ],
    [
      '2015-12-21,A$,B,x',
      2,
      'old_symbol: Cannot use "A$" as a symbol: expected letters and digits, with a class after a dot such as BRK.B',
    ],
    [
      '2015-12-21,A,,x',
      3,
      'new_symbol: Cannot use "" as a symbol: expected letters and digits, with a class after a dot such as BRK.B',
    ],
    ['2015-12-21,BRK-B,BRK.B,x', 3, 'new_symbol: found BRK.B, as in old_symbol; expected another'],
    ['2015-12-21,A,B,', 4, 'source: found nothing; expected where it is known from'],
    [`2015-12-21,A,B,${'x'.repeat(201)}`, 4, 'source: expected one line of at most 200 characters'],
    ['2015-12-21,A,B,Foo, Inc.', 5, 'found 5 columns; expected 4'],
    ['2015-12-18,S,T,x', 2, 'old_symbol: S is renamed after 2015-12-18 in line 2 already; expected once'],
    [
      '2015-12-18,T,N,x',
      3,
      'new_symbol: N continues another after 2015-12-18 in line 2 already; expected once',
    ],
  ])('cannot hold %j', (line, column, problem) => {
    expect(refusal(`${HEADER}2015-12-18,S,N,x\n${line}\n`)).toBe(
      `Cannot use r.csv as renames, nothing was taken from it: 1 bad line.\n  r.csv, line 3, column ${column}: ${problem}.`,
    );
  });

  it('lists every bad line', () => {
    expect(refusal(`${HEADER}x,A,B,x\n2015-12-21,A,A,x\n2015-12-21,A,B,\n`)).toMatch(
      /3 bad lines\.\n.*line 2, .*\n.*line 3, .*\n.*line 4, [^\n]*$/,
    );
  });

  it.each([
    ['', 'its first line lacks the column last_date_old, old_symbol, new_symbol and source'],
    ['old_symbol,new_symbol,source\n', 'its first line lacks the column last_date_old; expected'],
    [HEADER, 'there are no renames below its header'],
  ])('cannot be %j', (text, why) => {
    expect(refusal(text)).toContain(why);
  });
});
