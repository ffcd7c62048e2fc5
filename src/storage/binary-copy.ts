/**
 * Rows in PostgreSQL's binary COPY format (PostgreSQL manual, "COPY, Binary Format"): a growing
 * buffer that is written front to back and handed over once.
 */
export interface BinaryCopy {
  row(fields: number): void;
  text(value: string): void;
  /** Days since 1970-01-01. */
  date(day: number): void;
  /** Milliseconds since the epoch. */
  timestamp(instant: number): void;
  double(value: number | null): void;
  integer(value: number | null): void;
  boolean(value: boolean): void;
  /** The finished stream, header and trailer included. The encoder is spent. */
  finish(): Buffer;
}

const HEADER = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const NULL_FIELD = -1;
// PostgreSQL counts from 2000-01-01.
const EPOCH_DAY = 10_957;
const EPOCH_MS = EPOCH_DAY * 86_400_000;

export function createBinaryCopy(expectedBytes = 64 * 1024): BinaryCopy {
  let buffer = Buffer.allocUnsafe(expectedBytes + HEADER.length);
  let end = HEADER.copy(buffer);

  // A string's worst case is three bytes a UTF-16 unit; everything else fits in 16.
  const reserve = (bytes: number): void => {
    if (end + bytes <= buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(buffer.length * 2, end + bytes));
    buffer.copy(larger, 0, 0, end);
    buffer = larger;
  };
  const nothing = (): void => {
    end = buffer.writeInt32BE(NULL_FIELD, end);
  };

  return {
    row(fields) {
      reserve(2);
      end = buffer.writeInt16BE(fields, end);
    },
    text(value) {
      reserve(4 + value.length * 3);
      const bytes = buffer.write(value, end + 4, 'utf8');
      buffer.writeInt32BE(bytes, end);
      end += 4 + bytes;
    },
    date(day) {
      reserve(8);
      end = buffer.writeInt32BE(4, end);
      end = buffer.writeInt32BE(day - EPOCH_DAY, end);
    },
    timestamp(instant) {
      reserve(12);
      end = buffer.writeInt32BE(8, end);
      // Microseconds in two halves: exact in doubles, and faster than BigInt.
      const micros = (instant - EPOCH_MS) * 1000;
      const high = Math.floor(micros / 2 ** 32);
      end = buffer.writeInt32BE(high, end);
      end = buffer.writeUInt32BE(micros - high * 2 ** 32, end);
    },
    double(value) {
      reserve(12);
      if (value === null) return nothing();
      end = buffer.writeInt32BE(8, end);
      // -0 equals 0 to every reader but would differ in a digest of the bytes.
      end = buffer.writeDoubleBE(value === 0 ? 0 : value, end);
    },
    integer(value) {
      reserve(8);
      if (value === null) return nothing();
      end = buffer.writeInt32BE(4, end);
      end = buffer.writeInt32BE(value, end);
    },
    boolean(value) {
      reserve(5);
      end = buffer.writeInt32BE(1, end);
      end = buffer.writeUInt8(value ? 1 : 0, end);
    },
    finish() {
      reserve(2);
      end = buffer.writeInt16BE(-1, end);
      return buffer.subarray(0, end);
    },
  };
}
