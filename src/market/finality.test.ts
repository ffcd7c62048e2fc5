import { describe, expect, it } from 'vitest';
import { nextSession, sessionHours, sessionsBetween, settlesAt } from './calendar.ts';
import type { IsoDate } from './date.ts';
import { finalThrough, latestSettledSession } from './finality.ts';

const isFinal = (session: IsoDate, answeredAt: number): boolean => session <= finalThrough(answeredAt);

describe('an answer', () => {
  it.each([
    ['during the session', '2025-01-07T20:00:00Z', false],
    ['after 20:00 New York, before the next session', '2025-01-08T02:00:00Z', false],
    ["just before the next session's close", '2025-01-08T20:59:59Z', false],
    ["at the next session's close", '2025-01-08T21:00:00Z', true],
    ['a week later', '2025-01-14T21:00:00Z', true],
  ])('on Tuesday 7 January 2025, received %s, is final: %s %s', (_when, answeredAt, final) => {
    expect(isFinal('2025-01-07', Date.parse(answeredAt))).toBe(final);
  });

  it('on a session before a closure waits for the session after it', () => {
    expect(isFinal('2025-01-08', Date.parse('2025-01-09T22:00:00Z'))).toBe(false);
    expect(isFinal('2025-01-08', Date.parse('2025-01-10T21:00:00Z'))).toBe(true);
  });

  it('on the day before an early close is final at that early close', () => {
    expect(isFinal('2025-11-26', Date.parse('2025-11-28T17:59:59Z'))).toBe(false);
    expect(isFinal('2025-11-26', Date.parse('2025-11-28T18:00:00Z'))).toBe(true);
  });

  it("never is final before the session's own 20:00 New York", () => {
    const sessions = sessionsBetween('1990-01-01', '2030-12-30');
    expect(sessions.filter((date) => sessionHours(nextSession(date)).closesAt <= settlesAt(date))).toEqual(
      [],
    );
  });
});

describe('what the vendor owes', () => {
  it('is the session of the day once its extended hours have ended', () => {
    expect(latestSettledSession(Date.parse('2025-01-08T00:59:59Z'))).toBe('2025-01-06');
    expect(latestSettledSession(Date.parse('2025-01-08T01:00:00Z'))).toBe('2025-01-07');
  });

  it('is the last session over a weekend', () => {
    expect(latestSettledSession(Date.parse('2025-03-09T12:00:00Z'))).toBe('2025-03-07');
  });
});
