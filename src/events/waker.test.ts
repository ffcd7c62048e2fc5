import { expect, it } from 'vitest';
import { createClock } from '../clock.ts';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import { createWaker } from './waker.ts';

const { signal } = new AbortController();
const LONG_MS = 3_600_000;

it('rests as long as it was told to when nothing happens', async () => {
  const clock = createFakeClock();
  await createWaker(clock).rest(LONG_MS, signal);
  expect(clock.slept).toEqual([LONG_MS]);
});

it('ends the rest under way', async () => {
  const waker = createWaker(createClock());
  const rest = waker.rest(LONG_MS, signal);
  waker.wake();
  await expect(rest).resolves.toBeUndefined();
});

it('lets the next rest pass when it came between two, once', async () => {
  const clock = createFakeClock();
  const waker = createWaker(clock);
  waker.wake();
  waker.wake();
  await waker.rest(LONG_MS, signal);
  expect(clock.slept).toEqual([]);
  await waker.rest(LONG_MS, signal);
  expect(clock.slept).toEqual([LONG_MS]);
});

it('ends with its signal', async () => {
  const stop = new AbortController();
  const rest = createWaker(createClock()).rest(LONG_MS, stop.signal);
  stop.abort();
  await expect(rest).resolves.toBeUndefined();
});
