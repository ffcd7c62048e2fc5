import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Refused, send } from '../api/client.ts';
import type { UniverseChange, UniversePatch } from '../api/types.ts';
import { ListField, useCheckedList } from '../parts/checked-list.tsx';
import { Failure } from '../parts/failure.tsx';
import { Field } from '../parts/field.tsx';
import { words } from '../parts/words.ts';

const MOST_NAMED = 20;

/** Adds members to a universe and removes those that are marked, together and from today on. */
export function ChangeMembers(props: {
  readonly name: string;
  readonly removed: ReadonlySet<string>;
  clear(): void;
}) {
  const { name, removed, clear } = props;
  const [text, setText] = useState('');
  const add = text.split(/[\s,;]+/).filter((part) => part !== '');
  const change = useChange(name, 'PATCH', () => {
    setText('');
    clear();
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const patch: UniversePatch = {
      ...(add.length > 0 && { add }),
      ...(removed.size > 0 && { remove: [...removed] }),
    };
    change.mutate(patch);
  };
  return (
    <section className="card" aria-labelledby="change">
      <h2 id="change">Change its members</h2>
      <form onSubmit={submit} className="stack">
        <Field
          label="Symbols to add, by comma or space"
          value={text}
          onChange={({ target }) => setText(target.value)}
          hint="To remove some, mark them in the table."
          fault={symbolFault(change.error, change.variables)}
        />
        <p role="status">
          {add.length + removed.size > 0
            ? `From today on: ${words.whole(add.length)} added, ${words.whole(removed.size)} removed. Who was a member before is kept.`
            : change.data !== undefined && <Done change={change.data} />}
        </p>
        <div className="actions">
          <button
            type="submit"
            className="primary"
            disabled={add.length + removed.size === 0 || change.isPending}
          >
            Change the members
          </button>
          {removed.size > 0 && (
            <button type="button" onClick={clear}>
              Remove nobody
            </button>
          )}
        </div>
        {symbolFault(change.error, change.variables) === null && <Failure error={change.error} />}
      </form>
    </section>
  );
}

/** Makes a list all members of a universe. */
export function ReplaceMembers({ name }: { readonly name: string }) {
  const list = useCheckedList();
  const change = useChange(name, 'PUT', () => list.set(''));
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    change.mutate({ csv: list.text });
  };
  return (
    <details className="card">
      <summary>Replace all of them by a list or a CSV file</summary>
      <form onSubmit={submit} className="stack">
        <ListField list={list} />
        <button type="submit" className="primary" disabled={!list.isGood || change.isPending}>
          Replace
        </button>
        <p role="status">{list.text === '' && change.data !== undefined && <Done change={change.data} />}</p>
        <Failure error={change.error} />
      </form>
    </details>
  );
}

function useChange(name: string, method: 'PATCH' | 'PUT', onDone: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: UniversePatch | { csv: string }) =>
      send<UniverseChange>(`/api/universes/${encodeURIComponent(name)}`, body, method),
    onSuccess: async () => {
      onDone();
      await Promise.all([
        client.invalidateQueries({ queryKey: ['universe', name] }),
        client.invalidateQueries({ queryKey: ['universes'] }),
      ]);
    },
  });
}

/** What the service has against the first symbol it does not take, by its name instead of its place. */
function symbolFault(error: Error | null, sent: UniversePatch | { csv: string } | undefined): string | null {
  const faults = error instanceof Refused ? (error.problem?.errors ?? []) : [];
  const added = sent !== undefined && 'add' in sent ? (sent.add ?? []) : [];
  return (
    added
      .map((symbol, at) => ({ symbol, fault: faults.find(({ place }) => place === `body.add[${at}]`) }))
      .flatMap(({ symbol, fault }) =>
        fault === undefined ? [] : [`${String(symbol)}: ${fault.message}`],
      )[0] ?? null
  );
}

function Done({ change }: { readonly change: UniverseChange }) {
  const said = (what: string, symbols: readonly string[]): string =>
    `${words.whole(symbols.length)} ${what}${symbols.length > 0 ? `: ${symbols.slice(0, MOST_NAMED).join(', ')}` : ''}${symbols.length > MOST_NAMED ? ', …' : ''}`;
  return (
    <>
      Done: {said('added', change.added)}; {said('removed', change.removed)}.{' '}
      {words.count(change.total_symbols, 'member')} now.
    </>
  );
}
