import { describe, expect, it } from 'vitest';
import { marketAnswer } from '../contract-daily.ts';
import { marketStatusAt } from './market.ts';

describe('the market status', () => {
  it.each([
    ['2026-11-25T08:59:59Z', 'closed', null],
    ['2026-11-25T09:00:00Z', 'pre-market', null],
    ['2026-11-25T14:30:00Z', 'open', null],
    ['2026-11-25T20:59:59Z', 'open', null],
    ['2026-11-25T21:00:00Z', 'after-hours', null],
    ['2026-11-26T01:00:00Z', 'closed', null],
    ['2026-11-26T17:00:00Z', 'closed', 'Thanksgiving Day'],
    // Closes at 13:00, and after-hours trading at 17:00.
    ['2026-11-27T18:00:00Z', 'after-hours', null],
    ['2026-11-27T22:00:00Z', 'closed', null],
    ['2026-11-28T15:00:00Z', 'closed', 'weekend'],
    // The first session after the clocks were set forward.
    ['2026-03-09T13:30:00Z', 'open', null],
  ])('at %s is %s', (now, phase, reason) => {
    const status = marketStatusAt(Date.parse(now));
    expect(marketAnswer.parse(status)).toEqual(status);
    expect([status.phase, status.closed_because]).toEqual([phase, reason]);
  });

  it('names the next session and the last one that closed', () => {
    expect(marketStatusAt(Date.parse('2026-11-26T17:00:00Z'))).toMatchObject({
      session: null,
      last_session: '2026-11-25',
      next_session: {
        date: '2026-11-27',
        opens_at: '2026-11-27T14:30:00Z',
        closes_at: '2026-11-27T18:00:00Z',
        early_close: true,
      },
    });
  });
});
