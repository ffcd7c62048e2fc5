import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RowEncoder, encodeRows } from './binary-copy.ts';

// Header and trailer as the PostgreSQL manual gives them: "COPY", "Binary Format".
const unspaced = (hex: string): string => hex.replaceAll(' ', '');
const header = unspaced('5047434f50590aff0d0a00 00000000 00000000');
const trailer = 'ffff';

/** What lies between header and trailer. */
function body(chunks: Iterable<Buffer>): Buffer {
  const bytes = Buffer.concat([...chunks]);
  const end = bytes.length - trailer.length / 2;
  expect(bytes.subarray(0, header.length / 2).toString('hex')).toBe(header);
  expect(bytes.subarray(end).toString('hex')).toBe(trailer);
  return bytes.subarray(header.length / 2, end);
}

/** The bytes of one field, its length included, in a row of its own. */
function field(write: (to: RowEncoder) => void): Buffer {
  const row = body(encodeRows([null], 1, (_, to) => write(to)));
  expect(row.readInt16BE(0)).toBe(1);
  return row.subarray(2);
}

const fieldHex = (write: (to: RowEncoder) => void): string => field(write).toString('hex');

describe('binary COPY', () => {
  it('of no rows is header and trailer', () => {
    expect(body(encodeRows([], 3, () => {}))).toHaveLength(0);
  });

  it('writes a row as its number of fields, each field as its length and bytes', () => {
    const row = body(
      encodeRows(['A'], 3, (symbol, to) => {
        to.text(symbol);
        to.boolean(true);
        to.integer(-2);
      }),
    );
    expect(row.toString('hex')).toBe(unspaced('0003 00000001 41 00000001 01 00000004 fffffffe'));
  });

  it('writes null as length -1', () => {
    expect(fieldHex((to) => to.double(null))).toBe('ffffffff');
    expect(fieldHex((to) => to.integer(null))).toBe('ffffffff');
  });

  it('counts the bytes of text, not its letters', () => {
    expect(fieldHex((to) => to.text('é€😀'))).toBe(unspaced('00000009 c3a9 e282ac f09f9880'));
    expect(fieldHex((to) => to.text(''))).toBe('00000000');
  });

  it.each([
    [10_957, '00000000', '2000-01-01'],
    [10_956, 'ffffffff', '1999-12-31'],
    [0, 'ffffd533', '1970-01-01'],
  ])('counts day %i from 2000-01-01 (%s, %s)', (day, bytes) => {
    expect(fieldHex((to) => to.date(day))).toBe(`00000004${bytes}`);
  });

  it('counts instants in microseconds from 2000, before it too', () => {
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(1970, 0), max: Date.UTC(2200, 0) }), (instant) => {
        const bytes = field((to) => to.timestamp(instant));
        expect(bytes.readInt32BE(0)).toBe(8);
        expect(bytes.readBigInt64BE(4)).toBe((BigInt(instant) - BigInt(Date.UTC(2000, 0))) * 1000n);
      }),
    );
  });

  it('keeps every double bit for bit, -0 as 0', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (value) => {
        const bytes = field((to) => to.double(value));
        expect(bytes.readInt32BE(0)).toBe(8);
        expect(bytes.readDoubleBE(4)).toBe(value === 0 ? 0 : value);
      }),
    );
  });

  it('gives many rows in chunks, each when it is asked for, and loses no byte between them', () => {
    let encoded = 0;
    const rows = Array.from({ length: 50_000 }, (_, index) => index);
    const chunks = encodeRows(rows, 2, (row, to) => {
      to.text('€'.repeat(row % 40));
      to.integer(row);
      encoded += 1;
    });
    const first = chunks.next();
    expect(encoded).toBeLessThan(rows.length / 10);

    const bytes = body([first.value as Buffer, ...chunks]);
    const decoded: number[] = [];
    let at = 0;
    while (at < bytes.length) {
      at += 2 + 4 + bytes.readInt32BE(at + 2);
      decoded.push(bytes.readInt32BE(at + 4));
      at += 8;
    }
    expect(decoded).toEqual(rows);
    expect(at).toBe(bytes.length);
  });

  it('takes a text longer than a chunk', () => {
    const long = '€'.repeat(200_000);
    const rows = body(
      encodeRows(['A', long, 'B'], 2, (text, to) => {
        to.text(text);
        to.boolean(false);
      }),
    );
    const row = (text: string): Buffer => {
      const bytes = Buffer.from(text);
      const [count, size, last] = [Buffer.alloc(2), Buffer.alloc(4), Buffer.from('0000000100', 'hex')];
      count.writeInt16BE(2);
      size.writeInt32BE(bytes.length);
      return Buffer.concat([count, size, bytes, last]);
    };
    expect(rows.equals(Buffer.concat([row('A'), row(long), row('B')]))).toBe(true);
  });
});
