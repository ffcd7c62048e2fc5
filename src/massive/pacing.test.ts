import { describe, expect, it } from 'vitest';
import { createClock } from '../clock.ts';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import { createPacer } from './pacing.ts';

const never = new AbortController().signal;

/** A clock whose sleeps end only when woken, at the time they were to end. */
function createHeldClock() {
  let now = 1000;
  const sleepers: { until: number; wake: () => void }[] = [];
  return {
    now: () => now,
    sleepers,
    sleep: (ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        sleepers.push({ until: now + ms, wake: resolve });
        signal?.addEventListener('abort', () => reject(signal.reason));
      }),
    async wakeNext() {
      const next = sleepers.shift()!;
      now = next.until;
      next.wake();
      await new Promise(setImmediate);
    },
  };
}

describe('the pacer', () => {
  it('hands out slots a hundredth more than the interval apart', async () => {
    const clock = createFakeClock(0);
    const pacer = createPacer({ intervalMs: 1000 }, clock);
    const grants: number[] = [];
    await Promise.all(
      Array.from({ length: 4 }, async () => {
        await pacer.take(never);
        grants.push(clock.now());
      }),
    );
    expect(grants).toEqual([0, 1010, 2020, 3030]);
  });

  it('never makes up for slots nobody used', async () => {
    const clock = createFakeClock(0);
    const pacer = createPacer({ intervalMs: 1000 }, clock);
    await pacer.take(never);
    clock.advance(1500);
    await pacer.take(never);
    await pacer.take(never);
    expect(clock.now()).toBe(2510);
    clock.advance(60_000);
    await pacer.take(never);
    await pacer.take(never);
    expect(clock.now()).toBe(63_520);
  });

  it('does not let a late timer cost the slots after it', async () => {
    const clock = createFakeClock(0);
    const late = { ...clock, sleep: (ms: number) => clock.sleep(ms + 300) };
    const pacer = createPacer({ intervalMs: 1000 }, late);
    for (let i = 0; i < 4; i++) await pacer.take(never);
    expect(clock.slept).toEqual([1310, 1010, 1010]);
  });

  it('serves in the order asked', async () => {
    const pacer = createPacer({ intervalMs: 10 }, createFakeClock());
    const order: number[] = [];
    await Promise.all([1, 2, 3, 4, 5].map((n) => pacer.take(never).then(() => order.push(n))));
    expect(order).toEqual([1, 2, 3, 4, 5]);
  });

  it('lets nobody go before a pause ends, not even one already waiting for a slot', async () => {
    const clock = createHeldClock();
    const pacer = createPacer({ intervalMs: 1000 }, clock);
    await pacer.take(never);
    let grantedAt = 0;
    const waiting = pacer.take(never).then(() => (grantedAt = clock.now()));
    await new Promise(setImmediate);
    pacer.pause(50_000);
    await clock.wakeNext();
    expect(grantedAt).toBe(0);
    await clock.wakeNext();
    await waiting;
    expect(grantedAt).toBe(50_000);
  });

  it('keeps the longer of two pauses', async () => {
    const clock = createFakeClock(0);
    const pacer = createPacer({ intervalMs: 0 }, clock);
    pacer.pause(9000);
    pacer.pause(4000);
    await pacer.take(never);
    expect(clock.now()).toBe(9000);
  });

  it('waits for nothing when unpaced', async () => {
    const clock = createFakeClock();
    const pacer = createPacer({ intervalMs: 0 }, clock);
    for (let i = 0; i < 10; i++) await pacer.take(never);
    expect(clock.slept).toEqual([]);
  });

  it('ends a cancelled wait at once and leaves its slot to the next in line', async () => {
    const clock = createHeldClock();
    const pacer = createPacer({ intervalMs: 1000 }, clock);
    const stop = new AbortController();
    await pacer.take(never);
    const granted: string[] = [];
    const atHead = pacer.take(stop.signal).catch((error: unknown) => granted.push(`head ${String(error)}`));
    const inLine = pacer.take(stop.signal).catch((error: unknown) => granted.push(`line ${String(error)}`));
    const last = pacer.take(never).then(() => granted.push(`last ${clock.now()}`));
    await new Promise(setImmediate);
    stop.abort('stopped');
    await Promise.all([atHead, inLine]);
    expect(granted.toSorted()).toEqual(['head stopped', 'line stopped']);
    await new Promise(setImmediate);
    await clock.wakeNext();
    await clock.wakeNext();
    await last;
    expect(granted[2]).toBe('last 2010');
  });

  it('refuses a signal that was aborted before', async () => {
    const pacer = createPacer({ intervalMs: 0 }, createFakeClock());
    await expect(pacer.take(AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late');
  });

  it('uses at least 98 % of the budget on the real clock', async () => {
    const clock = createClock();
    const pacer = createPacer({ intervalMs: 2 }, clock);
    await pacer.take(never);
    const startedAt = performance.now();
    for (let i = 0; i < 100; i++) await pacer.take(never);
    const spent = performance.now() - startedAt;
    expect(spent).toBeGreaterThan(199);
  });
});
