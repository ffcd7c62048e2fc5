import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createWaitingLine } from './waiting-line.ts';

/** A line of those named, urgent ones in capitals. */
function lineOf(names: string) {
  const line = createWaitingLine<string>();
  const leave = new Map([...names].map((name) => [name, line.join(name, name < 'a')]));
  return { line, leave: (name: string) => leave.get(name)!() };
}

const drained = (line: { next(): string | undefined }): string => {
  let all = '';
  for (let next = line.next(); next !== undefined; next = line.next()) all += next;
  return all;
};

describe('a waiting line', () => {
  it('serves urgent ones first, in the order they came, and every fourth time whoever waits longest', () => {
    expect(drained(lineOf('abcABCDEFG').line)).toBe('ABCaDEFbGc');
  });

  it('counts turns only where somebody was passed over', () => {
    expect(drained(lineOf('ABCDEF').line)).toBe('ABCDEF');
    expect(drained(lineOf('abcdef').line)).toBe('abcdef');
  });

  it('forgets who left', () => {
    const { line, leave } = lineOf('abAB');
    leave('A');
    leave('a');
    leave('a');
    expect(line.size).toBe(2);
    expect(drained(line)).toBe('Bb');
    expect(line.size).toBe(0);
  });

  it('gives everybody up at once', () => {
    const { line } = lineOf('aA');
    expect(line.clear().toSorted()).toEqual(['A', 'a']);
    expect(line.next()).toBeUndefined();
  });

  it('lets nobody wait for more than four turns for each who came before', () => {
    const steps = fc.array(fc.constantFrom('urgent' as const, 'other' as const, 'serve' as const), {
      maxLength: 300,
    });
    fc.assert(
      fc.property(steps, (plan) => {
        const line = createWaitingLine<{ ahead: number; joinedAt: number }>();
        let turns = 0;
        const serve = (): void => {
          const one = line.next();
          if (one === undefined) return;
          turns++;
          expect(turns - one.joinedAt).toBeLessThanOrEqual(4 * (one.ahead + 1));
        };
        for (const step of plan) {
          if (step === 'serve') serve();
          else line.join({ ahead: line.size, joinedAt: turns }, step === 'urgent');
        }
        while (line.size > 0) serve();
      }),
    );
  });
});
