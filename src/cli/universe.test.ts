import { PassThrough } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import { scratchFile } from '../../test/support/scratch-file.ts';
import { tableLines } from '../../test/support/table-lines.ts';
import { thrownBy } from '../../test/support/thrown-by.ts';
import { createMemoryLists, member } from '../../test/support/universe-lists.ts';
import type { SymbolChange } from '../market/name-history.ts';
import { createRenames } from '../universe/renames.ts';
import type { UniverseLists } from '../universe/universe-lists.ts';
import type { ListedStock } from '../universe/vendor-listing.ts';
import { createUniverseManager } from '../universe/universe-manager.ts';
import { universeCommand } from './universe.ts';

let lists: UniverseLists;
let listed: ListedStock[];
let renamed: SymbolChange[];
let closed: number;
beforeEach(() => {
  lists = createMemoryLists();
  renamed = [];
  closed = 0;
});

const open = async () => ({
  universes: createUniverseManager({
    lists,
    clock: createFakeClock(),
    async *listing() {
      yield listed;
    },
  }),
  renames: createRenames({
    list: async () => renamed,
    async store(added) {
      renamed = [...renamed, ...added];
      return { new: added.length, changed: 0, unchanged: 0 };
    },
  }),
  close: async () => {
    closed += 1;
  },
});

async function run(...args: string[]): Promise<{ out: string; err: string }> {
  const [out, err] = [new PassThrough(), new PassThrough()];
  await universeCommand({ out, err, signal: new AbortController().signal }, open)
    .exitOverride()
    .parseAsync(args, { from: 'user' });
  return { out: String(out.read() ?? ''), err: String(err.read() ?? '') };
}

describe('tickstock universe list', () => {
  it('prints every universe, aligned, numbers to the right', async () => {
    await lists.replace('mine', [member('A'), member('B')], 'my.csv');
    const lines = (await run('list')).out.split('\n');
    expect(lines[0]).toMatch(/^universe {3}kind {8}symbols {2}as of {7}known {6}source$/);
    expect(lines[1]).toMatch(/^sp500 {6}predefined {6}503 {2}\d{4}-\d\d-\d\d {13}S&P 500 members/);
    expect(lines[4]).toMatch(/^mine {7}database {10}2 {2}2026-01-05 {2}all dates {2}my\.csv$/);
    expect(closed).toBe(1);
  });

  it('prints one object with --json', async () => {
    const { universes } = JSON.parse((await run('list', '--json')).out);
    expect(universes).toHaveLength(3);
    expect(universes[2]).toMatchObject({
      name: 'dow30',
      kind: 'predefined',
      members: 30,
      as_of: '2026-07-01',
    });
  });
});

describe('tickstock universe show', () => {
  it('prints the members on stdout and their number on stderr', async () => {
    await lists.replace(
      'mine',
      [member('BRK.B', { name: 'Berkshire', sector: 'Financials' }), member('A')],
      'my.csv',
    );
    expect(await run('show', 'mine')).toEqual({
      out: 'symbol  name       sector\nA\nBRK.B   Berkshire  Financials\n',
      err: '2 symbols in mine\n',
    });
  });

  it('prints one object with --json', async () => {
    await lists.replace('mine', [member('A')], 'my.csv');
    expect(JSON.parse((await run('show', 'mine', '--json')).out)).toEqual({
      names: ['mine'],
      total: 1,
      members: [{ symbol: 'A', name: null, sector: null }],
    });
  });

  it('says of whom it knows other names, and when they held', async () => {
    renamed = [
      { oldSymbol: 'VGGL', newSymbol: 'DDAY', lastSession: '2016-01-27', source: 'x' },
      { oldSymbol: 'DDAY', newSymbol: 'FNCX', lastSession: '2016-06-10', source: 'x' },
    ];
    await lists.replace('mine', [member('VGGL', { name: 'Viggle' }), member('A'), member('FNCX')], 'my.csv');
    expect(tableLines((await run('show', 'mine')).out)).toEqual([
      'symbol | name | sector | other names',
      'A',
      'FNCX | VGGL until 2016-01-27, DDAY after 2016-01-27 until 2016-06-10',
      'VGGL | Viggle | DDAY after 2016-01-27 until 2016-06-10, FNCX after 2016-06-10',
    ]);
    const { members } = JSON.parse((await run('show', 'mine', '--json')).out);
    expect(members.slice(0, 2)).toEqual([
      { symbol: 'A', name: null, sector: null },
      {
        symbol: 'FNCX',
        name: null,
        sector: null,
        renames: [
          { symbol: 'VGGL', after: null, until: '2016-01-27' },
          { symbol: 'DDAY', after: '2016-01-27', until: '2016-06-10' },
        ],
      },
    ]);
  });

  it('closes what it opened when the universe is unknown', async () => {
    expect(await thrownBy(() => run('show', 'sp5000'))).toMatchObject({ exitCode: 2 });
    expect(closed).toBe(1);
  });
});

