import { useComparison } from '../api/universe-queries.ts';
import { Failure } from '../parts/failure.tsx';
import { Field, faultAt } from '../parts/field.tsx';
import { SymbolBlock } from '../parts/symbol-block.tsx';
import { useAddressed } from '../parts/use-addressed.ts';

/** What two universes have in common and what only one of them has; both are in the address. */
export function CompareUniverses() {
  const [a, b] = [useAddressed('a'), useAddressed('b')];
  const { data, error, isFetching } = useComparison(a.settled, b.settled);
  const faults = [faultAt(error, 'query.a'), faultAt(error, 'query.b')] as const;
  return (
    <section className="card" aria-labelledby="compare">
      <h2 id="compare">Compare two</h2>
      <div className="beside">
        <Field
          label="One"
          list="universe-names"
          placeholder="sp500"
          value={a.text}
          onChange={({ target }) => a.write(target.value)}
          fault={faults[0]}
        />
        <Field
          label="The other"
          list="universe-names"
          placeholder="nasdaq100"
          value={b.text}
          onChange={({ target }) => b.write(target.value)}
          fault={faults[1]}
        />
      </div>
      {faults[0] === null && faults[1] === null && <Failure error={error} />}
      <div role="status" aria-busy={isFetching}>
        {data === undefined && error === null && !isFetching && (
          <p className="empty">Name two universes or expressions.</p>
        )}
        {data !== undefined && (
          <div className="thirds">
            <SymbolBlock name={`Only in ${a.settled}`} {...shown(data.only_in_a)} />
            <SymbolBlock name="In both" {...shown(data.in_both)} />
            <SymbolBlock name={`Only in ${b.settled}`} {...shown(data.only_in_b)} />
          </div>
        )}
      </div>
    </section>
  );
}

const shown = (list: { readonly total_symbols: number; readonly symbols: readonly string[] }) => ({
  symbols: list.symbols,
  total: list.total_symbols,
});
