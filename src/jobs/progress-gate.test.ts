import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createProgressGate } from './run-events.ts';

it('lets through at most four a second, the first and the last included', () => {
  const gaps = fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(gaps, (waits) => {
      const gate = createProgressGate(0);
      const told = [0];
      let now = 0;
      for (const [index, wait] of waits.entries()) {
        now += wait;
        const isLast = index === waits.length - 1;
        if (!isLast && !gate.isOpen(now)) continue;
        gate.passed(now);
        told.push(now);
      }
      for (const at of told)
        expect(told.filter((other) => other >= at && other < at + 1000).length).toBeLessThan(5);
    }),
  );
});