describe('tickstock universe import', () => {
  it('says what it added, removed, kept and left out', async () => {
    await lists.replace('mine', [member('A'), member('B')], 'old.csv');
    const file = scratchFile('new.csv', 'B\nC\nB\n');
    expect(await run('import', 'mine', file)).toEqual({
      out: `mine: 2 symbols from ${file}: 1 added, 1 removed, 1 kept\nadded: C\nremoved: A\n`,
      err: 'duplicates left out: B (line 3, as in line 1)\n',
    });
  });

  it('shortens a long list, and prints all of it with --json', async () => {
    const symbols = Array.from({ length: 26 }, (_, i) => `A${String.fromCodePoint(65 + i)}`);
    const file = scratchFile('new.csv', symbols.join('\n'));
    expect((await run('import', 'mine', file)).out).toContain('AT … and 6 more\n');
    expect(JSON.parse((await run('import', 'mine', file, '--json')).out)).toEqual({
      name: 'mine',
      source: file,
      added: [],
      removed: [],
      kept: symbols,
      duplicates: [],
    });
  });

  it('prints nothing and changes nothing when a line is bad', async () => {
    await lists.replace('mine', [member('A')], 'old.csv');
    const file = scratchFile('new.csv', 'B\nC C\n');
    expect(await thrownBy(() => run('import', 'mine', file))).toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('line 2, column 1'),
    });
    expect((await run('show', 'mine')).err).toBe('1 symbol in mine\n');
  });
});

describe('tickstock universe history', () => {
  const changes = (): string => scratchFile('c.csv', 'date,added,removed\n2020-03-02,B,A\n');

  it('says what is known, for which dates', async () => {
    const members = scratchFile('m.csv', 'A\n');
    const args = ['history', 'sp500', '--changes', changes(), '--members', members, '--as-of', '2020-01-02'];
    expect((await run(...args, '--through', '2020-12-31')).out).toBe(
      'sp500: known from 2020-01-02 to 2020-12-31: 2 symbols, 2 memberships, 1 day with changes\n',
    );
    expect((await run('show', 'sp500@2020-03-02')).err).toBe('1 symbol in sp500@2020-03-02\n');
    expect((await run('list')).out).toMatch(/^sp500 .* 2020-01-02 to 2020-12-31 /m);
    expect(JSON.parse((await run(...args, '--json')).out)).toEqual({
      name: 'sp500',
      known: { from: '2020-01-02', through: '2020-03-02' },
      changes: 1,
      stays: 2,
      symbols: 2,
    });
  });

  it('needs the members and their day together', async () => {
    expect(
      await thrownBy(() => run('history', 'mine', '--changes', changes(), '--as-of', '2020-01-02')),
    ).toMatchObject({ exitCode: 2, message: 'Give --members and --as-of together.' });
  });

  it('of the shipped list says how to begin from another', async () => {
    expect(await thrownBy(() => run('history', 'sp500', '--changes', changes()))).toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(
        /line 2, column 1: B comes on 2020-03-02 but is no member after\.[^]*Give the members of a day it knows: --members FILE --as-of DATE$/,
      ),
    });
  });
});

