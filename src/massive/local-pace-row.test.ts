import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import { describePaceRow, learned } from '../../test/support/pace-row-contract.ts';
import { createLocalPaceRow } from './local-pace-row.ts';

const never = new AbortController().signal;

describe('slots of one process', () => {
  describePaceRow(() => createLocalPaceRow(createFakeClock(0)));

  it('never makes up for slots nobody used, and remembers that there were some', async () => {
    const clock = createFakeClock(0);
    const row = createLocalPaceRow(clock);
    await row.take(1000, never);
    clock.advance(2900);
    expect(await row.take(1000, never)).toMatchObject({ waitMs: 0, isUnbroken: true });
    expect(await row.take(1000, never)).toMatchObject({ waitMs: 1000, isUnbroken: true });
    clock.advance(60_000);
    expect(await row.take(1000, never)).toMatchObject({ waitMs: 0, isUnbroken: false });
    expect(await row.take(1000, never)).toMatchObject({ waitMs: 1000, isUnbroken: false });
  });

  it('never hands out two slots closer than the gap in force, or one in a pause', async () => {
    const ms = fc.nat(100);
    const step = fc.oneof(
      fc.record({ kind: fc.constant('take' as const), ms }),
      fc.record({ kind: fc.constantFrom('advance' as const, 'pause' as const, 'change' as const), ms }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const clock = createFakeClock(0);
        const row = createLocalPaceRow(clock);
        let changes = 0;
        let pausedUntil = 0;
        const slots = [{ at: Number.NEGATIVE_INFINITY, gapMs: 0, pausedUntil: Number.NEGATIVE_INFINITY }];
        for (const one of steps) {
          if (one.kind === 'advance') clock.advance(one.ms);
          else if (one.kind === 'change') await row.change(changes, learned(one.ms));
          else if (one.kind === 'pause') {
            ({ changes } = await row.pause(one.ms, changes));
            pausedUntil = Math.max(pausedUntil, clock.now() + one.ms);
          } else {
            const { waitMs, gapMs } = await row.take(one.ms, never);
            slots.push({ at: clock.now() + waitMs, gapMs: Math.max(one.ms, gapMs ?? 0), pausedUntil });
          }
        }
        for (const [before, slot] of slots.slice(1).entries()) {
          expect(slot.at).toBeGreaterThanOrEqual(slot.pausedUntil);
          expect(slot.at - slots[before]!.at).toBeGreaterThanOrEqual(slot.gapMs);
        }
      }),
    );
  });
});
