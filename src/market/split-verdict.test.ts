import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type SplitAndPrices, judgeByPrices } from './split-verdict.ts';

const TODAY = '2024-03-20';

/** 2 for 1 on Tuesday 2024-03-12, seen in the prices. */
const split = (values: Partial<SplitAndPrices> = {}): SplitAndPrices => ({
  executionDate: '2024-03-12',
  from: 1,
  to: 2,
  before: { session: '2024-03-11', close: 100 },
  after: { session: '2024-03-12', open: 50 },
  ...values,
});
const open = (price: number) => ({ session: '2024-03-12', open: price });
const verdict = (values: Partial<SplitAndPrices>): string =>
  judgeByPrices([split(values)], TODAY)[0]?.verdict ?? '';

describe('a split', () => {
  it('is confirmed by prices that went by about its ratio, which is told', () => {
    expect(judgeByPrices([split({ after: open(52) })], TODAY)).toEqual([
      { verdict: 'confirmed', observed: 100 / 52 },
    ]);
    expect(verdict({ from: 10, to: 1, after: open(950) })).toBe('confirmed');
  });

  it('is held when prices did not move, or moved the other way', () => {
    expect(verdict({ after: open(100) })).toBe('held');
    expect(verdict({ from: 2, to: 1 })).toBe('held');
    expect(verdict({ from: 1, to: 10, after: open(100) })).toBe('held');
  });

  it('may open off by 0.4, or by half of ln ratio where that is more', () => {
    expect(verdict({ after: open(50 * Math.exp(0.39)) })).toBe('confirmed');
    expect(verdict({ after: open(50 * Math.exp(0.41)) })).toBe('held');
    const off = Math.log(60) / 2;
    expect(verdict({ from: 60, after: open(6000 * Math.exp(off - 0.01)), to: 1 })).toBe('confirmed');
    expect(verdict({ from: 60, after: open(6000 * Math.exp(off + 0.01)), to: 1 })).toBe('held');
  });

  it('too small to be seen is unverifiable, bars or none', () => {
    expect(verdict({ from: 100, to: 105, after: open(300) })).toBe('unverifiable');
    expect(verdict({ from: 100, to: 105, before: null, after: null })).toBe('unverifiable');
  });

  it('without a bar within ten days on each side is pending', () => {
    expect(verdict({ before: null })).toBe('pending');
    expect(verdict({ after: null })).toBe('pending');
    expect(verdict({ before: { session: '2024-03-02', close: 100 } })).toBe('confirmed');
    expect(verdict({ before: { session: '2024-03-01', close: 100 } })).toBe('pending');
    expect(verdict({ after: { session: '2024-03-25', open: 50 } })).toBe('pending');
  });

  it('of a later day is announced', () => {
    expect(verdict({ executionDate: '2024-03-21' })).toBe('announced');
    expect(verdict({ executionDate: TODAY, after: null })).toBe('pending');
  });

  it('is judged together with others between the same two bars', () => {
    const both = [
      split({ executionDate: '2024-03-11', before: { session: '2024-03-08', close: 100 }, to: 3 }),
      split({ before: { session: '2024-03-08', close: 100 } }),
    ].map((one) => ({ ...one, after: open(17) }));
    expect(judgeByPrices(both, TODAY).map((one) => one.verdict)).toEqual(['confirmed', 'confirmed']);
    expect(judgeByPrices(both.slice(1), TODAY).map((one) => one.verdict)).toEqual(['held']);
  });

  it('gets the same verdict in whatever order splits come', () => {
    const some = fc.array(
      fc.record({
        executionDate: fc.constantFrom('2024-03-11', '2024-03-12', '2024-03-30'),
        from: fc.constantFrom(1, 2, 7),
        to: fc.constantFrom(1, 3, 10),
        before: fc.constantFrom(null, { session: '2024-03-08', close: 100 }),
        after: fc.constantFrom(null, { session: '2024-03-12', open: 33 }),
      }),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(some, (splits) => {
        const there = judgeByPrices(splits, TODAY).map(({ verdict: one }) => one);
        const back = judgeByPrices(splits.toReversed(), TODAY).map(({ verdict: one }) => one);
        expect(back.toReversed()).toEqual(there);
      }),
    );
  });
});
