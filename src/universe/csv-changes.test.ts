import { describe, expect, it } from 'vitest';
import { parseCsvChanges } from './csv-changes.ts';

const refusal = (text: string): string => {
  try {
    parseCsvChanges(text, 'changes.csv');
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('nothing was refused');
};

describe('a file of changes', () => {
  it('gives who came and went, by date, whatever the order of lines and columns', () => {
    const text =
      'note,Removed,Date,Added\r\nx,,2015-07-02,KHC LILA  LILAK\r\n# a comment\r\ny,EQIX,2015-03-23,BRK-B\r\n';
    expect(parseCsvChanges(text, 'changes.csv')).toEqual([
      { date: '2015-03-23', added: ['BRK.B'], removed: ['EQIX'], line: 4 },
      { date: '2015-07-02', added: ['KHC', 'LILA', 'LILAK'], removed: [], line: 2 },
    ]);
  });

  it('lists every bad line with its place', () => {
    expect(refusal('date,added,removed\n2015-02-30,A,\n2015-03-02,B$,\n2015-03-03,A,B\n')).toBe(
      'Cannot use changes.csv as changes of a universe, nothing was taken from it: 2 bad lines.\n' +
        '  changes.csv, line 2, column 1: date: found "2015-02-30"; expected a date such as 2015-03-20.\n' +
        '  changes.csv, line 3, column 2: added: Cannot use "B$" as a symbol: expected letters and digits, with a class after a dot such as BRK.B.',
    );
  });

  it.each([
    ['', 'its first line lacks the column date, added and removed'],
    ['date,added\n2015-01-02,A\n', 'its first line lacks the column removed'],
    ['date,added,removed\n', 'there are no changes below its header'],
  ])('cannot be %j', (text, why) => {
    expect(refusal(text)).toContain(why);
  });
});
