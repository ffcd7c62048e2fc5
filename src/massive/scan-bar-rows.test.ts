import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scanBarRows } from './scan-bar-rows.ts';

const scan = (json: string) => scanBarRows(Buffer.from(json));
/** A scanned row without the keys it did not have. */
const plain = (rows: readonly object[] | null) => rows && JSON.parse(JSON.stringify(rows));

const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.double({ min: 0.0001, max: 1e6, noNaN: true }).map((value) => +value.toFixed(4)),
  fc.nat(),
  fc.integer(),
  fc.double({ min: 0, max: 1e12, noNaN: true }),
);
const spelled = number.chain((value) =>
  fc.constantFrom(JSON.stringify(value), value.toExponential(), value.toExponential().replace('e', 'E')),
);

describe('scanning rows of bars', () => {
  it('gives every number exactly as JSON.parse does', () => {
    fc.assert(
      fc.property(spelled, (text) => {
        const row = `{"v":${text},"t":1}`;
        expect(scan(row)?.[0]?.v).toBe(JSON.parse(row).v);
      }),
      { numRuns: 3000 },
    );
  });

  it('gives rows as JSON.parse does, whichever keys are there', () => {
    const row = fc.record(
      {
        T: fc.constantFrom('AAPL', 'BRK.B', 'BCpC'),
        o: number,
        h: number,
        l: number,
        c: number,
        v: number,
        vw: number,
        n: fc.nat(),
        t: fc.nat(),
      },
      { requiredKeys: ['t'] },
    );
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 5 }), (rows) => {
        const json = JSON.stringify(rows);
        expect(plain(scan(json.slice(1, -1)))).toEqual(JSON.parse(json));
      }),
    );
  });

  it('keeps the exponent and fraction of a volume', () => {
    expect(scan('{"v":1.12117471e+08},{"v":9099.618093}')?.map((row) => row.v)).toEqual([
      112_117_471, 9099.618093,
    ]);
  });

  it.each([
    ['a null', '{"v":null}'],
    ['a string where a number is due', '{"v":"1"}'],
    ['a boolean', '{"otc":true}'],
    ['a nested object', '{"v":{"t":1}}'],
    ['an unknown key', '{"x":1}'],
    ['a key with an escape', '{"\\u0076":1}'],
    ['white space', '{"v": 1}'],
    ['a leading zero', '{"v":01}'],
    ['a point without digits', '{"v":1.}'],
    ['an exponent without digits', '{"v":1e}'],
    ['a plus sign', '{"v":+1}'],
    ['an escape in a ticker', '{"T":"A\\"B"}'],
    ['a letter beyond ASCII in a ticker', '{"T":"Ä"}'],
    ['a trailing comma', '{"v":1},'],
    ['a row cut off', '{"v":1},{"v":2'],
    ['text after the row', '{"v":1}]'],
    ['no row', ''],
    ['an endless number', `{"v":${'1'.repeat(60)}}`],
  ])('leaves %s to JSON.parse', (_what, json) => {
    expect(scan(json)).toBeNull();
  });
});
