import { words } from './words.ts';

/** Symbols one after the other, below their name and count; `total` when not all of them are there. */
export function SymbolBlock(props: {
  readonly name: string;
  readonly symbols: readonly string[];
  readonly total: number;
}) {
  const { name, symbols, total } = props;
  return (
    <section className="symbol-block" aria-label={name}>
      <h3>
        {name}: {words.whole(total)}
      </h3>
      {total > 0 && (
        <p className="mono scroll" tabIndex={0} role="region" aria-label={`${name}, symbols`}>
          {symbols.join(' ')}
          {total > symbols.length && ` … and ${words.whole(total - symbols.length)} more`}
        </p>
      )}
    </section>
  );
}
