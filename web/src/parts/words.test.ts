import { describe, expect, it } from 'vitest';
import type { Market } from '../api/types.ts';
import { words } from './words.ts';

const session = {
  date: '2026-01-06',
  opens_at: '2026-01-06T14:30:00.000Z',
  closes_at: '2026-01-06T21:00:00.000Z',
  early_close: false,
};
const next = {
  ...session,
  date: '2026-01-07',
  opens_at: '2026-01-07T14:30:00.000Z',
  closes_at: '2026-01-07T18:00:00.000Z',
  early_close: true,
};
const at = (now: string, today: Market['session'] = session): Market =>
  ({ now, session: today, next_session: next }) as Market;

describe('the next bell', () => {
  it('is the opening of today’s session before it, its close during it, and the next opening after it', () => {
    expect(words.nextBell(at('2026-01-06T12:00:00Z'))).toBe(
      'today’s session opens Tue, Jan 6, 9:30 AM New York',
    );
    expect(words.nextBell(at('2026-01-06T14:30:00Z'))).toBe('it closes Tue, Jan 6, 4:00 PM New York');
    expect(words.nextBell(at('2026-01-06T21:00:00Z'))).toBe(
      'the next session opens Wed, Jan 7, 9:30 AM New York and closes early',
    );
    expect(words.nextBell(at('2026-01-06T12:00:00Z', null))).toMatch(/^the next session opens Wed/);
  });
});

describe('the end of a run', () => {
  const end = '2026-01-06T12:00:00Z';
  it('is told with the time that is left, and without one once it is late', () => {
    expect(words.eta(end, Date.parse(end) - 90_000)).toMatch(/^2 min, at\s\d/);
    expect(words.eta(end, Date.parse(end) + 1)).toMatch(/^later than\s\d/);
  });
});

it('a percentage is cut, not rounded', () => {
  expect([99.99, 66.67, 0, 100].map(words.percent)).toEqual(['99.9 %', '66.6 %', '0.0 %', '100.0 %']);
});
