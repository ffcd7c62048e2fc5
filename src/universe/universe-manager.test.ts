import { beforeEach, describe, expect, it } from 'vitest';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import { scratchFile } from '../../test/support/scratch-file.ts';
import { thrownBy } from '../../test/support/thrown-by.ts';
import { createMemoryLists, universeListsContract, member } from '../../test/support/universe-lists.ts';
import type { UniverseLists } from './universe-lists.ts';
import { type UniverseManager, createUniverseManager } from './universe-manager.ts';

const now = Date.parse('2026-01-06T02:00:00Z'); // Monday evening in New York, Tuesday in UTC.

let lists: UniverseLists;
let universes: UniverseManager;
beforeEach(() => {
  lists = createMemoryLists();
  universes = createUniverseManager({ lists, clock: createFakeClock(now) });
});

describe('universe lists in memory', () => {
  universeListsContract(async () => createMemoryLists());
});

async function symbolsOf(expression: string): Promise<string[]> {
  return (await universes.resolve(expression)).members.map(({ symbol }) => symbol);
}

async function nameOfApple(expression: string): Promise<string | null | undefined> {
  return (await universes.resolve(expression)).members.find(({ symbol }) => symbol === 'AAPL')?.name;
}

async function down(): Promise<never> {
  throw new Error('the database was asked');
}

async function refusal(act: () => Promise<unknown>): Promise<string> {
  const thrown = await thrownBy(act);
  expect(thrown).toMatchObject({ code: 'CONFIG_INVALID', exitCode: 2 });
  return (thrown as Error).message;
}

describe('resolving', () => {
  it('gives one sorted union of all three kinds, each symbol once', async () => {
    await lists.replace('mine', [member('ZZZ'), member('AAPL')], 'my.csv');
    const file = scratchFile('a.csv', 'BCpC\nBCPC\nZZZ\n');
    const { names, members } = await universes.resolve(`dow30, mine + csv:${file},dow30`);
    const symbols = members.map(({ symbol }) => symbol);
    expect(names).toEqual(['dow30', 'mine', `csv:${file}`]);
    expect(symbols).toHaveLength(33);
    expect(symbols).toEqual(symbols.toSorted());
    expect(symbols).toEqual(expect.arrayContaining(['AAPL', 'BCPC', 'BCpC', 'ZZZ']));
  });

  it('is the same however the operands are ordered, but for who describes a symbol', async () => {
    await lists.replace('mine', [member('AAPL', { name: 'my Apple' })], 'my.csv');
    expect(await symbolsOf('mine,dow30')).toEqual(await symbolsOf('dow30,mine'));
    expect(await nameOfApple('mine,dow30')).toBe('my Apple');
    expect(await nameOfApple('dow30,mine')).toBe('Apple Inc.');
  });

  it('gives sp500 its 503 members', async () => {
    expect(await symbolsOf('sp500')).toHaveLength(503);
  });

  it('prefers the predefined universe, and the database when told list:', async () => {
    await lists.replace('dow30', [member('ZZZ')], 'old.csv');
    expect(await symbolsOf('dow30')).toHaveLength(30);
    expect(await symbolsOf('list:dow30')).toEqual(['ZZZ']);
  });

  it('does not touch the database for predefined names and files', async () => {
    universes = createUniverseManager({
      lists: { find: down, list: down, replace: down },
      clock: createFakeClock(now),
    });
    expect(await symbolsOf(`dow30,csv:${scratchFile('a.csv', 'ZZZ\n')}`)).toHaveLength(31);
  });

  it('takes the members of the New York day', async () => {
    const text = 'symbol,valid_from,valid_to\nLEFT,,2026-01-04\nLAST,,2026-01-05\nNEXT,2026-01-06,\n';
    const file = scratchFile('a.csv', text);
    expect(await symbolsOf(`csv:${file}`)).toEqual(['LAST']);
    await universes.import('mine', file);
    expect(await symbolsOf('mine')).toEqual(['LAST']);
  });

  it('refuses a universe without members', async () => {
    await lists.replace('past', [member('GE', { validTo: '2018-06-25' })], 'past.csv');
    expect(await refusal(() => universes.resolve('past'))).toBe(
      'The universe "past" has no members on 2026-01-05.',
    );
  });

  it('of an unknown name lists the near ones, the nearest first', async () => {
    await lists.replace('sp600', [member('A')], 'a.csv');
    expect(await refusal(() => universes.resolve('dow30,sp50'))).toBe(
      'There is no universe "sp50". Did you mean sp500 or sp600?',
    );
    expect(await refusal(() => universes.resolve('SP500'))).toContain('Did you mean sp500');
  });

  it('of an unknown name with none near lists all', async () => {
    expect(await refusal(() => universes.resolve('russell2000'))).toBe(
      'There is no universe "russell2000". Known are: sp500, nasdaq100, dow30.',
    );
  });

  it('of an unknown list names the lists, not the predefined ones', async () => {
    await lists.replace('mine', [member('A')], 'a.csv');
    expect(await refusal(() => universes.resolve('list:mime'))).toContain('Did you mean list:mine?');
    expect(await refusal(() => universes.resolve('list:dow30'))).toContain('Known are: list:mine.');
  });

  it('of an unknown list says so when the database keeps none', async () => {
    expect(await refusal(() => universes.resolve('list:mine'))).toContain(
      'tickstock universe import NAME FILE',
    );
  });

  it('of a path without csv: says how to write it', async () => {
    expect(await refusal(() => universes.resolve('./my.csv'))).toContain('For a file write csv:./my.csv.');
  });
});

describe('listing', () => {
  it('gives the predefined universes, then the lists, with kind, count, day and source', async () => {
    await lists.replace('mine', [member('A'), member('B')], 'my.csv');
    const known = await universes.list();
    expect(known.map(({ name, kind, members }) => [name, kind, members])).toEqual([
      ['sp500', 'predefined', 503],
      ['nasdaq100', 'predefined', 101],
      ['dow30', 'predefined', 30],
      ['mine', 'database', 2],
    ]);
    expect(known.at(-1)).toMatchObject({ asOf: '2026-01-05', source: 'my.csv' });
  });
});

describe('importing', () => {
  it('says what it added, removed, kept and left out as a duplicate', async () => {
    await lists.replace('mine', [member('A'), member('B')], 'old.csv');
    const file = scratchFile('new.csv', 'symbol\nB\nC\nB\n');
    expect(await universes.import('mine', file)).toEqual({
      added: ['C'],
      removed: ['A'],
      kept: ['B'],
      duplicates: [{ symbol: 'B', line: 4, firstLine: 2 }],
    });
    expect(await symbolsOf('mine')).toEqual(['B', 'C']);
  });

  it('of a file with a bad line changes nothing', async () => {
    await lists.replace('mine', [member('A')], 'old.csv');
    const file = scratchFile('new.csv', 'symbol\nB\nC C\n');
    expect(await refusal(() => universes.import('mine', file))).toContain('line 3, column 1');
    expect(await symbolsOf('mine')).toEqual(['A']);
  });

  it.each(['sp500', 'dow30'])('refuses the predefined name %s', async (name) => {
    expect(await refusal(() => universes.import(name, 'unread.csv'))).toContain(
      `"${name}": it is predefined`,
    );
  });

  it.each(['', 'My List', 'MINE', '1st', 'a,b', 'csv:x', '../x', 'a'.repeat(64)])(
    'refuses the name %j',
    async (name) => {
      expect(await refusal(() => universes.import(name, 'unread.csv'))).toContain('Cannot name a universe');
    },
  );
});