describe('tickstock universe refresh', () => {
  it('says who came and went, how many there are of each type, and what is left out', async () => {
    listed = [
      { symbol: 'A', name: 'Agilent', type: 'CS', exchange: 'XNYS' },
      { symbol: 'SPY', name: null, type: 'ETF', exchange: 'ARCX' },
      { symbol: 'X$', name: null, type: 'PFD', exchange: 'XNYS' },
    ];
    expect(await run('refresh')).toEqual({
      out: 'all-active: 2 symbols (1 CS, 1 ETF): 2 added, 0 removed, 0 kept\nadded: A SPY\n',
      err: '3 listed stocks read\nleft out: X$ (expected letters and digits, with a class after a dot such as BRK.B)\n',
    });
    expect((await run('refresh', 'etfs', '--type', 'etf, adrc')).out).toMatch(/^etfs: 1 symbol \(1 ETF\): /);
  });

  it('keeps all-active whole', async () => {
    expect(await thrownBy(() => run('refresh', '--type', 'CS'))).toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('all-active is every stock. Name the part you want'),
    });
  });
});

describe('tickstock universe renames', () => {
  const csv = 'last_date_old,old_symbol,new_symbol,source\n2015-12-21,ISIS,IONS,news\n';

  it('says what a file brought, then lists it', async () => {
    expect(await run('renames')).toEqual({
      out: '',
      err: 'No renames are known. Add those of a file: tickstock universe renames FILE\n',
    });
    const file = scratchFile('r.csv', csv);
    expect((await run('renames', file)).out).toBe(`1 rename from ${file}: 1 new, 0 changed, 0 unchanged\n`);
    const { out, err } = await run('renames');
    expect(tableLines(out)).toEqual([
      'old | new | last session as old | source',
      'ISIS | IONS | 2015-12-21 | news',
    ]);
    expect(err).toBe('1 rename known\n');
  });

  it('prints one object with --json', async () => {
    const file = scratchFile('r.csv', csv);
    expect(JSON.parse((await run('renames', file, '--json')).out)).toEqual({
      source: file,
      new: 1,
      changed: 0,
      unchanged: 0,
    });
    expect(JSON.parse((await run('renames', '--json')).out)).toEqual({
      total: 1,
      renames: [{ old_symbol: 'ISIS', new_symbol: 'IONS', last_session: '2015-12-21', source: 'news' }],
    });
  });

  it('changes nothing when a line is bad', async () => {
    const file = scratchFile('r.csv', `${csv}2015-12-21,IONS,IONS,news\n`);
    expect(await thrownBy(() => run('renames', file))).toMatchObject({ exitCode: 2 });
    expect(renamed).toEqual([]);
    expect(closed).toBe(1);
  });
});

describe('tickstock universe diff', () => {
  beforeEach(async () => {
    await lists.replace('one', [member('A'), member('B'), member('C')], 'one.csv');
    await lists.replace('two', [member('C'), member('D')], 'two.csv');
  });

  it('prints what only one side has, and how many both', async () => {
    expect((await run('diff', 'one', 'two')).out).toBe(
      'only in one (2): A B\nonly in two (1): D\nin both (1)\n',
    );
    expect((await run('diff', 'two', 'two')).out).toBe('only in two (0):\nonly in two (0):\nin both (2)\n');
  });

  it('prints one object with --json', async () => {
    expect(JSON.parse((await run('diff', 'one', 'two', '--json')).out)).toEqual({
      a: 'one',
      b: 'two',
      only_in_a: ['A', 'B'],
      only_in_b: ['D'],
      in_both: 1,
    });
  });
});
