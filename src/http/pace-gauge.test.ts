import { expect, it } from 'vitest';
import { createPaceGauge } from './pace-gauge.ts';

it('tells the use between looks, and begins anew when the pace has changed', async () => {
  let at = 0;
  let state = { gapMs: 20, changes: 0, grants: 100 };
  const ask = createPaceGauge({ state: async () => state }, () => at);
  expect(await ask()).toEqual({ allowed_per_second: 50, used_per_second: null, share: null });
  at = 2000;
  state = { ...state, grants: 180 };
  expect(await ask()).toEqual({ allowed_per_second: 50, used_per_second: 40, share: 0.8 });
  at = 11_000;
  state = { ...state, grants: 630 };
  // The first look is too long ago.
  expect(await ask()).toEqual({ allowed_per_second: 50, used_per_second: 50, share: 1 });
  at = 12_000;
  state = { gapMs: 100, changes: 1, grants: 4 };
  expect(await ask()).toEqual({ allowed_per_second: 10, used_per_second: null, share: null });
  at = 13_000;
  state = { ...state, grants: 14 };
  expect(await ask()).toMatchObject({ used_per_second: 10, share: 1 });
});

it('has nothing to tell where nothing is paced', async () => {
  const ask = createPaceGauge({ state: async () => ({ gapMs: 0, changes: 0, grants: 0 }) });
  expect(await ask()).toEqual({ allowed_per_second: null, used_per_second: null, share: null });
});
