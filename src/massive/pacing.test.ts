import { setMaxListeners } from 'node:events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEventClock } from '../../test/support/event-clock.ts';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import { AppError } from '../errors.ts';
import type { PaceRow } from '../pace-row.ts';
import { backoffMs, throttledBackoff } from './backoff.ts';
import { createLocalPaceRow } from './local-pace-row.ts';
import { createPacer } from './pacing.ts';

const never = new AbortController().signal;
setMaxListeners(0, never);

/** A row that writes down when its slots are, and how many it has handed out. */
function watchedRow(clock: ReturnType<typeof createEventClock>) {
  const slots: number[] = [];
  const local = createLocalPaceRow(clock);
  const row: PaceRow = {
    ...local,
    async take(gapMs, signal) {
      const slot = await local.take(gapMs, signal);
      slots.push(clock.now() + slot.waitMs);
      return slot;
    },
  };
  return { row, slots };
}

function setUp(intervalMs: number) {
  const clock = createEventClock();
  const { row, slots } = watchedRow(clock);
  const pacer = createPacer({ intervalMs, row }, clock);
  const sent: string[] = [];
  const send = async (name: string, isUrgent = false, signal = never): Promise<void> => {
    try {
      const turn = await pacer.take(signal, { isUrgent });
      sent.push(`${name} ${Math.round(clock.now())}`);
      turns.push(turn);
    } catch (error) {
      sent.push(`${name} ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const turns: Awaited<ReturnType<typeof pacer.take>>[] = [];
  return { clock, row, slots, pacer, sent, send, turns };
}

describe('the pacer', () => {
  it('hands out slots a hundredth more than the interval apart, in the order asked', async () => {
    const { clock, sent, send } = setUp(1000);
    for (const name of 'abcd') void send(name);
    await clock.runUntil(60_000);
    expect(sent).toEqual(['a 0', 'b 1010', 'c 2020', 'd 3030']);
  });

  it('never makes up for slots nobody used', async () => {
    const { clock, sent, send } = setUp(1000);
    void send('a');
    await clock.runUntil(1500);
    void send('b');
    void send('c');
    await clock.runUntil(60_000);
    expect(sent).toEqual(['a 0', 'b 1500', 'c 2510']);
  });

  it('does not let a late timer cost the slots after it', async () => {
    const clock = createEventClock();
    const late = { ...clock, sleep: (ms: number) => clock.sleep(ms + 30) };
    const pacer = createPacer({ intervalMs: 1000 }, late);
    const sent: number[] = [];
    for (let i = 0; i < 4; i++) void pacer.take(never).then(() => sent.push(clock.now()));
    await clock.runUntil(60_000);
    expect(sent).toEqual([0, 1040, 2050, 3060]);
  });

  it('gives up a slot that comes so late that the next one is near, but not two in a row', async () => {
    const clock = createEventClock();
    const late = { ...clock, sleep: (ms: number) => clock.sleep(ms + 300) };
    const pacer = createPacer({ intervalMs: 1000 }, late);
    const sent: number[] = [];
    for (let i = 0; i < 3; i++) void pacer.take(never).then(() => sent.push(clock.now()));
    await clock.runUntil(60_000);
    expect(sent).toEqual([0, 2320, 4340]);
  });

  it('lets urgent requests go ahead, and nobody wait forever', async () => {
    const { clock, sent, send } = setUp(1000);
    for (const name of ['a', 'b', 'c']) void send(name);
    await clock.runUntil(500);
    for (const name of ['A', 'B', 'C', 'D', 'E']) void send(name, true);
    await clock.runUntil(60_000);
    expect(sent.map((line) => line[0]).join('')).toBe('aABCbDEc');
  });

  it('waits for nothing and asks nothing of a shared row when unpaced', async () => {
    const clock = createFakeClock();
    const refuse = async (): Promise<never> => {
      throw new Error('asked');
    };
    const row: PaceRow = { take: refuse, pause: refuse, isPaused: refuse, change: refuse, read: refuse };
    const pacer = createPacer({ intervalMs: 0, row }, clock);
    for (let i = 0; i < 10; i++) await pacer.take(never);
    expect(clock.slept).toEqual([]);
    const turn = await pacer.take(never);
    expect(await pacer.refused(turn, 7000)).toBeNull();
    await pacer.take(never);
    expect(clock.slept).toEqual([7000]);
    expect(await pacer.gapMs()).toBe(0);
  });

  it('ends a cancelled wait at once and leaves its slot to the next in line', async () => {
    const { clock, slots, sent, send } = setUp(1000);
    const stop = new AbortController();
    void send('a');
    await clock.runUntil(10);
    for (const name of ['b', 'c']) void send(name, true, stop.signal);
    void send('d');
    await clock.runUntil(400);
    stop.abort('stopped');
    await clock.runUntil(60_000);
    expect(sent).toEqual(['a 0', 'b stopped', 'c stopped', 'd 1010']);
    expect(slots).toEqual([0, 1010]);
  });

  it('leaves no timer behind when everybody has gone', async () => {
    const clock = createEventClock();
    let sleeping = 0;
    const counted = {
      ...clock,
      async sleep(ms: number, signal?: AbortSignal) {
        sleeping++;
        await clock.sleep(ms, signal).finally(() => sleeping--);
      },
    };
    const pacer = createPacer({ intervalMs: 12_000 }, counted);
    await pacer.take(never);
    const stop = new AbortController();
    const gone = pacer.take(stop.signal);
    await clock.runUntil(10);
    expect(sleeping).toBe(1);
    stop.abort(new Error('stopped'));
    await expect(gone).rejects.toThrow('stopped');
    await clock.runUntil(10);
    expect(sleeping).toBe(0);
  });

  it('refuses a signal that was aborted before', async () => {
    const { pacer } = setUp(0);
    await expect(pacer.take(AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late');
  });

  it('does not look at the clock on the wall, which may be set', async () => {
    const clock = createEventClock();
    let wrongBy = 0;
    const pacer = createPacer(
      { intervalMs: 1000, row: createLocalPaceRow(clock) },
      { ...clock, now: () => clock.now() + wrongBy },
    );
    const sent: number[] = [];
    for (let i = 0; i < 6; i++) void pacer.take(never).then(() => sent.push(clock.now()));
    for (const jump of [3_600_000, -7_200_000, 0, 86_400_000]) {
      await clock.runUntil(clock.now() + 900);
      wrongBy = jump;
    }
    await clock.runUntil(60_000);
    expect(sent).toHaveLength(6);
    const gaps = sent.slice(1).map((at, before) => at - sent[before]!);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1010);
  });

  it('tells everybody in line when no slots can be had, and goes on later', async () => {
    const clock = createEventClock();
    const local = createLocalPaceRow(clock);
    let isAway = true;
    const row: PaceRow = {
      ...local,
      async take(gapMs, signal) {
        if (isAway) throw new AppError('STORAGE_FAILED', 'The database is away.');
        return local.take(gapMs, signal);
      },
    };
    const pacer = createPacer({ intervalMs: 1000, row }, clock);
    const told = await Promise.allSettled([pacer.take(never), pacer.take(never)]);
    expect(told).toMatchObject([
      { reason: { code: 'STORAGE_FAILED' } },
      { reason: { code: 'STORAGE_FAILED' } },
    ]);
    isAway = false;
    expect(await pacer.take(never)).toMatchObject({ nth: 1 });
  });
});

describe('slots ahead of their time', () => {
  it('are not taken where slots are rare, so that what is urgent need not wait for them', async () => {
    const { clock, slots, send } = setUp(12_000);
    for (let i = 0; i < 10; i++) void send('x');
    await clock.runUntil(1000);
    expect(slots).toEqual([0, 12_120]);
    await clock.runUntil(12_200);
    expect(slots).toEqual([0, 12_120, 24_240]);
  });

  it('are a tenth of a second where slots are frequent', async () => {
    const { clock, slots, send } = setUp(12);
    for (let i = 0; i < 50; i++) void send('x');
    await clock.runUntil(301);
    expect(slots.at(-1)! - 301).toBeGreaterThan(100 - 2 * 12.12);
    expect(slots.at(-1)! - 301).toBeLessThan(100 + 2 * 12.12);
  });

  it('are not more than wait for one', async () => {
    const { clock, slots, send } = setUp(12);
    for (let i = 0; i < 3; i++) void send('x');
    await clock.runUntil(1000);
    expect(slots).toHaveLength(3);
  });
});

describe('processes that share a row', () => {
  it('get turns by turns', async () => {
    const clock = createEventClock();
    const { row } = watchedRow(clock);
    const counts = [0, 0, 0, 0];
    for (const at of counts.keys()) {
      const pacer = createPacer({ intervalMs: 12, row }, clock);
      // However many wait in each.
      for (let worker = 0; worker <= at * 5; worker++) {
        void (async () => {
          for (;;) {
            await pacer.take(never);
            counts[at]!++;
          }
        })();
      }
    }
    await clock.runUntil(60_000);
    const total = counts.reduce((sum, count) => sum + count);
    expect(total).toBe(Math.floor(60_000 / 12.12) + 1);
    for (const count of counts) expect(count / total).toBeGreaterThan(0.1);
  });

  it('all stop when the vendor refuses one, also those whose slot was far away', async () => {
    const clock = createEventClock();
    const { row } = watchedRow(clock);
    const [one, other] = [1, 2].map(() => createPacer({ intervalMs: 12_000, row }, clock));
    const turn = await one!.take(never);
    const sentAt: number[] = [];
    void other!.take(never).then(() => sentAt.push(clock.now()));
    void one!.take(never).then(() => sentAt.push(clock.now()));
    await clock.runUntil(5000);
    expect(await one!.refused(turn, 60_000)).toBe(24_240);
    await clock.runUntil(200_000);
    expect(sentAt).toHaveLength(2);
    expect(sentAt[0]).toBeGreaterThanOrEqual(65_000);
    expect(sentAt[1]! - sentAt[0]!).toBeGreaterThanOrEqual(24_240);
  });

  it('take refusals of what was sent before the last slow-down as the same', async () => {
    const { clock, pacer, turns, send } = setUp(100);
    for (let i = 0; i < 3; i++) void send('x');
    await clock.runUntil(1000);
    const news = await Promise.all(turns.map((turn) => pacer.refused(turn, 1000)));
    expect(news.filter((gapMs) => gapMs !== null)).toEqual([202]);
    expect(await pacer.gapMs()).toBe(202);
  });

  it('never send before their slot, or more than there are slots, whatever is late', async () => {
    const scene = fc.record({
      seed: fc.nat(),
      lateMs: fc.constantFrom(0, 5, 80, 400),
      answerMs: fc.constantFrom(0, 3, 30, 300),
      intervalMs: fc.constantFrom(1, 12, 150),
      refusedShare: fc.constantFrom(0, 0.02),
      cancelledShare: fc.constantFrom(0, 0.2),
    });
    await fc.assert(
      fc.asyncProperty(
        scene,
        async ({ lateMs, answerMs, intervalMs, refusedShare, cancelledShare, seed }) => {
          const random = seeded(seed);
          const clock = createEventClock();
          const { row, slots } = watchedRow(clock);
          const late = {
            ...clock,
            sleep: (ms: number, signal?: AbortSignal) => clock.sleep(ms + lateMs * random(), signal),
          };
          const slow: PaceRow = {
            ...row,
            async take(gapMs, signal) {
              await clock.sleep(answerMs * random());
              const slot = await row.take(gapMs, signal);
              await clock.sleep(answerMs * random());
              return slot;
            },
          };
          const sent: number[] = [];
          for (let process = 0; process < 3; process++) {
            const pacer = createPacer({ intervalMs, row: slow }, late);
            for (let worker = 0; worker < 4; worker++) {
              void (async () => {
                for (;;) {
                  const stop = new AbortController();
                  if (random() < cancelledShare)
                    void clock.sleep(20 * random()).then(() => stop.abort('over'));
                  const turn = await pacer.take(stop.signal, { isUrgent: random() < 0.3 }).catch(() => null);
                  if (turn === null) continue;
                  sent.push(clock.now());
                  await clock.sleep(10 * random());
                  if (random() < refusedShare) await pacer.refused(turn, 100 * random());
                }
              })();
            }
          }
          await clock.runUntil(2000);
          expect(sent.length).toBeGreaterThan(3);
          const inOrder = slots.toSorted((a, b) => a - b);
          for (const [n, at] of sent.entries()) expect(at).toBeGreaterThanOrEqual(inOrder[n]!);
          const gaps = slots.slice(1).map((at, before) => at - slots[before]!);
          expect(Math.min(...gaps)).toBeGreaterThan(intervalMs * 1.01 - 1e-6);
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe('a limit lower than what is set, of which the vendor says nothing', () => {
  const bucket = (requests: number, perMs: number) => {
    let [tokens, at] = [requests, 0];
    return (now: number): boolean => {
      tokens = Math.min(requests, tokens + ((now - at) * requests) / perMs);
      at = now;
      if (tokens < 1) return false;
      tokens--;
      return true;
    };
  };
  const window = (requests: number, perMs: number) => {
    let [at, passed] = [Number.NaN, 0];
    return (now: number): boolean => {
      const current = Math.floor(now / perMs);
      [at, passed] = [current, at === current ? passed + 1 : 1];
      return passed <= requests;
    };
  };

  it.each([
    // Set, the limit, for how long, what one process and all four are refused at most, the share that is used.
    ['half', 12, bucket(40, 1000), 60_000, 3, 6, 0.8],
    ['a tenth', 12, bucket(10, 1000), 60_000, 3, 10, 0.7],
    ['nearly as high', 12, bucket(70, 1000), 60_000, 3, 4, 0.8],
    ['half, at a tenth of a second', 100, bucket(5, 1000), 120_000, 3, 4, 0.8],
    ['by the minute', 12, bucket(100, 60_000), 600_000, 4, 14, 0.9],
    ['by the minute, on the free plan', 12, bucket(5, 60_000), 3_600_000, 4, 14, 0.7],
    ['by the minute on the clock', 12, window(100, 60_000), 600_000, 4, 15, 0.6],
  ] as const)(
    'is found in a few refusals and kept: %s',
    async (_name, intervalMs, lower, ms, most, mostOfAll, share) => {
      const random = seeded(7);
      const clock = createEventClock();
      const row = createLocalPaceRow(clock);
      const refusals = [0, 0, 0, 0];
      let passed = 0;
      let mayPass = (_now: number): boolean => true;
      for (const at of refusals.keys()) {
        const pacer = createPacer({ intervalMs, row }, clock);
        for (let worker = 0; worker < 10; worker++) {
          void (async () => {
            for (let tries = 1; ; tries++) {
              const turn = await pacer.take(never, { isUrgent: tries > 1 });
              await clock.sleep(2 + 3 * random());
              const isPassed = mayPass(clock.now());
              await clock.sleep(2 + 3 * random());
              if (isPassed) {
                passed++;
                tries = 0;
              } else {
                refusals[at]!++;
                await pacer.refused(turn, backoffMs(tries, throttledBackoff, random));
              }
            }
          })();
        }
      }
      await clock.runUntil(5000);
      mayPass = lower;
      await clock.runUntil(5000 + ms / 2);
      const half = passed;
      await clock.runUntil(5000 + ms);
      expect(Math.max(...refusals)).toBeLessThanOrEqual(most);
      expect(refusals.reduce((sum, count) => sum + count)).toBeLessThanOrEqual(mostOfAll);
      const allowed = countAllowed(lower, ms);
      expect((passed - half) / allowed).toBeGreaterThan(share);
    },
  );

  /** How many of even requests, faster than the limit, it lets through in the second half of a time, when it is not full any more. */
  function countAllowed(limit: (now: number) => boolean, ms: number): number {
    let allowed = 0;
    const from = 1e9;
    for (let at = from; at < from + ms; at += 2) if (limit(at) && at >= from + ms / 2) allowed++;
    return allowed;
  }
});

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
