import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { scratchFile } from '../../test/support/scratch-file.ts';
import { thrownBy } from '../../test/support/thrown-by.ts';
import { AppError } from '../errors.ts';
import { checkCsvUniverse, parseCsvUniverse, readCsvUniverse } from './csv.ts';

const symbolsIn = (text: string): string[] =>
  parseCsvUniverse(text, 'my.csv').members.map(({ symbol }) => symbol);

async function refusal(text: string): Promise<string> {
  const thrown = await thrownBy(() => parseCsvUniverse(text, 'my.csv'));
  expect(thrown).toBeInstanceOf(AppError);
  expect(thrown).toMatchObject({ code: 'CONFIG_INVALID', exitCode: 2 });
  return (thrown as AppError).message;
}

describe('a universe file', () => {
  it('with a header gives symbols, names, sectors and dates, whatever the order and case of its columns', () => {
    const text =
      'Sector,Weight,SYMBOL,Name,valid_from,Valid_To\nIT,0.07,AAPL,"Apple, Inc.",2015-03-19,\n,,brk-b,,,2020-01-01\n';
    expect(parseCsvUniverse(text, 'my.csv').members).toEqual([
      { symbol: 'AAPL', name: 'Apple, Inc.', sector: 'IT', validFrom: '2015-03-19', validTo: null },
      { symbol: 'brk.b', name: null, sector: null, validFrom: null, validTo: '2020-01-01' },
    ]);
  });

  it('may be a bare list, one symbol a line', () => {
    expect(symbolsIn('AAPL\nBRK/B\nBCpC\n')).toEqual(['AAPL', 'BRK.B', 'BCpC']);
  });

  it('may call its column ticker', () => {
    expect(symbolsIn('Ticker\nAAPL\n')).toEqual(['AAPL']);
  });

  it('may have a byte order mark, CRLF, blank lines, comments, spaces, and no line break at the end', () => {
    expect(
      symbolsIn('\uFEFF# mine\r\n\r\nsymbol , name\r\n AAPL , Apple\r\n  \r\n#MSFT,Microsoft\r\nIBM,IBM'),
    ).toEqual(['AAPL', 'IBM']);
  });

  it('repeats a symbol: the first is taken, the rest are reported with their lines', () => {
    const { members, duplicates } = parseCsvUniverse(
      'symbol,name\nBRK.B,Berkshire\nAAPL,Apple\nBRK-B,Again\n',
      'my.csv',
    );
    expect(members.map(({ name }) => name)).toEqual(['Berkshire', 'Apple']);
    expect(duplicates).toEqual([{ symbol: 'BRK.B', line: 4, firstLine: 2 }]);
  });

  it('may have a symbol that left and came back', () => {
    const { members, duplicates } = parseCsvUniverse(
      'symbol,valid_from,valid_to\nWBA,2015-03-23,2018-06-25\nWBA,2024-01-02,\n',
      'my.csv',
    );
    expect(members).toHaveLength(2);
    expect(duplicates).toEqual([]);
  });
});

describe('a bad line of a universe file', () => {
  it.each([
    [
      'a symbol no vendor has',
      'symbol,name\nAAPL,Apple\nB RK,Berkshire\n',
      'my.csv, line 3, column 1: symbol: Cannot use "B RK" as a symbol',
    ],
    ['no symbol', 'name,symbol\nApple,\n', 'line 2, column 2: symbol: Cannot use "" as a symbol'],
    ['a comma too many', 'symbol,name\nAAPL,Apple, Inc.\n', 'line 2, column 3: found 3 columns; expected 2'],
    ['a column too few', 'symbol,name\nAAPL\n', 'line 2, column 2: found 1 column; expected 2'],
    [
      'two symbols on a line of a bare list',
      'AAPL\nMSFT,IBM\n',
      'line 2, column 2: found 2 columns; expected 1',
    ],
    [
      'no such date',
      'symbol,valid_from\nAAPL,2025-02-30\n',
      'line 2, column 2: valid_from: found "2025-02-30"; expected a date such as 2026-01-31',
    ],
    [
      'dates the wrong way round',
      'symbol,valid_from,valid_to\nA,2025-01-02,2025-01-01\n',
      'column 3: valid_to: found 2025-01-01; expected no earlier than valid_from, 2025-01-02',
    ],
    [
      'a name with terminal control codes',
      'symbol,name\nA,\u001B[2J\n',
      'line 2, column 2: name: expected one line of at most 200 characters',
    ],
    ['a quote never closed', 'symbol,name\nA,"Agilent\nB,b\n', 'found a quote that is never closed'],
    ['a stray quote', 'symbol,name\nA,Agi"lent\n', 'line 2, column 2: found a stray quote'],
  ])('is named with file, line, column, found and expected: %s', async (_fault, text, message) => {
    expect(await refusal(text)).toContain(message);
  });

  it('is counted in lines of the file: blank ones, comments and CRLF in quotes included', async () => {
    expect(await refusal('# mine\r\n\r\nsymbol,name\r\nA,"Agi\r\nlent"\r\nA?,b\r\n')).toContain(
      'line 6, column 1: symbol',
    );
  });

  it('does not hide the others; at most 20 are shown', async () => {
    const message = await refusal(`symbol\nAAPL\n${'?\n'.repeat(25)}`);
    expect(message.split('\n')[0]).toBe(
      'Cannot use my.csv as a universe, nothing was taken from it: 25 bad lines.',
    );
    expect(message.match(/my\.csv, line /g)).toHaveLength(20);
    expect(message).toContain('and 5 more');
  });
});

