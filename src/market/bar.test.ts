import { describe, expect, it } from 'vitest';
import { type Bar, rejectReason } from './bar.ts';
import { isSession } from './calendar.ts';
import { newYorkInstant } from './new-york.ts';

const good: Bar = {
  symbol: 'AAPL',
  session: '2025-01-10',
  startsAt: Date.parse('2025-01-10T05:00:00Z'),
  open: 240,
  high: 241,
  low: 233,
  close: 236.85,
  volume: 61_710_900.5,
  vwap: null,
  trades: null,
};

describe('a bar', () => {
  it('is stored when it keeps every row rule', () => {
    expect(rejectReason(good, 'daily', isSession)).toBeNull();
  });

  it('is stored when all prices are equal and nothing but odd lots traded', () => {
    expect(
      rejectReason({ ...good, open: 5, high: 5, low: 5, close: 5, volume: 0 }, 'daily', isSession),
    ).toBeNull();
  });

  it.each<[string, Partial<Bar>]>([
    ['open is not a finite number', { open: Number.NaN }],
    ['close is not a finite number', { close: Number.POSITIVE_INFINITY }],
    ['low is not above 0', { low: 0 }],
    ['open is not above 0', { open: -1 }],
    ['volume is not a finite number of at least 0', { volume: -1 }],
    ['volume is not a finite number of at least 0', { volume: Number.NaN }],
    ['high is below open, close or low', { high: 239.99 }],
    ['high is below open, close or low', { open: 200, close: 200, low: 205, high: 203 }],
    ['low is above open or close', { low: 237 }],
    ['not on a trading session', { session: '2025-01-11' }],
    ['not on a trading session', { session: '2025-01-09' }],
  ])('is rejected when %s (%j)', (reason, fault) => {
    expect(rejectReason({ ...good, ...fault }, 'daily', isSession)).toBe(reason);
  });

  it('is judged by its row alone: a price out of proportion to its neighbours is kept', () => {
    expect(rejectReason({ ...good, high: 999_999 }, 'daily', isSession)).toBeNull();
  });

  it.each([
    [{ open: 9e11, high: 9e11, low: 9e11, close: 9e11 }, 'open is above 100000000'],
    [{ high: 9e11 }, 'high is above 100000000'],
    [{ volume: 1e16 }, 'volume is above 1e15'],
    [{ vwap: 1e308 }, 'vwap is beyond 100000000'],
    [{ vwap: Number.NaN }, 'vwap is not a finite number'],
  ])('is refused for what no share ever was: %j', (values, reason) => {
    expect(rejectReason({ ...good, ...values }, 'daily', isSession)).toBe(reason);
  });

  it('of an hour is stored when it starts on an hour from 04:00 to 19:00 New York, in summer and winter', () => {
    const hours = Array.from({ length: 24 }, (_, hour) => hour);
    for (const session of ['2025-01-10', '2025-07-10', '2025-03-10', '2025-11-03']) {
      const kept = hours.filter((hour) => {
        const bar = { ...good, session, startsAt: newYorkInstant(session, hour) };
        return rejectReason(bar, 'hourly', isSession) === null;
      });
      expect(kept).toEqual(hours.slice(4, 20));
    }
  });

  it.each([
    ['03:59:59.999', -1],
    ['04:00:00.001', 1],
    ['04:30', 1_800_000],
    ['20:00', 16 * 3_600_000],
    ['00:00', -4 * 3_600_000],
  ])('of an hour is rejected when it starts at %s', (_, afterFour) => {
    const startsAt = newYorkInstant('2025-01-10', 4) + afterFour;
    expect(rejectReason({ ...good, startsAt }, 'hourly', isSession)).toBe(
      'does not start on an hour from 04:00 to 19:00 New York',
    );
  });
});
