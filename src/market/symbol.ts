import { usageError } from '../errors.ts';

const vendorSpelling = /^[A-Za-z0-9]+(?:\.[A-Za-z0-9]+)*$/;

/**
 * A symbol as the vendor spells it. Case is kept (`BCpC` and `BCPC` are two companies); the class
 * separators `-` and `/` that other sources use become `.`: `BRK-B` and `BRK/B` are `BRK.B`.
 * @throws AppError CONFIG_INVALID for text no vendor symbol can be.
 */
export function parseSymbol(text: string): string {
  const symbol = text.trim().replace(/[-/]/g, '.');
  if (symbol.length === 0 || symbol.length > 20 || !vendorSpelling.test(symbol)) {
    throw usageError(
      `Cannot use ${JSON.stringify(text.slice(0, 40))} as a symbol: expected letters and digits, with a class after a dot such as BRK.B.`,
    );
  }
  return symbol;
}