describe('a check of a universe file', () => {
  it('tells bad lines beside what is good', () => {
    const { members, duplicates, bad } = checkCsvUniverse('symbol\nBRK-B\n?\nBRK.B\nA,b\n', 'my.csv');
    expect(members.map(({ symbol }) => symbol)).toEqual(['BRK.B']);
    expect(duplicates).toEqual([{ symbol: 'BRK.B', line: 4, firstLine: 2 }]);
    expect(bad).toMatchObject([
      { line: 3, column: 1, problem: expect.stringContaining('Cannot use "?" as a symbol') },
      { line: 5, column: 2, problem: 'found 2 columns; expected 1' },
    ]);
  });

  it('tells a stray quote as the bad line it is, and refuses what has no symbols at all', () => {
    expect(checkCsvUniverse('symbol\nA\n"B" x\n', 'my.csv').bad).toMatchObject([{ line: 3 }]);
    expect(() => checkCsvUniverse('a,b\nA,B\n', 'my.csv')).toThrow('expected one of them to be "symbol"');
  });
});

describe('a file that is no universe', () => {
  it.each([
    ['is empty', '', 'my.csv as a universe: it has no lines with symbols'],
    ['is only a header', 'symbol,name\n', 'there are no symbols below its header'],
    [
      'has columns but none for symbols',
      'company,sector\nApple,IT\n',
      'my.csv, line 1: found the columns "company", "sector"; expected one of them to be "symbol"',
    ],
    ['has two symbol columns', 'symbol,Ticker\nA,A\n', 'line 1, column 2: found a second "symbol"'],
    [
      'has more than 100,000 lines',
      `symbol\n${'A\n'.repeat(100_001)}`,
      'it has 100001 lines, more than 100000',
    ],
  ])('is refused when it %s', async (_fault, text, message) => {
    expect(await refusal(text)).toContain(message);
  });

  it.each<[string, () => string, string]>([
    [
      'is missing',
      () => '/nowhere/my.csv',
      'Cannot read /nowhere/my.csv as a universe: there is no such file.',
    ],
    ['is a folder', () => tmpdir(), 'it is a folder'],
    [
      'is larger than 10 MB',
      () => scratchFile('my.csv', 'AAAA\n'.repeat(2_000_001)),
      'it is larger than 10 MB',
    ],
    ['never ends', () => '/dev/zero', 'it is larger than 10 MB'],
    [
      'is not UTF-8',
      () => scratchFile('my.csv', new Uint8Array([0xff, 0xfe, 0x41, 0x00])),
      'it is not UTF-8 text',
    ],
  ])('is refused when it %s', async (_fault, path, message) => {
    const thrown = await thrownBy(() => readCsvUniverse(path()));
    expect(thrown).toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining(message) });
  });

  it('is the only thing refused: a good file is read', async () => {
    const { members } = await readCsvUniverse(scratchFile('my.csv', 'symbol\nAAPL\n'));
    expect(members.map(({ symbol }) => symbol)).toEqual(['AAPL']);
  });
});
