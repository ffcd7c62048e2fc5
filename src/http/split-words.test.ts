import { describe, expect, it } from 'vitest';
import { splitWords } from './split-words.ts';

const split = { executionDate: '2025-03-10', from: 1, to: 4, observed: 3.8812, withdrawnOn: null } as const;

describe('the words of a split', () => {
  it.each([
    ['announced', /^Announced/],
    ['pending', /^Applied; no bars near it/],
    ['unverifiable', /^Applied; too small/],
    ['confirmed', /^Applied; .* was 3\.88 times the open after it\.$/],
    ['held', /^Held back, .* was 3\.88 times the open after it, not about 4\./],
  ] as const)('say of one that is %s what became of it', (verdict, words) => {
    expect(splitWords({ ...split, verdict })).toMatch(words);
  });

  it('say of one that was withdrawn only that', () => {
    expect(splitWords({ ...split, verdict: 'held', withdrawnOn: '2025-04-01' })).toBe(
      'Withdrawn: since 2025-04-01 the vendor lists it no longer.',
    );
  });
});
