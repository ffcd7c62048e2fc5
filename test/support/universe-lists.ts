import { beforeEach, expect, it } from 'vitest';
import { usageError } from '../../src/errors.ts';
import { type IsoDate, addDays } from '../../src/market/date.ts';
import {
  type DatedMember,
  type KnownDates,
  type UniverseMember,
  compareMembers,
  everKnown,
  isMemberOn,
} from '../../src/market/universe-member.ts';
import type { UniverseLists } from '../../src/universe/universe-lists.ts';

/** A member since ever and for ever, unless said otherwise. */
export const member = (symbol: string, about: Partial<DatedMember> = {}): DatedMember => ({
  symbol,
  name: null,
  sector: null,
  validFrom: null,
  validTo: null,
  ...about,
});

const bySymbol = (a: { symbol: string }, b: { symbol: string }): number => (a.symbol < b.symbol ? -1 : 1);

interface Kept {
  readonly source: string;
  readonly members: readonly DatedMember[];
  readonly known: KnownDates;
}

/** Lists kept in memory; every import happens at `updatedAt`. */
export function createMemoryLists(updatedAt = new Date('2026-01-05T12:00:00Z')): UniverseLists {
  const kept = new Map<string, Kept>();
  const symbolsOf = (members: readonly UniverseMember[]): string[] => members.map(({ symbol }) => symbol);
  return {
    async find(wanted, on) {
      const list = kept.get(wanted);
      if (list === undefined) return null;
      const members = list.members
        .filter((candidate) => isMemberOn(candidate, on))
        .map(({ symbol, name, sector }) => ({ symbol, name, sector }));
      return { members: members.toSorted(bySymbol), known: list.known };
    },
    async history(wanted) {
      const list = kept.get(wanted);
      const key = ({ symbol, validFrom }: DatedMember): string => `${symbol} ${validFrom ?? ''}`;
      return list === undefined
        ? null
        : { stays: list.members.toSorted((a, b) => (key(a) < key(b) ? -1 : 1)), known: list.known };
    },
    async list(on) {
      return [...kept]
        .map(([name, { source, members, known }]) => ({
          name,
          source,
          members: members.filter((candidate) => isMemberOn(candidate, on)).length,
          updatedAt,
          known,
        }))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1));
    },
    async replace(name, members, source, known = everKnown) {
      const before = kept.get(name)?.members ?? [];
      kept.set(name, { source, members, known });
      return compareMembers(symbolsOf(before), symbolsOf(members));
    },
    remove: async (name) => kept.delete(name),
    async update(name, wanted, source, on) {
      const list = kept.get(name);
      const past = list?.members.filter(({ validFrom }) => (validFrom ?? on) <= on) ?? [];
      const current = past.filter((candidate) => isMemberOn(candidate, on));
      const before = current.map(({ symbol, name: about, sector }) => ({ symbol, name: about, sector }));
      const members = typeof wanted === 'function' ? wanted(before.toSorted(bySymbol)) : wanted;
      const next = members.map((one) => {
        const stay = current.find(({ symbol }) => symbol === one.symbol);
        const validFrom = stay === undefined ? (list === undefined ? null : on) : stay.validFrom;
        return { ...one, validFrom, validTo: null };
      });
      const yesterday = addDays(on, -1);
      const left = past.flatMap((stay) => {
        if (!current.includes(stay)) return [stay];
        const goes = !members.some(({ symbol }) => symbol === stay.symbol) && stay.validFrom !== on;
        return goes ? [{ ...stay, validTo: yesterday }] : [];
      });
      kept.set(name, { source, members: [...left, ...next], known: everKnown });
      return compareMembers(symbolsOf(current), symbolsOf(members));
    },
  };
}

