const comma = 44;
const point = 46;
const lineFeed = 10;
const carriageReturn = 13;
const powers = Float64Array.from({ length: 16 }, (_, exponent) => Number(`1e${exponent}`));

/**
 * Reads the comma-separated numbers from `at` to the end of the line into `into`, exactly as `Number` would.
 * Returns where the next line begins, or -1 when the line has not just as many finite numbers.
 */
export function readNumbers(bytes: Buffer, at: number, into: Float64Array): number {
  let place = at;
  for (let field = 0; field < into.length; field++) {
    const start = place;
    let digits = 0;
    let whole = 0;
    let pointAt = -1;
    let isPlain = true;
    while (place < bytes.length && !endsField(bytes[place]!)) {
      const byte = bytes[place]!;
      if (byte >= 48 && byte <= 57) {
        whole = whole * 10 + byte - 48;
        digits++;
      } else if (byte === point && pointAt === -1) pointAt = place;
      else isPlain = false;
      place++;
    }
    // Up to 15 digits are a whole number without rounding, and one division rounds once.
    const value =
      isPlain && digits > 0 && digits <= 15
        ? whole / powers[pointAt === -1 ? 0 : place - pointAt - 1]!
        : toNumber(bytes.toString('latin1', start, place));
    if (!Number.isFinite(value)) return -1;
    into[field] = value;
    if (bytes[place] === carriageReturn) place++;
    const isLast = field === into.length - 1;
    if (place < bytes.length && bytes[place] !== (isLast ? lineFeed : comma)) return -1;
    place++;
  }
  return Math.min(place, bytes.length);
}

const endsField = (byte: number): boolean => byte === comma || byte === lineFeed || byte === carriageReturn;

const toNumber = (text: string): number => (text.trim() === '' ? Number.NaN : Number(text));
