import { describe, expect, it } from 'vitest';
import { VendorOutage } from '../errors.ts';
import { createCircuit } from './circuit.ts';

function failing(times: number, circuit: ReturnType<typeof createCircuit>, symbols = ['AAA', 'BBB']): void {
  for (let i = 0; i < times; i++) circuit.unusable('server error', symbols[i % symbols.length], 'came 503.');
}

describe('the circuit', () => {
  it('opens at the set number of useless tries in a row, saying what came', () => {
    const circuit = createCircuit({ requests: 5 }, () => 0);
    failing(4, circuit);
    circuit.check();
    expect(() => circuit.unusable('empty answer', 'CCC', 'no bars of CCC')).toThrow(
      /^Massive gave nothing usable in 5 requests in a row, over 3 symbols \(4 × server error, 1 × empty answer\); the last: no bars of CCC\. /,
    );
    expect(() => circuit.check()).toThrow(VendorOutage);
  });

  it('begins to count anew after anything usable', () => {
    const circuit = createCircuit({ requests: 5 }, () => 0);
    failing(4, circuit);
    circuit.usable();
    failing(4, circuit);
    expect(() => circuit.check()).not.toThrow();
  });

  it('is not opened by one symbol alone', () => {
    const circuit = createCircuit({ requests: 5 }, () => 0);
    failing(100, circuit, ['AAA']);
    expect(() => circuit.unusable('timed out', 'BBB', 'no answer')).toThrow(VendorOutage);
  });

  it('lets one try decide after a minute', () => {
    let now = 0;
    const circuit = createCircuit({ requests: 5 }, () => now);
    expect(() => failing(5, circuit)).toThrow(VendorOutage);
    now = 59_999;
    expect(() => circuit.check()).toThrow(VendorOutage);
    now = 60_000;
    circuit.check();
    expect(() => failing(1, circuit)).toThrow(VendorOutage);
    expect(() => circuit.check()).toThrow(VendorOutage);
    now = 120_000;
    circuit.check();
    circuit.usable();
    failing(4, circuit);
    circuit.check();
  });
});
