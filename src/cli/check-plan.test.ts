import { describe, expect, it } from 'vitest';
import { findHistory, findPacing, judgePlan } from './check-plan.ts';

const today = '2026-11-24';

describe('the plan of a key', () => {
  it.each([
    ['2003-09-10', null],
    ['2003-09-15', null],
    ['2026-08-03', 0],
    ['2025-11-24', 1],
    ['2024-11-25', 2],
    ['2024-11-29', 2],
    ['2021-11-24', 5],
    ['2016-11-25', 10],
  ])('whose first bar is of %s has %j years', (first, years) => {
    expect(judgePlan(first, today)).toEqual({ from: first, years });
  });

  it.each([
    ['2003-09-10', 'daily bars since 2003-09-10, all the vendor has'],
    ['2016-11-25', 'daily bars since 2016-11-25, about 10 years'],
    ['2024-11-25', 'daily bars since 2024-11-25, about 2 years as on the free plan'],
    ['2025-11-24', 'daily bars since 2025-11-24, about 1 year'],
    ['2026-08-03', 'daily bars since 2026-08-03, less than a year'],
  ])('since %s is told in words', (first, detail) => {
    expect(findHistory(judgePlan(first, today), {}, today)).toMatchObject({ level: 'ok', detail });
  });

  it('is enough for lookbacks within its history, a few days aside', () => {
    const plan = judgePlan('2024-11-25', today);
    expect(findHistory(plan, { 'lookback.weekly_days': 730 }, today).level).toBe('ok');
    expect(findHistory(plan, { 'lookback.weekly_days': 750 }, today).level).toBe('warning');
  });

  it('is warned of where lookbacks reach back further', () => {
    const lookbacks = { 'lookback.daily_days': 365, 'lookback.monthly_days': 1825 };
    const finding = findHistory(judgePlan('2024-11-25', today), lookbacks, today);
    expect(finding).toMatchObject({ level: 'warning', ok: true, exitCode: 0 });
    expect(finding.detail).toMatch(/; lookback\.monthly_days \(1825\) reaches back further, and /);
    const all = findHistory(
      judgePlan('2003-09-10', today),
      { ...lookbacks, 'lookback.monthly_days': 15_000 },
      today,
    );
    expect(all.level).toBe('warning');
  });
});

describe('the pacing', () => {
  const free = judgePlan('2024-11-25', today);
  const paid = judgePlan('2021-11-24', today);
  it.each([
    [
      12,
      null,
      0,
      'ok',
      '12 ms between requests, at most 83 a second; the vendor asks to stay under 100',
      undefined,
    ],
    [12, paid, 0, 'ok', 'at most 83 a second', undefined],
    [12_500, free, 0, 'ok', '12500 ms between requests, at most 4.8 a minute', undefined],
    [12_000, free, 0, 'ok', 'at most 5 a minute', undefined],
    [12, free, 0, 'warning', 'set polygon.rate_limit_ms to 12500', '--rate-limit-ms 12500'],
    [12, free, 1, 'warning', 'answered 429, too many requests, once', '--rate-limit-ms 12500'],
    [12, null, 2, 'warning', 'answered 429, too many requests, 2 times during this check: on the', undefined],
    [12_500, free, 1, 'warning', 'once during this check: see that nobody else uses the key', undefined],
    [10, null, 0, 'ok', 'at most 100 a second', undefined],
    [5, null, 0, 'warning', 'under 100 a second: set polygon.rate_limit_ms to 12', '--rate-limit-ms 12'],
    [0, null, 0, 'warning', 'no pacing, but the vendor asks to stay under 100', '--rate-limit-ms 12'],
  ])('of %d ms with the plan %j and %d times throttled is %s', (ms, plan, throttled, level, words, flag) => {
    const finding = findPacing(ms, plan, throttled);
    expect(finding).toMatchObject({ level, detail: expect.stringContaining(words) });
    expect(finding.importFlag).toBe(flag);
  });

  it('that refusals have lengthened is said', () => {
    expect(findPacing(12, paid, 0, 12.12)).toMatchObject({ level: 'ok' });
    expect(findPacing(12, paid, 0, 25.3)).toMatchObject({
      level: 'warning',
      detail:
        '12 ms between requests, but the vendor refused that lately: one request every 26 ms for now. If it stays so, set polygon.rate_limit_ms to 26, or see that nobody else uses the key',
    });
  });
});
