import { expect, it } from 'vitest';
import { createShortCache } from './short-cache.ts';

function counting(load: (n: number) => Promise<number> = async (n) => n) {
  let now = 0;
  let loads = 0;
  const cache = createShortCache(
    { freshMs: 200, usableMs: 2000 },
    () => now,
    () => load(++loads),
  );
  return { cache, advance: (ms: number) => (now += ms) };
}
const settled = (): Promise<void> => new Promise(setImmediate);

it('loads once for all who ask within a moment', async () => {
  const { cache, advance } = counting();
  expect(await Promise.all([cache.get('a'), cache.get('a')])).toEqual([1, 1]);
  advance(199);
  expect(await cache.get('a')).toBe(1);
});

it('lets nobody wait for the next load, which is one for all', async () => {
  const { cache, advance } = counting();
  await cache.get('a');
  advance(200);
  expect(await Promise.all([cache.get('a'), cache.get('a')])).toEqual([1, 1]);
  await settled();
  expect(await cache.get('a')).toBe(2);
});

it('gives nothing that is too old', async () => {
  const { cache, advance } = counting();
  await cache.get('a');
  advance(2000);
  expect(await cache.get('a')).toBe(2);
});

it('keeps keys apart', async () => {
  const { cache } = counting();
  expect([await cache.get('a'), await cache.get('b'), await cache.get('a')]).toEqual([1, 2, 1]);
});

it('loads again what was dropped, also while it was being loaded', async () => {
  const { cache, advance } = counting();
  const early = cache.get('a');
  cache.drop('a');
  expect(await Promise.all([early, cache.get('a'), cache.get('a')])).toEqual([1, 2, 2]);
  advance(200);
  // This starts the third load, of before the drop.
  await cache.get('a');
  cache.drop('a');
  await settled();
  expect(await cache.get('a')).toBe(4);
});

it('keeps no failure', async () => {
  const { cache, advance } = counting(async (n) => {
    if (n === 1 || n === 3) throw new Error('away');
    return n;
  });
  await expect(cache.get('a')).rejects.toThrow('away');
  expect(await cache.get('a')).toBe(2);
  advance(200);
  expect(await cache.get('a')).toBe(2);
  await settled();
  expect(await cache.get('a')).toBe(2);
  await settled();
  expect(await cache.get('a')).toBe(4);
});
