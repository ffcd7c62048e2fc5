import { Link } from 'wouter';

export const addressOfSymbol = (symbol: string): string => `/symbols/${encodeURIComponent(symbol)}`;

/** A symbol, which leads to its chart and what is known of it, and stands for its row. */
export function SymbolLink({ symbol }: { readonly symbol: string }) {
  return (
    <Link data-row className="mono" href={addressOfSymbol(symbol)}>
      {symbol}
    </Link>
  );
}
