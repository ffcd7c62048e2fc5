/** A count with its thousands apart, in English whatever the machine's language. */
export const grouped = (value: number): string => value.toLocaleString('en-US');

/** A count of things, in singular or plural. */
export const countOf = (count: number, what: string): string =>
  `${grouped(count)} ${what}${count === 1 ? '' : 's'}`;
