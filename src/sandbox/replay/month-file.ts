import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { usageError } from '../../errors.ts';
import { isIsoDate } from '../../market/date.ts';
import { type BarColumns, appendBar } from '../bar-columns.ts';
import { midnightOf, sessionDates, sessionFrom, sessionUpTo } from '../sessions.ts';
import { readNumbers } from './csv-numbers.ts';

/** The day bars of many symbols over one month, where there was a trade. */
export interface MonthBars {
  /** The month's sessions, inclusive. */
  readonly firstSession: number;
  readonly lastSession: number;
  /** In code unit order. */
  readonly symbols: readonly string[];
  /** Open, high, low, close and volume, by session and then by symbol; a volume of 0 where there is no bar. */
  readonly values: Float64Array;
}

const header = 'symbol,date,open,high,low,close,volume';
/** `A,2016-01-05,1,1,1,1,1` and a line feed. */
const shortestRow = 24;
const comma = 44;
const lineFeed = 10;

/**
 * Reads a `.csv.gz` of one month, its rows sorted by symbol and date. Rows on a day that is no session are left out.
 * @param month `YYYY-MM`
 * @throws AppError CONFIG_INVALID naming file and line.
 */
export function readMonthFile(path: string, month: string): MonthBars {
  const bytes = contentOf(path);
  const firstSession = sessionFrom(`${month}-01`);
  const lastSession = sessionUpTo(lastDateOf(month));
  const sessionByDay = new Int32Array(32).fill(-1);
  for (let session = firstSession; session <= lastSession; session++) {
    sessionByDay[Number(sessionDates[session]!.slice(8))] = session;
  }
  let at = bytes.indexOf(lineFeed) + 1;
  if (bytes.toString('latin1', 0, at).trimEnd() !== header) {
    throw usageError(`Cannot replay ${path}: its first line is not ${header}.`);
  }
  const rows = createRows(Math.ceil(bytes.length / shortestRow));
  const symbols: string[] = [];
  let symbolBytes = bytes.subarray(0, 0);
  let latest = 0;
  for (let line = 2; at < bytes.length; line++) {
    const start = at;
    let end = start;
    while (end < bytes.length && bytes[end] !== comma) end++;
    const isSame = end - start === symbolBytes.length && startsWith(bytes, start, symbolBytes);
    const day = dayWithin(bytes, end + 1, month);
    at = day === 0 || bytes[end + 11] !== comma ? -1 : readNumbers(bytes, end + 12, rows.read);
    if (!isSame) {
      symbolBytes = bytes.subarray(start, end);
      const symbol = symbolBytes.toString('utf8');
      if (symbol <= (symbols.at(-1) ?? '')) at = -1;
      symbols.push(symbol);
      latest = 0;
    }
    if (at === -1 || day <= latest) {
      const text = bytes.toString('utf8', start, start + 100).split(/\r?\n/, 1)[0];
      throw usageError(
        `Cannot replay ${path}: line ${line} is not a bar of ${month} later, by symbol and date, than the one before it: ${text}.`,
      );
    }
    latest = day;
    if (sessionByDay[day] !== -1) rows.keep(symbols.length - 1, sessionByDay[day]! - firstSession);
  }
  return {
    firstSession,
    lastSession,
    symbols,
    values: rows.laidOut(symbols.length, lastSession - firstSession + 1),
  };
}

/** Appends a symbol's bar of a session of the month, if there is one; `number` is its place in `symbols`. */
export function appendMonthBar(month: MonthBars, number: number, session: number, bars: BarColumns): void {
  const { values } = month;
  const at = cellOf(number, session - month.firstSession, month.symbols.length);
  const volume = values[at + 4]!;
  if (volume <= 0) return;
  appendBar(
    bars,
    midnightOf(session),
    values[at]!,
    values[at + 1]!,
    values[at + 2]!,
    values[at + 3]!,
    volume,
    1,
  );
}

/** The first and the last session of a symbol with a bar; null when it has none. */
export function tradedIn(month: MonthBars, number: number): { first: number; last: number } | null {
  let first = -1;
  let last = -1;
  for (let session = month.firstSession; session <= month.lastSession; session++) {
    if (month.values[cellOf(number, session - month.firstSession, month.symbols.length) + 4]! <= 0) continue;
    if (first === -1) first = session;
    last = session;
  }
  return first === -1 ? null : { first, last };
}

const fields = 5;

const cellOf = (number: number, session: number, symbols: number): number =>
  (session * symbols + number) * fields;

interface Rows {
  /** The numbers of the row read last. */
  readonly read: Float64Array;
  /** Keeps them for a symbol's number and a session, counted from the month's first. */
  keep(number: number, session: number): void;
  laidOut(symbols: number, sessions: number): Float64Array;
}

/** Rows in the order of a file: only at its end is known how many symbols share a session. */
function createRows(room: number): Rows {
  const read = new Float64Array(fields);
  const values = new Float64Array(room * fields);
  const numbers = new Int32Array(room);
  const sessions = new Uint8Array(room);
  let kept = 0;
  return {
    read,
    keep(number, session) {
      for (let field = 0; field < fields; field++) values[kept * fields + field] = read[field]!;
      numbers[kept] = number;
      sessions[kept++] = session;
    },
    laidOut(symbolCount, sessionCount) {
      const out = new Float64Array(symbolCount * sessionCount * fields);
      for (let row = 0; row < kept; row++) {
        const at = cellOf(numbers[row]!, sessions[row]!, symbolCount);
        for (let field = 0; field < fields; field++) out[at + field] = values[row * fields + field]!;
      }
      return out;
    },
  };
}

function startsWith(bytes: Buffer, at: number, part: Buffer): boolean {
  for (let place = 0; place < part.length; place++) {
    if (bytes[at + place] !== part[place]) return false;
  }
  return true;
}

/** The day of the month of the date at a place; 0 when it is none of that month. */
function dayWithin(bytes: Buffer, at: number, month: string): number {
  for (let place = 0; place < month.length; place++) {
    if (bytes[at + place] !== month.charCodeAt(place)) return 0;
  }
  const day = (bytes[at + 8]! - 48) * 10 + bytes[at + 9]! - 48;
  return day >= 1 && day <= 31 ? day : 0;
}

function lastDateOf(month: string): string {
  for (let day = 31; ; day--) {
    const date = `${month}-${day}`;
    if (isIsoDate(date)) return date;
  }
}

function contentOf(path: string): Buffer {
  try {
    return gunzipSync(readFileSync(path));
  } catch (error) {
    throw usageError(`Cannot replay ${path}: ${error instanceof Error ? error.message : String(error)}.`);
  }
}
