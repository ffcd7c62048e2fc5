import { type FormEvent, useState } from 'react';
import { useExpression } from '../api/universe-queries.ts';
import { Failure } from '../parts/failure.tsx';
import { Field, faultAt } from '../parts/field.tsx';
import { SymbolBlock } from '../parts/symbol-block.tsx';
import { useAddressed } from '../parts/use-addressed.ts';
import { useCreate } from './new-universe.tsx';

/** Universes united, taken away and cut with each other, counted as they are written; the expression is in the address. */
export function CombineUniverses() {
  const { text: expression, settled, write } = useAddressed('expression');
  const [name, setName] = useState('');
  const found = useExpression(settled);
  const create = useCreate();
  const fault = faultAt(found.error, 'query.expression');
  const nameFault = faultAt(create.error, 'body.name');
  const isCounted = settled === expression && found.data !== undefined;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    create.mutate({ name: name.trim(), expression });
  };
  return (
    <section className="card" aria-labelledby="combine">
      <h2 id="combine">Combine universes</h2>
      <form onSubmit={submit} className="stack">
        <Field
          label="Expression"
          className="mono"
          list="universe-names"
          placeholder="sp500 + nasdaq100 - dow30"
          value={expression}
          onChange={({ target }) => write(target.value)}
          fault={fault}
          hint="+ unites, - takes away, & keeps what both have, with spaces around; sp500@2020-03-23 are the members of a date, where its history is known"
        />
        <div role="status" aria-busy={found.isFetching}>
          {expression === '' && (
            <p className="empty">Write names of universes to see how many symbols they have together.</p>
          )}
          {found.data !== undefined && expression !== '' && (
            <SymbolBlock
              name="Symbols"
              symbols={found.data.members.map(({ symbol }) => symbol)}
              total={found.data.total_symbols}
            />
          )}
        </div>
        {fault === null && <Failure error={found.error} />}
        <Field
          label="Save it as"
          value={name}
          onChange={({ target }) => setName(target.value)}
          fault={nameFault}
          hint="It gets the members of now, and keeps them."
          required
        />
        <button type="submit" className="primary" disabled={!isCounted || create.isPending}>
          Save as a universe
        </button>
        {nameFault === null && <Failure error={create.error} />}
      </form>
    </section>
  );
}
