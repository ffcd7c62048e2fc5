const longestQuote = 200;

/** Replaces the API key, as it is and as URLs spell it, wherever it occurs. */
export function createRedactor(apiKey: string): (text: string) => string {
  const spellings = [...new Set([apiKey, encodeURIComponent(apiKey)])].filter((spelling) => spelling !== '');
  return (text) => spellings.reduce((left, spelling) => left.replaceAll(spelling, '[key]'), text);
}

/** Foreign text fit for one line of a message: printable, single-spaced, at most 200 characters. */
export function quotable(text: string): string {
  const line = text.replace(/[\p{C}\s]+/gu, ' ').trim();
  return line.length <= longestQuote ? line : `${line.slice(0, longestQuote)}…`;
}
