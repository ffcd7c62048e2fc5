import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appendBar, createBars } from './bar-columns.ts';
import { goFloat, printBars } from './bar-json.ts';

function printed(price: number, volume: number): string {
  const bars = createBars(1);
  appendBar(bars, 1672722000000, price, price, price, price, volume, 1);
  return printBars(bars).toString();
}

describe('printed bars', () => {
  it.each([
    // From a recorded answer.
    [112117471, '1.12117471e+08'],
    [89100633, '8.9100633e+07'],
    // Go's shortest form: an exponent from a million on, no trailing zeros.
    [1e6, '1e+06'],
    [1234567.5, '1.2345675e+06'],
    [10000000.000001, '1.0000000000001e+07'],
    [999999, '999999'],
    [999999.25, '999999.25'],
    [9099.618093, '9099.618093'],
    [0, '0'],
    [0.5, '0.5'],
    [123456789012, '1.23456789012e+11'],
    [1e22, '1e+22'],
  ])('print a volume of %d as %s', (volume, text) => {
    expect(printed(1, volume)).toContain(`{"v":${text},"o":`);
  });

  it.each([
    [130.28, '130.28'],
    [128.6557, '128.6557'],
    [5, '5'],
    [0.0003, '0.0003'],
    [99999.9999, '99999.9999'],
    [745123.5, '745123.5'],
    [1234567.25, '1.23456725e+06'],
    [1.23456789, '1.23456789'],
  ])('print a price of %d as %s', (price, text) => {
    expect(printed(price, 1)).toBe(
      `{"v":1,"o":${text},"c":${text},"h":${text},"l":${text},"t":1672722000000}`,
    );
  });

  it('read back as what they were', () => {
    const prices = fc.integer({ min: 1, max: 999_999_999 }).map((parts) => parts / 1e4);
    const volumes = fc.oneof(
      fc.integer({ min: 0, max: 1e9 }),
      fc.integer({ min: 0, max: 1e15 }).map((millionths) => millionths / 1e6),
    );
    fc.assert(
      fc.property(prices, volumes, (price, volume) => {
        expect(JSON.parse(printed(price, volume))).toEqual({
          v: volume,
          o: price,
          c: price,
          h: price,
          l: price,
          t: 1672722000000,
        });
      }),
    );
  });

  it('name their ticker first, and the average and the trades where there are any', () => {
    const bars = createBars(1);
    for (const at of [0, 1]) appendBar(bars, at, 1, 2, 0.5, 1.5, 10, 1);
    bars.vwap[1] = 1.23456;
    bars.trades[1] = 7;
    expect(printBars(bars, ['A', 'BCpC']).toString()).toBe(
      '{"T":"A","v":10,"o":1,"c":1.5,"h":2,"l":0.5,"t":0},' +
        '{"T":"BCpC","v":10,"vw":1.2346,"o":1,"c":1.5,"h":2,"l":0.5,"t":1,"n":7}',
    );
  });

  it.each(['BRK.B', 'ABR$D', 'A"B', 'A\\B', 'Ä€', 'A\u0001'])('name the ticker %j as JSON does', (ticker) => {
    const bars = createBars(1);
    appendBar(bars, 0, 1, 1, 1, 1, 1, 1);
    expect(JSON.parse(printBars(bars, [ticker]).toString())).toMatchObject({ T: ticker, v: 1 });
  });
});

it('floats of every size have the exponent of at least two digits that Go gives them', () => {
  expect([1e6, 2.5e100, 12].map(goFloat)).toEqual(['1e+06', '2.5e+100', '12']);
});
