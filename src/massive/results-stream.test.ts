import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VendorFailure } from './failure.ts';
import { readResults } from './results-stream.ts';
import { scanBarRows } from './scan-bar-rows.ts';

async function* inPieces(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function* endless(): AsyncGenerator<Buffer> {
  yield Buffer.from('{"results":[{"a":"');
  for (;;) yield Buffer.alloc(1024 * 1024, 'x');
}

async function read(text: string, size = 7, scan?: typeof scanBarRows) {
  const rows: unknown[] = [];
  const pieces: number[] = [];
  const onRows = (some: readonly unknown[]): void => {
    rows.push(...some);
    pieces.push(some.length);
  };
  const result = await readResults(inPieces(text, size), scan ? { onRows, scan } : { onRows });
  return { ...result, rows, pieces };
}

const bars = Array.from({ length: 50 }, (_, i) => ({
  v: i + 0.5,
  vw: 1.5,
  o: 1,
  c: 2,
  h: 3,
  l: 0.5,
  t: 1e12 + i,
  n: i,
}));
const answer = {
  ticker: 'A',
  resultsCount: 50,
  results: bars,
  status: 'OK',
  next_url: 'http://x/y?z=[{},{}]',
};

describe('reading results in pieces', () => {
  it('hands rows on while the body is still arriving', async () => {
    const { pieces, rows } = await read(JSON.stringify(answer), 300, scanBarRows);
    expect(rows).toHaveLength(50);
    expect(pieces.length).toBeGreaterThan(10);
  });

  it('gives the same rows and envelope wherever the body is cut', async () => {
    const awkward = [{ a: 'x},{y', b: '"results":[' }, { a: { b: [{ c: 1 }, { c: '}]' }] } }, {}, { é: '€' }];
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 400 }),
        fc.constantFrom(bars, awkward, []),
        async (size, results) => {
          const whole = { head: { a: 1 }, results, tail: [{ b: 2 }, { b: 3 }], count: results.length };
          const scanned = await read(JSON.stringify(whole), size, scanBarRows);
          expect(scanned.rows.map((row) => JSON.parse(JSON.stringify(row)))).toEqual(results);
          expect(scanned.envelope).toEqual({ ...whole, results: [] });
          expect(scanned.rowCount).toBe(results.length);
        },
      ),
    );
  });

  it('reads answers that are pretty-printed', async () => {
    const { rows } = await read(JSON.stringify(answer, null, 2), 64, scanBarRows);
    expect(rows).toEqual(bars);
  });

  it('gives no rows when results are absent, null or one object', async () => {
    for (const body of ['{"status":"OK"}', '{"results":null}', '{"results":{"ticker":"A"}}']) {
      const { rowCount, envelope } = await read(body);
      expect(rowCount).toBe(0);
      expect(envelope).toEqual(JSON.parse(body));
    }
  });

  it.each([
    ['a body cut off within a row', JSON.stringify(answer).slice(0, 900)],
    [
      'a body cut off right after a row',
      JSON.stringify(answer).slice(0, JSON.stringify(answer).indexOf('},') + 2),
    ],
    ['a body cut off after the rows', JSON.stringify(answer).slice(0, -1)],
    ['two answers in one', '{"results":[]}{"results":[]}'],
    ['HTML', '<html><body>502 Bad Gateway</body></html>'],
    ['a bare array', '[{"a":1},{"a":2}]'],
    ['nothing', ''],
  ])('refuses %s', async (_what, body) => {
    await expect(read(body)).rejects.toThrow(VendorFailure);
  });

  it('takes rows nested elsewhere for no results', async () => {
    const nested = `{"data":{"results":[${'{"a":1},'.repeat(20)}{"a":2}]}}`;
    await expect(read(nested)).rejects.toThrow(VendorFailure);
  });

  it('gives up on text without rows long before memory does', async () => {
    await expect(readResults(endless(), { onRows() {} })).rejects.toMatchObject({
      failure: { kind: 'unusable', problem: 'an answer too large to be one page' },
    });
  });
});
