import type { NameSpan } from '../market/name-history.ts';

/** A name and when it held: `ISIS until 2015-12-21`, `DDAY after 2016-01-27 until 2016-06-10`. */
export const nameText = ({ symbol, after, until }: NameSpan): string =>
  [symbol, after === null ? '' : ` after ${after}`, until === null ? '' : ` until ${until}`].join('');

export const namesText = (names: readonly NameSpan[]): string => names.map(nameText).join(', ');
