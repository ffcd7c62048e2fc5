import type { BarColumns } from './bar-columns.ts';

/** Enough for any row but its ticker. */
const longestRow = 240;

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
const tickerKey = ascii('"T":');
const volumeKey = ascii('"v":');
const vwapKey = ascii(',"vw":');
const openKey = ascii(',"o":');
const closeKey = ascii(',"c":');
const highKey = ascii(',"h":');
const lowKey = ascii(',"l":');
const startKey = ascii(',"t":');
const tradesKey = ascii(',"n":');

/**
 * The rows of `results`, without the brackets, as the vendor prints them: floats in Go's shortest
 * form (1.12117471e+08), `vw` and `n` left out where absent, `T` where tickers are given. The bytes
 * are overwritten by the next call.
 */
export function printBars(bars: BarColumns, tickers?: readonly string[]): Buffer {
  // In JSON no character takes more than six bytes.
  const room = tickers?.reduce((sum, ticker) => sum + ticker.length * 6, 0) ?? 0;
  const out = scratchOf(bars.length * longestRow + room);
  const { startsAt, open, high, low, close, volume, vwap, trades } = bars;
  let at = 0;
  for (let row = 0; row < bars.length; row++) {
    if (row > 0) out[at++] = 44;
    out[at++] = 123;
    if (tickers !== undefined) at = writeTicker(out, writeBytes(out, at, tickerKey), tickers[row]!);
    at = writeVolume(out, writeBytes(out, at, volumeKey), volume[row]!);
    const average = vwap[row]!;
    if (!Number.isNaN(average)) {
      at = writePrice(out, writeBytes(out, at, vwapKey), Math.round(average * 1e4) / 1e4);
    }
    at = writePrice(out, writeBytes(out, at, openKey), open[row]!);
    at = writePrice(out, writeBytes(out, at, closeKey), close[row]!);
    at = writePrice(out, writeBytes(out, at, highKey), high[row]!);
    at = writePrice(out, writeBytes(out, at, lowKey), low[row]!);
    at = writeWhole(out, writeBytes(out, at, startKey), startsAt[row]!);
    const count = trades[row]!;
    if (!Number.isNaN(count)) at = writeWhole(out, writeBytes(out, at, tradesKey), count);
    out[at++] = 125;
  }
  return out.subarray(0, at);
}

let scratch = Buffer.alloc(0);

function scratchOf(bytes: number): Buffer {
  if (scratch.length < bytes) scratch = Buffer.alloc(bytes);
  return scratch;
}

function writeBytes(out: Uint8Array, at: number, bytes: Uint8Array): number {
  for (let byte = 0; byte < bytes.length; byte++) out[at + byte] = bytes[byte]!;
  return at + bytes.length;
}

/** A ticker in quotes, and the comma after it. */
function writeTicker(out: Uint8Array, at: number, ticker: string): number {
  let place = at;
  out[place++] = 34;
  for (let character = 0; character < ticker.length; character++) {
    const code = ticker.charCodeAt(character);
    const isPlain = code >= 32 && code < 127 && code !== 34 && code !== 92;
    if (!isPlain) return writeText(out, at, `${JSON.stringify(ticker)},`);
    out[place++] = code;
  }
  out[place++] = 34;
  out[place++] = 44;
  return place;
}

/** A float as Go prints it: shortest, with an exponent from a million on. */
export function goFloat(value: number): string {
  if (Math.abs(value) < 1e6) return String(value);
  return value.toExponential().replace(/e\+(\d)$/, 'e+0$1');
}

const writeText = (out: Uint8Array, at: number, text: string): number => writeBytes(out, at, ascii(text));

function writePrice(out: Uint8Array, at: number, price: number): number {
  const scaled = price * 1e4;
  const parts = Math.round(scaled) | 0;
  const isShort = price >= 0 && price < 1e5 && Math.abs(scaled - parts) < 1e-5;
  if (!isShort) return writeText(out, at, goFloat(price));
  const whole = (parts / 10_000) | 0;
  return writeFraction(out, writeDigits(out, at, whole), parts - whole * 10_000, 4);
}

function writeVolume(out: Uint8Array, at: number, volume: number): number {
  // Sums and ratios of fractions carry noise beyond the millionth.
  const millionths = Math.round(volume * 1e6);
  if (!(millionths >= 0 && millionths < Number.MAX_SAFE_INTEGER)) return writeText(out, at, goFloat(volume));
  const whole = Math.floor(millionths / 1e6);
  if (whole < 1e6) return writeFraction(out, writeDigits(out, at, whole), millionths - whole * 1e6, 6);
  return writeExponent(out, at, whole, millionths - whole * 1e6);
}

/** `whole` of at least a million and its millionths, as d.ddde+dd. */
function writeExponent(out: Uint8Array, at: number, whole: number, millionths: number): number {
  const end = writeWhole(out, at + 1, whole);
  const exponent = end - at - 2;
  // The first digit moves to the front of the point.
  out[at] = out[at + 1]!;
  out[at + 1] = 46;
  let last = millionths === 0 ? end : writePadded(out, end, millionths, 6);
  while (out[last - 1] === 48) last--;
  if (out[last - 1] === 46) last--;
  out[last++] = 101;
  out[last++] = 43;
  return writePadded(out, last, exponent, 2);
}

/** The point and the digits after it, without trailing zeros; nothing for 0. */
function writeFraction(out: Uint8Array, at: number, parts: number, digits: number): number {
  if (parts === 0) return at;
  out[at] = 46;
  let end = writePadded(out, at + 1, parts, digits);
  while (out[end - 1] === 48) end--;
  return end;
}

/** A whole number of up to 15 digits. */
function writeWhole(out: Uint8Array, at: number, value: number): number {
  if (value < 1e9) return writeDigits(out, at, value);
  const high = Math.floor(value / 1e6);
  return writePadded(out, writeDigits(out, at, high), value - high * 1e6, 6);
}

/** A whole number below 2^31. */
function writeDigits(out: Uint8Array, at: number, value: number): number {
  const digits = value < 10 ? 1 : value < 100 ? 2 : value < 1000 ? 3 : countDigits(value);
  return writePadded(out, at, value, digits);
}

function countDigits(value: number): number {
  let digits = 4;
  for (let limit = 10_000; value >= limit; limit *= 10) digits++;
  return digits;
}

function writePadded(out: Uint8Array, at: number, value: number, digits: number): number {
  let left = value | 0;
  for (let place = at + digits - 1; place >= at; place--) {
    const tenth = (left / 10) | 0;
    out[place] = 48 + left - tenth * 10;
    left = tenth;
  }
  return at + digits;
}
