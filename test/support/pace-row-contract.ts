import { describe, expect, it } from 'vitest';
import type { Pace, PaceRow } from '../../src/pace-row.ts';

const never = new AbortController().signal;

export const learned = (gapMs: number): Pace => ({
  gapMs,
  refusedMs: gapMs / 2,
  heldMs: null,
  failedTrials: 2,
});

/** What everybody who hands out slots promises. Real time may pass between calls, but less than a second. */
export function describePaceRow(createRow: () => PaceRow): void {
  /** At least the second less than what was told, as time may have passed. */
  const about = (ms: number) => expect.toSatisfy((waitMs: number) => waitMs > ms - 1000 && waitMs <= ms);

  describe('a row of slots', () => {
    it('knows nothing before the first slot, which is free at once', async () => {
      const row = createRow();
      expect(await row.read()).toBeNull();
      expect(await row.isPaused(never)).toBe(false);
      expect(await row.take(10_000, never)).toMatchObject({
        waitMs: 0,
        gapMs: null,
        refusedMs: null,
        heldMs: null,
        failedTrials: 0,
        changes: 0,
        grants: 1,
        refusals: 0,
        isUnbroken: true,
      });
    });

    it('hands out slots one gap after the other, each as far from the one before as who takes it wants', async () => {
      const row = createRow();
      await row.take(10_000, never);
      expect(await row.take(10_000, never)).toMatchObject({ waitMs: about(10_000), grants: 2 });
      expect(await row.take(50_000, never)).toMatchObject({ waitMs: about(60_000), grants: 3 });
      expect(await row.take(10_000, never)).toMatchObject({ waitMs: about(70_000), grants: 4 });
    });

    it('keeps what was learned where that is more than what is wanted', async () => {
      const row = createRow();
      const { changes } = await row.take(10_000, never);
      expect(await row.change(changes, learned(30_000))).toBe(true);
      expect(await row.take(10_000, never)).toMatchObject({
        waitMs: about(30_000),
        ...learned(30_000),
        grants: 1,
      });
      expect(await row.take(40_000, never)).toMatchObject({ waitMs: about(70_000), grants: 2 });
      expect(await row.read()).toMatchObject({ ...learned(30_000), changes: changes + 1 });
    });

    it('changes the pace once for all who saw the same', async () => {
      const row = createRow();
      const { changes } = await row.take(10_000, never);
      expect(
        await Promise.all([20_000, 30_000, 40_000].map((gapMs) => row.change(changes, learned(gapMs)))),
      ).toEqual([true, false, false]);
      expect(await row.read()).toMatchObject({ ...learned(20_000), changes: changes + 1, grants: 0 });
    });

    it('hands out nothing before the longest pause has ended', async () => {
      const row = createRow();
      const { changes } = await row.take(10_000, never);
      await row.pause(90_000, changes);
      await row.pause(60_000, changes);
      expect(await row.isPaused(never)).toBe(true);
      expect(await row.take(10_000, never)).toMatchObject({ waitMs: about(90_000) });
      expect(await row.take(10_000, never)).toMatchObject({ waitMs: about(100_000) });
    });

    it('counts refusals of slots taken since the last change', async () => {
      const row = createRow();
      const { changes } = await row.take(10_000, never);
      expect(await row.pause(10, changes)).toMatchObject({ refusals: 1, grants: 1 });
      await row.change(changes, learned(20_000));
      expect(await row.pause(10, changes)).toMatchObject({ refusals: 0, changes: changes + 1 });
      expect(await row.pause(10, changes + 1)).toMatchObject({ refusals: 1 });
    });
  });
}
