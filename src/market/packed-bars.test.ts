import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Bar } from './bar.ts';
import { packBars } from './packed-bars.ts';

const number = fc.double({ noNaN: true });
const bar = fc.record({
  symbol: fc.constant('BCpC'),
  session: fc.constantFrom('2026-03-06', '2026-03-09'),
  startsAt: fc.integer({ min: 0, max: 2e12 }),
  open: number,
  high: number,
  low: number,
  close: number,
  volume: number,
  vwap: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
  trades: fc.option(fc.nat()),
}) satisfies fc.Arbitrary<Bar>;

describe('packed bars', () => {
  it('come out as they went in, as often as they are asked for', () => {
    fc.assert(
      fc.property(fc.array(bar), (bars) => {
        const packed = packBars(bars);
        expect(packed.length).toBe(bars.length);
        expect([...packed]).toEqual(bars);
        expect([...packed]).toEqual(bars);
      }),
    );
  });
});
