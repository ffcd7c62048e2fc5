import { describe, expect, it } from 'vitest';
import { findHistory, findPacing, judgePlan } from './check-finding.ts';

const today = '2026-11-24';

describe('the plan of a key', () => {
  it.each([
    ['2003-09-10', null],
    ['2003-09-15', null],
    ['2024-11-25', 2],
    ['2024-11-29', 2],
    ['2021-11-24', 5],
    ['2016-11-25', 10],
  ])('whose first bar is of %s has %j years', (first, years) => {
    expect(judgePlan(first, today)).toEqual({ from: first, years });
  });

  it('is enough for lookbacks within its history, a few days aside', () => {
    const plan = judgePlan('2024-11-25', today);
    expect(findHistory(plan, { 'lookback.weekly_days': 730 }, today)).toMatchObject({
      level: 'ok',
      detail: 'daily bars since 2024-11-25, about 2 years',
    });
    expect(
      findHistory(plan, { 'lookback.daily_days': 365, 'lookback.monthly_days': 1825 }, today),
    ).toMatchObject({
      level: 'warning',
      ok: true,
      detail: expect.stringContaining('lookback.monthly_days (1825) reaches back further'),
    });
  });
});

describe('the pacing', () => {
  const free = judgePlan('2024-11-25', today);
  it.each([
    [12, null, 'ok', '12 ms between requests, at most 83 a second'],
    [12_500, free, 'ok', '12500 ms between requests, at most 4.8 a minute'],
    [12, free, 'warning', 'set polygon.rate_limit_ms to 12500'],
    [5, null, 'warning', 'under 100 a second: set polygon.rate_limit_ms to 12'],
    [0, null, 'warning', 'no pacing, but the vendor asks to stay under 100 a second'],
  ])('of %d ms with the plan %j is %s', (intervalMs, plan, level, detail) => {
    expect(findPacing(intervalMs, plan)).toMatchObject({ level, detail: expect.stringContaining(detail) });
  });
});
