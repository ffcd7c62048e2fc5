import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Choice, choiceOf, searchOf, toTrigger } from './import-choice.ts';

const timeframes = fc.uniqueArray(fc.constantFrom('hourly', 'daily', 'weekly', 'monthly'));
const choices: fc.Arbitrary<Choice> = fc.record({
  what: fc.constantFrom('universes', 'symbols'),
  universes: fc.uniqueArray(fc.constantFrom('sp500', 'dow30', 'mine')).map((names) => new Set(names)),
  symbols: fc.constantFrom('', 'AAPL', 'AAPL BRK.B, V'),
  timeframes: timeframes.map((some) => new Set(some)),
  when: fc.constantFrom('usual', 'lookback', 'dates'),
  days: fc.constantFrom('1', '30', '400'),
  from: fc.constantFrom('', '2026-01-02'),
  to: fc.constantFrom('', '2026-03-01'),
  isRefresh: fc.boolean(),
});
const again = (choice: Choice): Choice => choiceOf(new URLSearchParams(searchOf(choice).toString()));

describe('what is chosen to be imported', () => {
  it('would be the same import when its address is opened again', () => {
    fc.assert(
      fc.property(choices, (choice) => {
        const trigger = toTrigger(choice);
        // One that is not complete may come back as the usual one.
        fc.pre(trigger !== null);
        expect(toTrigger(again(choice))).toEqual(trigger);
      }),
    );
  });

  it('leaves a list that is too long for an address out of it', () => {
    const choice = { ...choiceOf(new URLSearchParams('symbols=')), symbols: 'AAPL '.repeat(1000) };
    expect(searchOf(choice).toString()).toBe('');
  });

  it('is nothing yet where the address says nothing', () => {
    expect(toTrigger(choiceOf(new URLSearchParams()))).toBeNull();
  });

  it('has timeframes of which nobody has heard left out', () => {
    expect(toTrigger(choiceOf(new URLSearchParams('universes=dow30&timeframes=daily,yearly')))).toEqual({
      universes: ['dow30'],
      timeframes: ['daily'],
    });
  });
});
