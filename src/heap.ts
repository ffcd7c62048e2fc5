import { setFlagsFromString } from 'node:v8';

const MANY_SYMBOLS = 2000;

/**
 * Thousands of symbols keep twice as much alive as hundreds, and with it twice the garbage waits: from here on it is
 * collected sooner (docs/decisions/0003-small-heap.md).
 */
export function expectSymbols(count: number): void {
  if (count > MANY_SYMBOLS) setFlagsFromString('--heap-growing-percent=20');
}
