import { expect, it } from 'vitest';
import { changeMembers } from './change-members.ts';

const about = (symbol: string, name: string | null = null) => ({ symbol, name, sector: null });
const before = [about('A', 'Agilent'), about('B')];

it('adds, removes, and describes anew who is added again', () => {
  const add = [about('B', 'Barnes'), about('C')];
  expect(changeMembers('mine', before, { add, remove: ['A'] })).toEqual([about('B', 'Barnes'), about('C')]);
});

it('keeps what is known of a member who is added again without a word', () => {
  expect(changeMembers('mine', before, { add: [about('A')], remove: [] })).toEqual(before);
});

it('takes for a member who is removed and added at once', () => {
  expect(changeMembers('mine', before, { add: [about('A')], remove: ['A', 'B'] })).toEqual([about('A')]);
});

it('refuses to remove who is no member, and everybody', () => {
  expect(() => changeMembers('mine', before, { add: [], remove: ['C', 'A', 'D'] })).toThrow(
    'Cannot remove C, D from "mine": no member of it today. Nothing was changed.',
  );
  expect(() => changeMembers('mine', before, { add: [], remove: ['A', 'B'] })).toThrow(
    'Delete the universe instead.',
  );
});
