import { unusable } from './failure.ts';

const resultsStart = /"results"\s*:\s*\[/;
/** Every known envelope opens its results within its first few hundred bytes, or is small. */
const longestHead = 256 * 1024;
/** Bytes kept when rows cannot be cut off as they come. */
const longestHeld = 16 * 1024 * 1024;

/** Twice what the largest page of ours has; repeated rows have been seen. */
const mostRows = 100_000;

/** The answer around its rows. */
export interface Envelope {
  /** The top-level object; an array under `results` is emptied, its rows were handed on. */
  readonly envelope: Readonly<Record<string, unknown>>;
  /** How many rows `results` had; 0 when it was absent, null or not an array. */
  readonly rowCount: number;
}

export interface RowReader {
  /** Rows in the order they came. */
  onRows(rows: readonly unknown[]): void;
  /** More rows than this make an answer unusable. */
  readonly mostRows?: number;
  /** A faster way to parse rows separated by commas; null leaves them to JSON.parse. */
  scan?(json: Buffer): readonly unknown[] | null;
}

/**
 * Parses `{…, "results": [row, …], …}` in pieces as they arrive, handing on rows in order.
 * A piece is cut where an object ends and counts only when it parses by itself, so nothing
 * inside a string or a nested object can be taken for a boundary; what cannot be cut is parsed at the end.
 * @throws VendorFailure unusable for a body that is not one JSON object.
 */
export async function readResults(body: AsyncIterable<Buffer>, reader: RowReader): Promise<Envelope> {
  let head: Buffer | null = null;
  let held: Buffer[] = [];
  let heldBytes = 0;
  let cutting = true;
  let rowCount = 0;
  const handOn = (rows: readonly unknown[]): void => {
    rowCount += rows.length;
    if (rowCount > (reader.mostRows ?? mostRows)) throw unusable('more rows than a page can have');
    reader.onRows(rows);
  };
  const hold = (bytes: Buffer): void => {
    held = [bytes];
    heldBytes = bytes.length;
  };

  for await (const chunk of body) {
    held.push(chunk);
    heldBytes += chunk.length;
    if (heldBytes > longestHeld) throw unusable('an answer too large to be one page');
    if (!cutting) continue;
    hold(Buffer.concat(held));
    if (head === null) {
      const start = resultsStart.exec(held[0]!.toString('latin1'));
      if (start === null) {
        cutting = heldBytes <= longestHead;
        continue;
      }
      const rowsAt = start.index + start[0].length;
      head = held[0]!.subarray(0, rowsAt);
      hold(held[0]!.subarray(rowsAt));
    }
    const end = held[0]!.lastIndexOf('},');
    if (end < 0) continue;
    const rows = parseRows(held[0]!.subarray(0, end + 1), reader);
    cutting = rows !== null;
    if (rows === null) continue;
    handOn(rows);
    hold(held[0]!.subarray(end + 2));
  }

  const envelope = parse(Buffer.concat([head ?? Buffer.alloc(0), ...held]).toString());
  if (!isObject(envelope)) throw unusable('a body that is not complete JSON');
  const rest = envelope['results'];
  if (Array.isArray(rest)) handOn(rest);
  // A cut leaves a row behind, so the array that rows were cut from cannot have vanished.
  else if (rowCount > 0) throw unusable('rows outside of its results');
  return { envelope: Array.isArray(rest) ? { ...envelope, results: [] } : envelope, rowCount };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parseRows(json: Buffer, reader: RowReader): readonly unknown[] | null {
  const rows = reader.scan?.(json) ?? parse(`[${json.toString()}]`);
  return Array.isArray(rows) ? rows : null;
}

/** The value, or undefined for what is not JSON: the parser's message quotes the body, which may quote the key. */
function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
