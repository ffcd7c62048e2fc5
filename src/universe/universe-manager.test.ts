import { beforeEach, describe, expect, it } from 'vitest';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import { scratchFile } from '../../test/support/scratch-file.ts';
import { thrownBy } from '../../test/support/thrown-by.ts';
import { createMemoryLists, universeListsContract, member } from '../../test/support/universe-lists.ts';
import type { UniverseLists } from './universe-lists.ts';
import type { ListedStock } from './vendor-listing.ts';
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

async function nameOf(expression: string, wanted: string): Promise<string | null | undefined> {
  return (await universes.resolve(expression)).members.find(({ symbol }) => symbol === wanted)?.name;
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
    expect(await nameOf('mine,dow30', 'AAPL')).toBe('my Apple');
    expect(await nameOf('dow30,mine', 'AAPL')).toBe('Apple Inc.');
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
      lists: { find: down, list: down, replace: down, update: down, history: down, remove: down },
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

  it('of a name with a sign in it says that signs need spaces', async () => {
    expect(await refusal(() => universes.resolve('sp500+nasdaq100'))).toContain(
      'Put spaces around "+", "-" and "&".',
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

describe('an expression', () => {
  beforeEach(async () => {
    await lists.replace(
      'one',
      ['A', 'B', 'C'].map((symbol) => member(symbol)),
      'one.csv',
    );
    await lists.replace(
      'two',
      ['B', 'D'].map((symbol) => member(symbol)),
      'two.csv',
    );
    await lists.replace(
      'three',
      ['C', 'D'].map((symbol) => member(symbol)),
      'three.csv',
    );
  });

  it.each([
    ['one - two', ['A', 'C']],
    ['one & two', ['B']],
    ['one + two', ['A', 'B', 'C', 'D']],
    ['one + two - three', ['A', 'B']],
    ['one & two - three', ['B']],
    ['three,one - two', ['A', 'C', 'D']],
    ['one - two,three', ['A', 'C', 'D']],
  ])('%s is %j', async (expression, symbols) => {
    expect(await symbolsOf(expression)).toEqual(symbols);
  });

  it('that leaves nobody is refused', async () => {
    expect(await refusal(() => universes.resolve('one - one'))).toBe(
      'The universe "one - one" has no members on 2026-01-05.',
    );
  });
});

describe('members on a date', () => {
  const changes = (): string => scratchFile('c.csv', 'date,added,removed\n2020-03-02,B,A\n2020-06-01,A,C\n');
  const members = (): { path: string; asOf: string } => ({
    path: scratchFile('m.csv', 'A\nC\n'),
    asOf: '2020-01-02',
  });

  it('are those of the loaded history, a predefined name included', async () => {
    const history = await universes.importHistory('sp500', { changes: changes(), members: members() });
    expect(history).toEqual({
      known: { from: '2020-01-02', through: '2020-06-01' },
      changes: 2,
      stays: 4,
      symbols: 3,
    });
    expect(await symbolsOf('sp500@2020-03-01')).toEqual(['A', 'C']);
    expect(await symbolsOf('sp500@2020-03-02')).toEqual(['B', 'C']);
    expect(await symbolsOf('sp500@2020-06-01 - sp500@2020-03-02')).toEqual(['A']);
    expect(await symbolsOf('sp500')).toHaveLength(503);
    expect((await universes.list())[0]).toMatchObject({
      name: 'sp500',
      members: 503,
      history: history.known,
    });
  });

  it('are the shipped ones since the day those are of', async () => {
    universes = createUniverseManager({ lists, clock: createFakeClock(Date.UTC(2026, 7, 10, 12)) });
    expect(await symbolsOf('dow30@2026-07-01')).toHaveLength(30);
  });

  it.each([
    ['sp500@2020-01-01', 'its history in the database covers 2020-01-02 to 2020-06-30'],
    ['sp500@2020-07-01', 'its history in the database covers 2020-01-02 to 2020-06-30'],
    ['dow30@2020-03-02', 'Load its history with: tickstock universe history dow30 --changes FILE'],
    ['sp500@2026-01-06', 'Nobody knows the members of sp500@2026-01-06 yet: today is 2026-01-05.'],
  ])('are not guessed for %s', async (expression, why) => {
    const through = '2020-06-30';
    await universes.importHistory('sp500', { changes: changes(), members: members(), through });
    expect(await refusal(() => universes.resolve(expression))).toContain(why);
  });

  it('start from the shipped list when no members are given', async () => {
    universes = createUniverseManager({ lists, clock: createFakeClock(Date.UTC(2026, 7, 10, 12)) });
    const [first, second] = await symbolsOf('dow30');
    const file = scratchFile('c.csv', `date,added,removed\n2026-06-01,${first},ZZZ\n`);
    await universes.importHistory('dow30', { changes: file });
    const before = await symbolsOf('dow30@2026-06-01');
    expect(before).toContain(first);
    const known = (await lists.find('dow30', '2026-05-31'))?.members.map(({ symbol }) => symbol);
    expect(known).toEqual(expect.arrayContaining([second, 'ZZZ']));
    expect(known).not.toContain(first);
  });

  it.each([
    ['mine', {}, 'needs the members of one day: add --members FILE --as-of DATE'],
    ['My', {}, 'Cannot name a universe "My"'],
    [
      'mine',
      { through: '2020-05-01' },
      'Cannot end the history of mine on 2020-05-01: 2020-06-01 is known already.',
    ],
  ])('cannot be loaded for %s with %j', async (name, more, why) => {
    const given = 'through' in more ? { members: members(), ...more } : more;
    expect(await refusal(() => universes.importHistory(name, { changes: changes(), ...given }))).toContain(
      why,
    );
  });

  it('change nothing when a change contradicts the members', async () => {
    await universes.importHistory('mine', { changes: changes(), members: members() });
    const file = scratchFile('bad.csv', 'date,added,removed\n2020-03-02,A,\n2020-03-03,,Q\n');
    const why = await refusal(() => universes.importHistory('mine', { changes: file, members: members() }));
    expect(why).toBe(
      `Cannot use ${file} as the history of mine, whose members of 2020-01-02 it contradicts, nothing was taken from it: 2 bad lines.\n` +
        `  ${file}, line 2, column 1: A comes on 2020-03-02 but is a member before.\n` +
        `  ${file}, line 3, column 1: Q goes on 2020-03-03 without being a member before.`,
    );
    expect(await symbolsOf('mine@2020-03-02')).toEqual(['B', 'C']);
  });

  it('are kept by imports of plain lists, each from its day on', async () => {
    await universes.import('mine', scratchFile('a.csv', 'A\nB\n'));
    const later = createUniverseManager({ lists, clock: createFakeClock(now + 7 * 86_400_000) });
    await later.import('mine', scratchFile('b.csv', 'B\nC\n'));
    const on = async (date: string) =>
      (await later.resolve(`mine@${date}`)).members.map(({ symbol }) => symbol);
    expect(await on('2026-01-11')).toEqual(['A', 'B']);
    expect(await on('2026-01-12')).toEqual(['B', 'C']);
  });

  it('are not mixed up by a plain list after a history that ended', async () => {
    await universes.importHistory('mine', { changes: changes(), members: members() });
    expect(await refusal(() => universes.import('mine', scratchFile('a.csv', 'A\n')))).toContain(
      'it holds a history that ends on 2020-06-01',
    );
  });
});

describe("refreshing from the vendor's listing", () => {
  const stock = (symbol: string, type = 'CS', exchange = 'XNYS'): ListedStock => ({
    symbol,
    name: `${symbol} Inc.`,
    type,
    exchange,
  });
  const signal = new AbortController().signal;
  let asked: unknown[];
  const listing = (...pages: ListedStock[][]): UniverseManager => {
    asked = [];
    return createUniverseManager({
      lists,
      clock: createFakeClock(now),
      async *listing(query) {
        asked.push(query);
        yield* pages;
      },
    });
  };
  const everything = { types: [], exchanges: [] };

  it('says who came, who went, how many there are of each type, and what it left out', async () => {
    await listing([stock('A'), stock('GONE'), ...'BCDEFGHI'.split('').map((one) => stock(one))]).refresh(
      'all-active',
      everything,
      { signal },
    );
    const pages = [
      [stock('A'), stock('NEW'), stock('SPY', 'ETF', 'ARCX'), stock('ABR$D', 'PFD')],
      ['A', ...'BCDEFGHI'].map((one) => stock(one)),
    ];
    const read: number[] = [];
    const onPage = (count: number): void => void read.push(count);
    expect(await listing(...pages).refresh('all-active', everything, { signal, onPage })).toMatchObject({
      added: ['NEW', 'SPY'],
      removed: ['GONE'],
      types: { CS: 10, ETF: 1 },
      refused: [{ symbol: 'ABR$D', problem: expect.stringMatching(/^expected letters and digits/) }],
    });
    expect(read).toEqual([4, 13]);
    expect(await nameOf('all-active', 'SPY')).toBe('SPY Inc.');
  });

  it('asks the vendor for one type or exchange, and sorts out several itself', async () => {
    const page = [stock('A'), stock('B', 'ETF', 'ARCX'), stock('C', 'ADRC'), stock('D', 'CS', 'XNAS')];
    await listing(page).refresh('some', { types: ['CS', 'ADRC'], exchanges: ['XNYS'] }, { signal });
    expect(asked).toEqual([{ exchange: 'XNYS' }]);
    expect(await symbolsOf('some')).toEqual(['A', 'C']);
  });

  it('believes no listing much shorter than the last', async () => {
    const full = Array.from({ length: 10 }, (_, i) => stock(`S${i}`));
    await listing(full).refresh('all-active', everything, { signal });
    expect(
      await thrownBy(() => listing(full.slice(0, 7)).refresh('all-active', everything, { signal })),
    ).toMatchObject({
      code: 'VENDOR_RESPONSE_INVALID',
      message: expect.stringContaining('listed 7 stocks where all-active has 10: too few to be believed'),
    });
    expect(await symbolsOf('all-active')).toHaveLength(10);
    await listing(full.slice(0, 8)).refresh('all-active', everything, { signal });
    expect(await symbolsOf('all-active')).toHaveLength(8);
  });

  it('changes nothing when nothing is listed', async () => {
    expect(
      await refusal(() => listing([]).refresh('etfs', { types: ['ETFS'], exchanges: [] }, { signal })),
    ).toContain('Massive lists no stock of type ETFS, among 0 it sent.');
    expect(await lists.find('etfs', '2026-01-05')).toBeNull();
  });

  it('is what an import of all-active asks for first', async () => {
    expect(await refusal(() => universes.resolve('all-active'))).toBe(
      'There is no universe "all-active". Ask the vendor for its listing first: tickstock universe refresh',
    );
  });

  it('is not for a predefined name', async () => {
    expect(await refusal(() => listing([stock('A')]).refresh('sp500', everything, { signal }))).toContain(
      '"sp500": it is predefined',
    );
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
