import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sessionsBetween } from '../../../src/market/calendar.ts';
import { ticksOf } from './axis.ts';

const sessions = sessionsBetween('2014-01-02', '2024-01-05');
const of = (from: string, to: string): [number, number] => [
  sessions.findIndex((session) => session >= from),
  sessions.findLastIndex((session) => session <= to),
];
const names = (range: [number, number], scale: number): string =>
  ticksOf(sessions, range, scale, 50)
    .map(({ name, session }) => `${sessions[session]} ${name}`)
    .join(', ');

describe('the axis of sessions', () => {
  it('names years, months or days, whichever have room', () => {
    expect(names(of('2021-06-01', '2024-01-05'), 0.3)).toBe(
      '2022-01-03 2022, 2023-01-03 2023, 2024-01-02 2024',
    );
    expect(names(of('2023-09-15', '2024-01-05'), 3)).toBe(
      '2023-10-02 Oct, 2023-11-01 Nov, 2023-12-01 Dec, 2024-01-02 2024',
    );
    expect(names(of('2023-12-28', '2024-01-03'), 80)).toBe(
      '2023-12-28 Dec 28, 2023-12-29 Dec 29, 2024-01-02 Jan 2, 2024-01-03 Jan 3',
    );
  });

  it('never has two names too near each other', () => {
    fc.assert(
      fc.property(
        fc.nat(sessions.length - 1),
        fc.nat(sessions.length - 1),
        fc.double({ min: 0.02, max: 200, noNaN: true }),
        (a, b, scale) => {
          const ticks = ticksOf(sessions, [Math.min(a, b), Math.max(a, b)], scale, 50);
          for (const [n, { session }] of ticks.entries())
            expect(n === 0 || (session - ticks[n - 1]!.session) * scale >= 50 || scale * 1260 < 50).toBe(
              true,
            );
        },
      ),
    );
  });
});
