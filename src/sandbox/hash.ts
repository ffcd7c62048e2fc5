/** Scrambles two 32-bit integers into one; integer arithmetic only, so the same on every machine. */
export function mix(a: number, b: number): number {
  let h = Math.imul(a ^ Math.imul(b, 0x9e3779b1), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13) ^ Math.imul(b, 0x27d4eb2f), 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return h ^ (h >>> 16);
}

/** A 32-bit integer of a text; letters in another case give another one. */
export function hashText(text: string, seed: number): number {
  let h = seed | 0;
  for (let at = 0; at < text.length; at++) h = mix(h, text.charCodeAt(at) + 1);
  return mix(h, text.length);
}

/** A 32-bit integer as a fraction in [0, 1). */
export const toFraction = (hash: number): number => (hash >>> 0) / 4_294_967_296;

/** `digits` hexadecimal digits that name what was hashed. */
export function toHex(hash: number, digits: number): string {
  let text = '';
  for (let part = 0; text.length < digits; part++) {
    text += (mix(hash, part) >>> 0).toString(16).padStart(8, '0');
  }
  return text.slice(0, digits);
}
