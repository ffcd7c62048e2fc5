import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'vitest';

const folder = fileURLToPath(new URL('../../../shared/data', import.meta.url));

/** The folder of real market data that lies beside a full checkout; undefined where it does not. */
const sharedData: string | undefined = existsSync(folder) ? folder : undefined;

/** A suite over real market data: skipped with a visible line without it, failed without it where `CI=true`. */
export function describeWithSharedData(name: string, suite: (folder: string) => void): void {
  if (sharedData !== undefined) {
    const present = sharedData;
    describe(name, () => suite(present));
  } else if (process.env['CI'] === 'true') {
    it(`${name} (needs ../shared/data, which CI must have)`, () => {
      throw new Error(`${folder} is missing`);
    });
  } else {
    it.skip(`${name} (needs ../shared/data)`, () => {});
  }
}
