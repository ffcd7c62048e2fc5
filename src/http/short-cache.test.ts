import { expect, it } from 'vitest';
import { createShortCache } from './short-cache.ts';

function counting(load: (n: number) => Promise<number> = async (n) => n) {
  let now = 0;
  let loads = 0;
  const cache = createShortCache(
    200,
    () => now,
    () => load(++loads),
  );
  return { cache, advance: (ms: number) => (now += ms) };
}

it('loads once for all who ask within a moment, and again after it', async () => {
  const { cache, advance } = counting();
  expect(await Promise.all([cache.get('a'), cache.get('a')])).toEqual([1, 1]);
  advance(199);
  expect(await cache.get('a')).toBe(1);
  advance(1);
  expect(await cache.get('a')).toBe(2);
});

it('keeps keys apart', async () => {
  const { cache } = counting();
  expect([await cache.get('a'), await cache.get('b'), await cache.get('a')]).toEqual([1, 2, 1]);
});

it('loads again what was dropped, also while it was being loaded', async () => {
  const { cache } = counting();
  const early = cache.get('a');
  cache.drop('a');
  expect(await Promise.all([early, cache.get('a'), cache.get('a')])).toEqual([1, 2, 2]);
});

it('keeps no failure', async () => {
  const { cache } = counting(async (n) => {
    if (n === 1) throw new Error('away');
    return n;
  });
  await expect(cache.get('a')).rejects.toThrow('away');
  expect(await cache.get('a')).toBe(2);
});
