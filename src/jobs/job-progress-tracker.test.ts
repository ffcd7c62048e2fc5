import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createJobProgressTracker, estimateRemainingMs, percentOf } from './job-progress-tracker.ts';

const start = {
  runId: 'run',
  attempt: 1,
  totalSymbols: 4,
  completed: 0,
  failed: 0,
  firstSymbol: 'AAPL',
  plannedRequests: 8,
  intervalMs: 12,
};

describe('the percentage', () => {
  it('cuts as the guide does: 255 of 505 is 50.49', () => {
    expect(percentOf(255, 505)).toBe(50.49);
  });

  it('is 100 only when all are processed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), fc.nat(100_000), (total, some) => {
        const part = some % (total + 1);
        expect(percentOf(part, total) === 100).toBe(part === total);
      }),
    );
  });
});

describe('the estimate', () => {
  it('is the planned work at the pacing before anything is measured', () => {
    expect(estimateRemainingMs({ plannedRequests: 1006, requests: 0, intervalMs: 12, elapsedMs: 0 })).toBe(
      12_072,
    );
  });

  it('follows the measured pace once that is slower', () => {
    expect(
      estimateRemainingMs({ plannedRequests: 200, requests: 100, intervalMs: 12, elapsedMs: 5000 }),
    ).toBe(5000);
  });

  it('never promises more than the pacing allows', () => {
    expect(estimateRemainingMs({ plannedRequests: 200, requests: 100, intervalMs: 12, elapsedMs: 100 })).toBe(
      1200,
    );
  });
});

describe('the tracker', () => {
  it('names the first symbol and the whole work before anything happened', () => {
    const tracker = createJobProgressTracker(start, () => 0);
    expect(tracker.snapshot()).toMatchObject({
      currentSymbol: 'AAPL',
      processed: 0,
      remaining: 4,
      percentage: 0,
      remainingMs: 96,
      avgProcessingTimeMs: 0,
    });
  });

  it('counts successes and failures apart', () => {
    const tracker = createJobProgressTracker(start, () => 0);
    tracker.symbolEnded('AAPL', true, 100);
    tracker.symbolEnded('XXXX', false, 50);
    expect(tracker.snapshot()).toMatchObject({
      completed: 1,
      failed: 1,
      processed: 2,
      remaining: 2,
      percentage: 50,
      currentSymbol: 'XXXX',
      avgProcessingTimeMs: 75,
    });
  });

  it('goes on from what earlier attempts left', () => {
    const tracker = createJobProgressTracker({ ...start, attempt: 2, completed: 3, failed: 0 }, () => 0);
    tracker.symbolEnded('XXXX', true, 10);
    expect(tracker.snapshot()).toMatchObject({ completed: 4, percentage: 100, remaining: 0 });
  });
});
