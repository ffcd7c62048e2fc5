import { beforeEach, expect, it } from 'vitest';
import { type DatedMember, isMemberOn } from '../../src/market/universe-member.ts';
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

/** Lists kept in memory; every import happens at `updatedAt`. */
export function createMemoryLists(updatedAt = new Date('2026-01-05T12:00:00Z')): UniverseLists {
  const kept = new Map<string, { source: string; members: readonly DatedMember[] }>();
  return {
    async find(wanted, on) {
      const members = kept.get(wanted)?.members.filter((candidate) => isMemberOn(candidate, on));
      return (
        members?.map(({ symbol, name, sector }) => ({ symbol, name, sector })).toSorted(bySymbol) ?? null
      );
    },
    async list(on) {
      return [...kept]
        .map(([name, { source, members }]) => ({
          name,
          source,
          members: members.filter((candidate) => isMemberOn(candidate, on)).length,
          updatedAt,
        }))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1));
    },
    async replace(name, members, source) {
      const old = new Set(kept.get(name)?.members.map(({ symbol }) => symbol));
      const now = new Set(members.map(({ symbol }) => symbol));
      kept.set(name, { source, members });
      return {
        added: [...now].filter((symbol) => !old.has(symbol)).toSorted(),
        removed: [...old].filter((symbol) => !now.has(symbol)).toSorted(),
        kept: [...now].filter((symbol) => old.has(symbol)).toSorted(),
      };
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

  it('gives back what was kept, by symbol in byte order', async () => {
    await lists.replace(
      'mine',
      [member('BCpC'), member('A', { name: 'Agilent', sector: 'Health Care' }), member('BCPC')],
      'my.csv',
    );
    expect(await lists.find('mine', today)).toEqual([
      { symbol: 'A', name: 'Agilent', sector: 'Health Care' },
      { symbol: 'BCPC', name: null, sector: null },
      { symbol: 'BCpC', name: null, sector: null },
    ]);
  });

  it('finds null where there is no list, and no members in a list whose members have all left', async () => {
    await lists.replace('past', [member('GE', { validTo: '2018-06-25' })], 'past.csv');
    expect(await lists.find('mine', today)).toBeNull();
    expect(await lists.find('past', today)).toEqual([]);
  });

  it('counts the first and the last day of a membership in, a stay at a time', async () => {
    const stays = [
      member('WBA', { validFrom: '2015-03-23', validTo: '2018-06-25' }),
      member('WBA', { validFrom: '2024-01-02', name: 'Walgreens' }),
    ];
    await lists.replace('mine', stays, 'my.csv');
    const counts: number[] = [];
    for (const date of ['2015-03-22', '2015-03-23', '2018-06-25', '2018-06-26', '2024-01-02']) {
      counts.push((await lists.find('mine', date))?.length ?? -1);
    }
    expect(counts).toEqual([0, 1, 1, 0, 1]);
    expect(await lists.find('mine', today)).toEqual([{ symbol: 'WBA', name: 'Walgreens', sector: null }]);
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
    expect((await lists.find('mine', today))?.map(({ symbol }) => symbol)).toEqual(['B', 'C']);
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
