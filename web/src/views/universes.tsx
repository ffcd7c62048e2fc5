import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type DragEvent, type FormEvent, useId, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { send } from '../api/client.ts';
import { useUniverses } from '../api/queries.ts';
import { Failure } from '../parts/failure.tsx';
import { readSymbolList } from '../parts/symbol-list.ts';
import { Table } from '../parts/table.tsx';
import { words } from '../parts/words.ts';

/** The lists of symbols there are, and making another. */
export function UniversesView() {
  const { data, error } = useUniverses();
  return (
    <>
      <h1>Universes</h1>
      <Failure error={error} />
      <Table label="Table of universes" columns={['Name', { number: 'Members' }, 'As of', 'From']}>
        {data?.universes.map((one) => (
          <tr key={one.name}>
            <td>
              <Link data-row href={`/universes/${encodeURIComponent(one.name)}`}>
                {one.name}
              </Link>
            </td>
            <td className="number">{words.whole(one.members)}</td>
            <td>{one.as_of}</td>
            <td>{one.source}</td>
          </tr>
        ))}
      </Table>
      <NewUniverse />
    </>
  );
}

function NewUniverse() {
  const [name, setName] = useState('');
  const [text, setText] = useState('');
  const [, go] = useLocation();
  const client = useQueryClient();
  const fields = { name: useId(), list: useId() };
  const { members, faults } = readSymbolList(text);
  const create = useMutation({
    mutationFn: () => send('/api/universes', { name: name.trim(), members }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['universes'] });
      go(`/universes/${encodeURIComponent(name.trim())}`);
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    create.mutate();
  };
  const drop = (event: DragEvent): void => {
    const [file] = event.dataTransfer.files;
    if (file === undefined) return;
    event.preventDefault();
    void file.text().then(setText);
  };
  return (
    <section className="card" aria-labelledby="new">
      <h2 id="new">A new universe</h2>
      <form onSubmit={submit} className="stack">
        <label htmlFor={fields.name}>Name</label>
        <input id={fields.name} value={name} onChange={({ target }) => setName(target.value)} required />
        <label htmlFor={fields.list}>
          Symbols, one a line: SYMBOL or SYMBOL,Name,Sector. Paste them or drop a CSV file
        </label>
        <textarea
          id={fields.list}
          rows={8}
          spellCheck={false}
          value={text}
          onChange={({ target }) => setText(target.value)}
          onDrop={drop}
        />
        <p role="status">
          {words.count(members.length, 'symbol')}
          {faults.length > 0 && `, ${words.count(faults.length, 'bad line')}: mend or remove them`}
        </p>
        {faults.length > 0 && (
          <ul className="faults">
            {faults.map(({ line, text: bad, why }) => (
              <li key={line}>
                line {line}: <code>{bad}</code>: {why}
              </li>
            ))}
          </ul>
        )}
        <button
          type="submit"
          className="primary"
          disabled={members.length === 0 || faults.length > 0 || create.isPending}
        >
          Create
        </button>
        <Failure error={create.error} />
      </form>
    </section>
  );
}