/** What everything that keeps universes owes its callers. `create` gives an empty one. */
export function universeListsContract(create: () => Promise<UniverseLists>): void {
  const today = '2026-01-05';
  let lists: UniverseLists;
  beforeEach(async () => {
    lists = await create();
  });
  const symbolsOn = async (name: string, date: IsoDate): Promise<string[] | undefined> =>
    (await lists.find(name, date))?.members.map(({ symbol }) => symbol);

  it('gives back what was kept, by symbol in byte order', async () => {
    await lists.replace(
      'mine',
      [member('BCpC'), member('A', { name: 'Agilent', sector: 'Health Care' }), member('BCPC')],
      'my.csv',
    );
    expect((await lists.find('mine', today))?.members).toEqual([
      { symbol: 'A', name: 'Agilent', sector: 'Health Care' },
      { symbol: 'BCPC', name: null, sector: null },
      { symbol: 'BCpC', name: null, sector: null },
    ]);
  });

  it('finds null where there is no list, and no members in a list whose members have all left', async () => {
    await lists.replace('past', [member('GE', { validTo: '2018-06-25' })], 'past.csv');
    expect(await lists.find('mine', today)).toBeNull();
    expect(await symbolsOn('past', today)).toEqual([]);
  });

  it('counts the first and the last day of a membership in, a stay at a time', async () => {
    const stays = [
      member('WBA', { validFrom: '2015-03-23', validTo: '2018-06-25' }),
      member('WBA', { validFrom: '2024-01-02', name: 'Walgreens' }),
    ];
    await lists.replace('mine', stays, 'my.csv');
    const counts: number[] = [];
    for (const date of ['2015-03-22', '2015-03-23', '2018-06-25', '2018-06-26', '2024-01-02']) {
      counts.push((await symbolsOn('mine', date))?.length ?? -1);
    }
    expect(counts).toEqual([0, 1, 1, 0, 1]);
    expect((await lists.find('mine', today))?.members).toEqual([
      { symbol: 'WBA', name: 'Walgreens', sector: null },
    ]);
  });

  it('tells of every stay, by symbol and date', async () => {
    const stays = [
      member('GE', { validTo: '2018-06-25' }),
      member('WBA', { validFrom: '2015-03-23', validTo: '2018-06-25' }),
      member('WBA', { validFrom: '2024-01-02', name: 'Walgreens' }),
    ];
    const known = { from: '1996-01-02', through: null };
    await lists.replace('mine', stays.toReversed(), 'my.csv', known);
    expect(await lists.history('mine')).toEqual({ stays, known });
    expect(await lists.history('nobody’s')).toBeNull();
  });

  it('makes of the members there are what a function says, or nothing when it throws', async () => {
    await lists.update('mine', [member('B', { name: 'Bee' }), member('A')], 'one.csv', today);
    const bee = { symbol: 'B', name: 'Bee', sector: null };
    await lists.update('mine', (before) => before.filter(({ symbol }) => symbol === 'B'), 'HTTP', today);
    expect((await lists.find('mine', today))?.members).toEqual([bee]);
    const refuse = (): never => {
      throw usageError('Not that.');
    };
    await expect(lists.update('mine', refuse, 'HTTP', today)).rejects.toThrow('Not that.');
    expect((await lists.find('mine', today))?.members).toEqual([bee]);
  });

  it('says what replacing a list added, removed and kept', async () => {
    expect(await lists.replace('mine', [member('B'), member('A')], 'one.csv')).toEqual({
      added: ['A', 'B'],
      removed: [],
      kept: [],
    });
    expect(await lists.replace('mine', [member('C'), member('B')], 'two.csv')).toEqual({
      added: ['C'],
      removed: ['A'],
      kept: ['B'],
    });
    expect(await symbolsOn('mine', today)).toEqual(['B', 'C']);
  });

  it('keeps for which dates the members are known', async () => {
    const known = { from: '1996-01-02', through: '2019-12-23' };
    await lists.replace('past', [member('GE')], 'past.csv', known);
    await lists.replace('mine', [member('A')], 'my.csv');
    expect((await lists.find('past', today))?.known).toEqual(known);
    expect((await lists.list(today)).map((list) => list.known)).toEqual([everKnown, known]);
  });

  it('removes a list once', async () => {
    await lists.replace('mine', [member('A')], 'my.csv');
    expect([await lists.remove('mine'), await lists.remove('mine')]).toEqual([true, false]);
    expect(await lists.find('mine', today)).toBeNull();
  });

  it('of an update keeps who was a member before, and when', async () => {
    const about = (symbol: string, name: string | null = null): UniverseMember => ({
      symbol,
      name,
      sector: null,
    });
    await lists.update('mine', [about('A'), about('B')], 'one.csv', '2026-01-05');
    const change = await lists.update('mine', [about('B', 'Bee'), about('C')], 'two.csv', '2026-01-08');
    expect(change).toEqual({ added: ['C'], removed: ['A'], kept: ['B'] });
    expect(await symbolsOn('mine', '1999-01-04')).toEqual(['A', 'B']);
    expect(await symbolsOn('mine', '2026-01-07')).toEqual(['A', 'B']);
    expect(await symbolsOn('mine', '2026-01-08')).toEqual(['B', 'C']);
    expect((await lists.find('mine', '2026-01-07'))?.members[1]).toEqual(about('B', 'Bee'));
    await lists.update('mine', [about('A'), about('B')], 'three.csv', '2026-01-09');
    expect(await symbolsOn('mine', '2026-01-08')).toEqual(['B', 'C']);
    expect(await symbolsOn('mine', '2026-01-09')).toEqual(['A', 'B']);
  });

  it('of two updates on one day believes the later', async () => {
    const about = (symbol: string): UniverseMember => ({ symbol, name: null, sector: null });
    await lists.update('mine', [about('A')], 'one.csv', '2026-01-05');
    await lists.update('mine', [about('A'), about('B')], 'two.csv', '2026-01-08');
    await lists.update('mine', [about('A')], 'three.csv', '2026-01-08');
    expect(await symbolsOn('mine', '2026-01-08')).toEqual(['A']);
    await lists.update('mine', [about('B')], 'four.csv', '2026-01-08');
    await lists.update('mine', [about('A')], 'five.csv', '2026-01-08');
    expect(await symbolsOn('mine', '2026-01-07')).toEqual(['A']);
    expect(await symbolsOn('mine', '2026-01-08')).toEqual(['A']);
  });

  it('of an update forgets what was said of later days', async () => {
    const planned = [member('A', { validTo: '2026-02-01' }), member('B', { validFrom: '2026-03-01' })];
    await lists.replace('mine', planned, 'plan.csv');
    await lists.update('mine', [member('A')], 'now.csv', '2026-01-08');
    expect(await symbolsOn('mine', '2026-03-02')).toEqual(['A']);
  });

  it('lists every universe by name with its newest source and its members of that day', async () => {
    await lists.replace('tech', [member('AAPL')], 'one.csv');
    await lists.replace(
      'tech',
      [member('AAPL'), member('MSFT'), member('IBM', { validTo: '2020-01-01' })],
      'two.csv',
    );
    await lists.replace('banks', [member('JPM')], 'banks.csv');
    const found = await lists.list(today);
    expect(found.map(({ name: list, source, members }) => ({ list, source, members }))).toEqual([
      { list: 'banks', source: 'banks.csv', members: 1 },
      { list: 'tech', source: 'two.csv', members: 2 },
    ]);
    expect(found.every(({ updatedAt }) => updatedAt instanceof Date)).toBe(true);
  });
}
