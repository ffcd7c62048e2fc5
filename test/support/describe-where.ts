import { describe, it } from 'vitest';

/** A suite that needs something outside the project: skipped with a visible line without it, failed without it where `CI=true`. */
export function describeWhere(isPresent: boolean, needed: string, name: string, suite: () => void): void {
  if (isPresent) {
    describe(name, suite);
  } else if (process.env['CI'] === 'true') {
    it(`${name} (needs ${needed}, which CI must have)`, () => {
      throw new Error(`${needed} is missing`);
    });
  } else {
    it.skip(`${name} (needs ${needed})`, () => {});
  }
}
