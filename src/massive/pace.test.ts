import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PaceRecord } from '../pace-row.ts';
import { quickened, slowedDown } from './pace.ts';

const SET = 12;
const fresh: PaceRecord = {
  gapMs: null,
  refusedMs: null,
  heldMs: null,
  failedTrials: 0,
  changes: 0,
  ageMs: 1000,
  grants: 50,
  refusals: 1,
  isUnbroken: true,
};
const doubled: PaceRecord = { ...fresh, gapMs: 24, refusedMs: 12, changes: 1 };

describe('a refusal', () => {
  it('doubles the gap when nothing is known yet', () => {
    expect(slowedDown(fresh, SET, 50)).toEqual({ gapMs: 24, refusedMs: 12, heldMs: null, failedTrials: 0 });
  });

  it('measures what the vendor gave out since the last one', () => {
    // Ten passed in six seconds.
    expect(slowedDown({ ...doubled, ageMs: 6000 }, 24, 11)).toMatchObject({ gapMs: 600, refusedMs: 24 });
    expect(slowedDown({ ...doubled, ageMs: 6000, refusals: 3 }, 24, 13)).toMatchObject({ gapMs: 600 });
  });

  it('widens the gap by a tenth at least', () => {
    expect(slowedDown({ ...doubled, ageMs: 1000 }, 24, 51)).toMatchObject({ gapMs: 24 * 1.1 });
  });

  it('doubles the gap where a measure would count time in which nothing was asked', () => {
    expect(slowedDown({ ...doubled, ageMs: 600_000, isUnbroken: false }, 24, 11)).toMatchObject({
      gapMs: 48,
    });
  });

  it('of the first request after a pause says nothing about the gap', () => {
    expect(slowedDown(doubled, 24, 1)).toBeNull();
    expect(slowedDown({ ...doubled, refusals: 2 }, 24, 2)).toBeNull();
  });

  it('of a trial leads back to what held', () => {
    const trial = { ...doubled, gapMs: 19, heldMs: 24 };
    expect(slowedDown(trial, 19, 1)).toEqual({ gapMs: 24, refusedMs: 19, heldMs: 24, failedTrials: 1 });
  });

  it('of what held before does not lead back to it', () => {
    const back = { ...doubled, refusedMs: 19, heldMs: 24, failedTrials: 1, ageMs: 30_000 };
    expect(slowedDown(back, 24, 1001)).toEqual({ gapMs: 30, refusedMs: 24, heldMs: null, failedTrials: 1 });
  });
});

describe('a pace that holds', () => {
  const held = (grants: number, more: Partial<PaceRecord> = {}) =>
    quickened({ ...doubled, ageMs: 9000, grants, refusals: 0, ...more }, SET);

  it('is what is set while nothing was refused', () => {
    expect(quickened({ ...fresh, grants: 1e6, ageMs: 1e9 }, SET)).toBeNull();
  });

  it('goes a third of the way back after five seconds of requests', () => {
    expect(held(208)).toBeNull();
    expect(held(209)).toEqual({
      gapMs: expect.closeTo(24 / 2 ** (1 / 3)),
      refusedMs: 12,
      heldMs: 24,
      failedTrials: 0,
    });
  });

  it('needs five requests, however long they take', () => {
    expect(held(4, { gapMs: 24_000, refusedMs: 12_000 })).toBeNull();
    expect(held(5, { gapMs: 24_000, refusedMs: 12_000 })).not.toBeNull();
  });

  it('is tried four times more patiently after each trial that was refused', () => {
    expect(held(209 * 4 - 4, { failedTrials: 1 })).toBeNull();
    expect(held(209 * 4, { failedTrials: 1 })).not.toBeNull();
  });

  it('stays near to what was refused', () => {
    expect(held(1e6, { gapMs: 13.1 })).toBeNull();
    expect(held(1e6, { gapMs: 15.5, failedTrials: 1 })).toBeNull();
  });

  it('is doubted after an hour, and what was set comes back step by step', () => {
    let pace = held(0, { ageMs: 3_600_000, refusedMs: 20, failedTrials: 3 });
    expect(pace).toMatchObject({ refusedMs: null, heldMs: 24, failedTrials: 0 });
    const gaps: number[] = [];
    for (let step = 0; pace?.gapMs != null && step < 20; step++) {
      gaps.push(pace.gapMs);
      pace = quickened({ ...doubled, ...pace, grants: 1000, ageMs: 9000 }, SET);
    }
    expect(pace).toEqual({ gapMs: null, refusedMs: null, heldMs: null, failedTrials: 0 });
    expect(gaps.map(Math.round)).toEqual([19, 16, 15, 14, 13]);
  });
});

describe('whatever happens, the pace', () => {
  const ms = fc.double({ min: 0.1, max: 1e6, noNaN: true });
  const maybe = fc.option(ms);
  const records = fc.record<PaceRecord>({
    gapMs: maybe,
    refusedMs: maybe,
    heldMs: maybe,
    failedTrials: fc.nat(9),
    changes: fc.nat(),
    ageMs: fc.double({ min: 0, max: 1e8, noNaN: true }),
    grants: fc.nat(1e6),
    refusals: fc.nat(1000),
    isUnbroken: fc.boolean(),
  });

  it('is slower after a refusal than what was refused', () => {
    fc.assert(
      fc.property(records, ms, fc.nat(1e6), (record, gapMs, nth) => {
        const next = slowedDown(record, gapMs, nth);
        expect(next?.gapMs ?? Number.POSITIVE_INFINITY).toBeGreaterThan(gapMs);
      }),
    );
  });

  it('is never tried below what is set, or was refused within the hour', () => {
    fc.assert(
      fc.property(records, ms, (record, setMs) => {
        const next = quickened(record, setMs);
        fc.pre(next !== null && next.gapMs !== null);
        const refusedMs = record.ageMs < 3_600_000 ? (record.refusedMs ?? 0) : 0;
        expect(next.gapMs).toBeLessThan(record.gapMs!);
        expect(next.gapMs).toBeGreaterThan(Math.max(setMs, refusedMs));
      }),
    );
  });
});
