import { describe, expect, it } from 'vitest';
import { askBars } from './asked-bars.ts';

const lookbackDays = { hourly: 90, daily: 365, weekly: 730, monthly: 1825 };
const friday = '2026-11-20';

describe('planning an import', () => {
  it('wants one span a base timeframe for all four timeframes', () => {
    const plan = askBars(
      ['AAPL', 'MSFT'],
      ['hourly', 'daily', 'weekly', 'monthly'],
      { lookbackDays },
      friday,
    );
    expect(plan.spans.map((series) => [series.timeframe, series.range])).toEqual([
      ['hourly', { from: '2026-08-23', to: friday }],
      ['daily', { from: '2021-11-01', to: friday }],
    ]);
  });

  it('snaps weeks down to their Sunday and months to their 1st', () => {
    const { windows } = askBars(
      ['AAPL'],
      ['weekly', 'monthly'],
      { from: '2026-03-18', to: '2026-04-02' },
      friday,
    );
    expect(windows).toEqual({
      weekly: { from: '2026-03-15', to: '2026-04-02' },
      monthly: { from: '2026-03-01', to: '2026-04-02' },
    });
  });

  it('lists the sessions of each series', () => {
    const { spans: series } = askBars(['AAPL'], ['daily'], { from: '2026-07-02', to: '2026-07-06' }, friday);
    // Friday the 3rd is the holiday's observance, then a weekend.
    expect(series[0]?.sessions).toEqual(['2026-07-02', '2026-07-06']);
  });

  it('asks for nothing after the last session', () => {
    const { windows } = askBars(['AAPL'], ['daily'], { from: '2026-11-16', to: '2027-01-04' }, friday);
    expect(windows.daily).toEqual({ from: '2026-11-16', to: friday });
  });

  it.each([
    ['a backward range', { from: '2026-03-18', to: '2026-03-17' }, 'ends before it begins'],
    ['the future', { from: '2026-11-23', to: '2026-11-24' }, 'newest session that has closed is 2026-11-20'],
    ['a range without a session', { from: '2026-11-14', to: '2026-11-15' }, 'no trading session'],
  ])('refuses %s', (_, span, message) => {
    expect(() => askBars(['AAPL'], ['daily'], span, friday)).toThrow(message);
  });
});
