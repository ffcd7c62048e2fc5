/** Writes one row's fields in PostgreSQL's binary COPY format (PostgreSQL manual, "COPY, Binary Format"). */
export interface RowEncoder {
  text(value: string): void;
  /** Days since 1970-01-01. */
  date(day: number): void;
  /** Milliseconds since the epoch. */
  timestamp(instant: number): void;
  double(value: number | null): void;
  integer(value: number | null): void;
  boolean(value: boolean): void;
}

const HEADER = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const NULL_FIELD = -1;
const END_OF_ROWS = -1;
// PostgreSQL counts from 2000-01-01.
const EPOCH_DAY = 10_957;
const EPOCH_MS = EPOCH_DAY * 86_400_000;
const CHUNK_BYTES = 128 * 1024;
/** What the fixed fields of a row may take beyond a full chunk. */
const SLACK_BYTES = 4096;

/**
 * Rows as the chunks of a binary COPY, header and trailer included; `encode` writes the fields of one.
 * A chunk is made when it is asked for, so the server works while the next is encoded.
 */
export function* encodeRows<Row>(
  rows: Iterable<Row>,
  fields: number,
  encode: (row: Row, to: RowEncoder) => void,
): Generator<Buffer> {
  const chunk = createChunk();
  chunk.bytes(HEADER);
  for (const row of rows) {
    chunk.int16(fields);
    encode(row, chunk.encoder);
    if (chunk.isFull()) yield chunk.take();
  }
  chunk.int16(END_OF_ROWS);
  yield chunk.take();
}

interface Chunk {
  readonly encoder: RowEncoder;
  bytes(value: Buffer): void;
  int16(value: number): void;
  isFull(): boolean;
  /** What was written since the last time. */
  take(): Buffer;
}

function createChunk(): Chunk {
  let buffer: Buffer;
  let view: DataView;
  let end = 0;
  const allocate = (size: number): void => {
    buffer = Buffer.allocUnsafeSlow(size);
    view = new DataView(buffer.buffer, buffer.byteOffset, size);
  };
  allocate(CHUNK_BYTES + SLACK_BYTES);

  /** Writes the field's length and moves on; returns where its value goes. */
  const field = (bytes: number): number => {
    view.setInt32(end, bytes);
    const at = end + 4;
    end = at + bytes;
    return at;
  };
  const nothing = (): void => {
    view.setInt32(end, NULL_FIELD);
    end += 4;
  };

  const encoder: RowEncoder = {
    text(value) {
      // A UTF-16 unit takes three bytes at most.
      const most = value.length * 3;
      if (end + most + SLACK_BYTES > buffer.length) {
        const written = buffer.subarray(0, end);
        allocate(end + most + CHUNK_BYTES + SLACK_BYTES);
        written.copy(buffer);
      }
      field(buffer.write(value, end + 4, 'utf8'));
    },
    date(day) {
      view.setInt32(field(4), day - EPOCH_DAY);
    },
    timestamp(instant) {
      // Microseconds in two halves: exact in doubles, and faster than BigInt.
      const micros = (instant - EPOCH_MS) * 1000;
      const high = Math.floor(micros / 2 ** 32);
      const at = field(8);
      view.setInt32(at, high);
      view.setUint32(at + 4, micros - high * 2 ** 32);
    },
    double(value) {
      if (value === null) return nothing();
      // -0 equals 0 to every reader but would differ in a digest of the bytes.
      view.setFloat64(field(8), value === 0 ? 0 : value);
    },
    integer(value) {
      if (value === null) return nothing();
      view.setInt32(field(4), value);
    },
    boolean(value) {
      view.setUint8(field(1), value ? 1 : 0);
    },
  };

  return {
    encoder,
    bytes(value) {
      end += value.copy(buffer, end);
    },
    int16(value) {
      view.setInt16(end, value);
      end += 2;
    },
    isFull: () => end >= CHUNK_BYTES,
    take() {
      const taken = buffer.subarray(0, end);
      allocate(CHUNK_BYTES + SLACK_BYTES);
      end = 0;
      return taken;
    },
  };
}
