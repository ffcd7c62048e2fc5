import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSession } from '../market/calendar.ts';
import { newYorkDate, newYorkOffset } from '../market/new-york.ts';
import { firingOf, isAfterHours, latestFiring, nextFirings, triggerTime } from './firing.ts';

const HOUR_MS = 3_600_000;
const wallTime = (at: number): string => new Date(at + newYorkOffset(at)).toISOString().slice(11, 16);
const at = (text: string): number => Date.parse(text);

describe('the firing of a session', () => {
  it.each([
    ['2026-11-25', '2026-11-25T21:10:00.000Z', false],
    // The day after Thanksgiving closes at 13:00.
    ['2026-11-27', '2026-11-27T18:10:00.000Z', true],
    // The last session before and the first after the clocks are set forward, and back.
    ['2026-03-06', '2026-03-06T21:10:00.000Z', false],
    ['2026-03-09', '2026-03-09T20:10:00.000Z', false],
    ['2026-10-30', '2026-10-30T20:10:00.000Z', false],
    ['2026-11-02', '2026-11-02T21:10:00.000Z', false],
  ])('%s comes ten minutes after its close: %s', (session, expected, earlyClose) => {
    const firing = firingOf(session, 10);
    expect([new Date(firing.at).toISOString(), firing.earlyClose]).toEqual([expected, earlyClose]);
  });

  it('is the same New York time on both sides of each change of the clocks', () => {
    for (const { session, at: instant, earlyClose } of nextFirings(at('2006-01-01T12:00:00Z'), 10, 5200)) {
      expect(wallTime(instant)).toBe(earlyClose ? '13:10' : '16:10');
      expect(newYorkDate(instant)).toBe(session);
    }
  });
});

describe('the latest and the next firings', () => {
  const instants = fc.integer({ min: at('2000-01-01T00:00:00Z'), max: at('2029-12-01T00:00:00Z') });
  const delays = fc.integer({ min: 0, max: 1440 });

  it('lie on both sides of now, of sessions that follow each other', () => {
    fc.assert(
      fc.property(instants, delays, (now, delay) => {
        const latest = latestFiring(now, delay);
        const [next] = nextFirings(now, delay, 1);
        expect(latest.at).toBeLessThanOrEqual(now);
        expect(next!.at).toBeGreaterThan(now);
        expect(isSession(next!.session)).toBe(true);
        expect(nextFirings(latest.at, delay, 1)).toEqual([next]);
      }),
    );
  });

  it('come in order, each once', () => {
    const sessions = nextFirings(at('2026-11-24T22:00:00Z'), 10, 4).map(({ session }) => session);
    expect(sessions).toEqual(['2026-11-25', '2026-11-27', '2026-11-30', '2026-12-01']);
  });
});

describe('the trigger time', () => {
  it.each([
    [0, '16:00'],
    [10, '16:10'],
    [270, '20:30'],
    [600, '02:00'],
  ])('of %i minutes after the close is %s', (delay, expected) => {
    expect(triggerTime(delay)).toBe(expected);
  });
});

describe('after-hours trading', () => {
  it.each([
    ['2026-11-25', 20],
    ['2026-11-27', 17],
  ])('of %s lasts until %i:00 New York', (session, hour) => {
    const { at: close } = firingOf(session, 0);
    const end = firingOf(session, 0).at + 4 * HOUR_MS;
    expect(wallTime(end)).toBe(`${hour}:00`);
    expect([close - 1, close, end - 1, end].map((now) => isAfterHours(session, now))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });
});
