/** A row of the vendor's, by range and grouped; nothing about it is certain. */
export interface BarRow {
  readonly T?: unknown;
  readonly o?: unknown;
  readonly h?: unknown;
  readonly l?: unknown;
  readonly c?: unknown;
  readonly v?: unknown;
  readonly vw?: unknown;
  readonly n?: unknown;
  readonly t?: unknown;
}

const code = (character: string): number => character.charCodeAt(0);
const [QUOTE, COLON, COMMA, OPEN, CLOSE] = [code('"'), code(':'), code(','), code('{'), code('}')];
const [POINT, PLUS, MINUS, ZERO] = [code('.'), code('+'), code('-'), code('0')];
const [LOWER_E, UPPER_E] = [code('e'), code('E')];
const [T, O, H, L, C, V, N, TIME] = [...'Tohlcvnt'].map(code);
const VW = code('v') * 256 + code('w');

const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/;

/** A longer one would be cut into an invalid row, for JSON.parse to read. */
const longestNumber = 40;

// Powers of ten that are exact as doubles.
const exactPowers = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
/** Any integer of so many digits is exact as a double. */
const exactDigits = 15;

interface Cursor {
  readonly json: Buffer;
  at: number;
}

/**
 * Rows separated by commas as JSON.parse would give them, in half the time; null for anything but flat rows of
 * known keys with numbers (and a plain `T`) without white space, which JSON.parse must then judge.
 */
export function scanBarRows(json: Buffer): BarRow[] | null {
  const rows: BarRow[] = [];
  const cursor = { json, at: 0 };
  for (;;) {
    const row = scanRow(cursor);
    if (row === null) return null;
    rows.push(row);
    if (cursor.at === json.length) return rows;
    if (json[cursor.at++] !== COMMA) return null;
  }
}

function scanRow(cursor: Cursor): BarRow | null {
  const { json } = cursor;
  let symbol, o, h, l, c, v, vw, n, t;
  if (json[cursor.at++] !== OPEN) return null;
  for (;;) {
    const key = scanKey(cursor);
    if (key === T) {
      symbol = scanPlainString(cursor);
      if (symbol === null) return null;
    } else {
      const value = scanNumber(cursor);
      if (Number.isNaN(value)) return null;
      if (key === O) o = value;
      else if (key === H) h = value;
      else if (key === L) l = value;
      else if (key === C) c = value;
      else if (key === V) v = value;
      else if (key === VW) vw = value;
      else if (key === N) n = value;
      else if (key === TIME) t = value;
      else return null;
    }
    const next = json[cursor.at++]!;
    if (next === CLOSE) return { T: symbol, o, h, l, c, v, vw, n, t };
    if (next !== COMMA) return null;
  }
}

/** `"k":` or `"kk":` as one number; 0 for any other. */
function scanKey(cursor: Cursor): number {
  const { json, at } = cursor;
  if (json[at] !== QUOTE) return 0;
  const first = json[at + 1]!;
  const second = json[at + 2]!;
  if (second === QUOTE) {
    cursor.at = at + 4;
    return json[at + 3] === COLON ? first : 0;
  }
  cursor.at = at + 5;
  return json[at + 3] === QUOTE && json[at + 4] === COLON ? first * 256 + second : 0;
}

function scanPlainString(cursor: Cursor): string | null {
  const { json, at } = cursor;
  if (json[at] !== QUOTE) return null;
  const end = json.indexOf(QUOTE, at + 1);
  if (end < 0) return null;
  const text = json.toString('latin1', at + 1, end);
  if (!/^[\w.]*$/.test(text)) return null;
  cursor.at = end + 1;
  return text;
}

/** A JSON number, correctly rounded; NaN when there is none. */
function scanNumber(cursor: Cursor): number {
  const { json } = cursor;
  const start = cursor.at;
  let at = start;
  let mantissa = 0;
  let digit: number;
  while ((digit = json[at]! - ZERO) >= 0 && digit <= 9) {
    mantissa = mantissa * 10 + digit;
    at++;
  }
  let digits = at - start;
  if (digits === 0 || (digits > 1 && json[start] === ZERO)) return scanRareNumber(cursor);
  let exponent = 0;
  if (json[at] === POINT) {
    const fraction = ++at;
    while ((digit = json[at]! - ZERO) >= 0 && digit <= 9) {
      mantissa = mantissa * 10 + digit;
      at++;
    }
    if (at === fraction) return Number.NaN;
    exponent = fraction - at;
    digits += at - fraction;
  }
  const e = json[at]!;
  if (e === LOWER_E || e === UPPER_E) {
    const sign = json[++at]!;
    if (sign === PLUS || sign === MINUS) at++;
    const power = at;
    let value = 0;
    while ((digit = json[at]! - ZERO) >= 0 && digit <= 9) {
      value = value * 10 + digit;
      at++;
    }
    if (at === power) return Number.NaN;
    exponent += sign === MINUS ? -value : value;
  }
  // One operation on exact operands is correctly rounded; beyond that the engine must do it.
  if (digits > exactDigits || exponent < -22 || exponent > 22) return scanRareNumber(cursor);
  cursor.at = at;
  return exponent < 0 ? mantissa / exactPowers[-exponent]! : mantissa * exactPowers[exponent]!;
}

function scanRareNumber(cursor: Cursor): number {
  const token = jsonNumber.exec(cursor.json.toString('latin1', cursor.at, cursor.at + longestNumber))?.[0];
  if (token === undefined) return Number.NaN;
  cursor.at += token.length;
  return Number(token);
}
