import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromDayNumber, toDayNumber } from '../market/date.ts';
import { isMemberOn } from '../market/universe-member.ts';
import type { MembershipChange } from './csv-changes.ts';
import { replayChanges } from './membership-history.ts';

const about = (symbol: string) => ({ symbol, name: null, sector: null });
const change = (date: string, added: string[], removed: string[], line = 2): MembershipChange => ({
  date,
  added,
  removed,
  line,
});

describe('the history of a universe', () => {
  it('follows changes after the day of the members, and undoes those before it', () => {
    const { stays } = replayChanges([about('A'), { ...about('B'), name: 'Bee' }], '2015-06-01', [
      change('2015-03-02', ['B'], ['C']),
      change('2015-09-01', ['C'], ['A']),
    ]);
    expect(stays).toEqual([
      { ...about('A'), validFrom: null, validTo: '2015-08-31' },
      { ...about('B'), name: 'Bee', validFrom: '2015-03-02', validTo: null },
      { ...about('C'), validFrom: null, validTo: '2015-03-01' },
      { ...about('C'), validFrom: '2015-09-01', validTo: null },
    ]);
  });

  it('counts a change on the day of the members in', () => {
    const { stays } = replayChanges([about('A')], '2015-06-01', [change('2015-06-01', ['A'], ['B'])]);
    expect(stays.map(({ symbol, validFrom, validTo }) => [symbol, validFrom, validTo])).toEqual([
      ['A', '2015-06-01', null],
      ['B', null, '2015-05-31'],
    ]);
  });

  it.each([
    ['comes twice', change('2015-07-01', ['A'], [], 7), 'A comes on 2015-07-01 but is a member before'],
    [
      'goes without having been there',
      change('2015-07-01', [], ['Z'], 7),
      'Z goes on 2015-07-01 without being a member before',
    ],
    [
      'came but is not there',
      change('2015-05-01', ['Z'], [], 7),
      'Z comes on 2015-05-01 but is no member after',
    ],
    ['went but is there', change('2015-05-01', [], ['A'], 7), 'A goes on 2015-05-01 but is a member after'],
  ])('is contradicted by somebody who %s', (_what, contradiction, problem) => {
    expect(replayChanges([about('A')], '2015-06-01', [contradiction]).contradictions).toEqual([
      { line: 7, problem },
    ]);
  });

  it('is the same from whatever day the members are, and tells who was there on every day', () => {
    const first = toDayNumber('2015-01-01');
    const day = fc.nat(60).map((days) => fromDayNumber(first + days));
    const toggles = fc.array(fc.tuple(day, fc.constantFrom('A', 'B', 'C', 'D')), { maxLength: 30 });
    fc.assert(
      fc.property(fc.subarray(['A', 'B', 'C', 'D']), toggles, day, (start, toggled, asOf) => {
        const changes: MembershipChange[] = [];
        const onDay = new Map<string, ReadonlySet<string>>();
        const members = new Set(start);
        for (let at = 0; at <= 60; at++) {
          const date = fromDayNumber(first + at);
          const symbols = new Set(toggled.flatMap(([when, symbol]) => (when === date ? [symbol] : [])));
          const removed = [...symbols].filter((symbol) => members.has(symbol));
          const added = [...symbols].filter((symbol) => !members.has(symbol));
          for (const symbol of removed) members.delete(symbol);
          for (const symbol of added) members.add(symbol);
          if (symbols.size > 0) changes.push(change(date, added, removed));
          onDay.set(date, new Set(members));
        }
        const { stays, contradictions } = replayChanges([...onDay.get(asOf)!].map(about), asOf, changes);
        expect(contradictions).toEqual([]);
        for (const [date, expected] of onDay) {
          const found = stays.filter((stay) => isMemberOn(stay, date)).map(({ symbol }) => symbol);
          expect(found.toSorted()).toEqual([...expected].toSorted());
        }
      }),
    );
  });
});
