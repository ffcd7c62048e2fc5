import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useLocation } from 'wouter';
import { send } from '../api/client.ts';
import { ListField, useCheckedList } from '../parts/checked-list.tsx';
import { Failure } from '../parts/failure.tsx';
import { Field, faultAt } from '../parts/field.tsx';

/** A universe of a list that is pasted, dropped or chosen. */
export function NewUniverse() {
  const [name, setName] = useState('');
  const list = useCheckedList();
  const create = useCreate();
  const fault = faultAt(create.error, 'body.name');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    create.mutate({ name: name.trim(), csv: list.text });
  };
  return (
    <section className="card" aria-labelledby="new">
      <h2 id="new">A new universe</h2>
      <form onSubmit={submit} className="stack">
        <Field
          label="Name"
          value={name}
          onChange={({ target }) => setName(target.value)}
          fault={fault}
          required
        />
        <ListField list={list} />
        <button type="submit" className="primary" disabled={!list.isGood || create.isPending}>
          Create
        </button>
        {fault === null && <Failure error={create.error} />}
      </form>
    </section>
  );
}

/** Creates a universe of a list or an expression, and goes to it. */
export function useCreate() {
  const [, go] = useLocation();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { name: string; csv: string } | { name: string; expression: string }) =>
      send<{ name: string }>('/api/universes', body),
    onSuccess: async ({ name }) => {
      await client.invalidateQueries({ queryKey: ['universes'] });
      go(`/universes/${encodeURIComponent(name)}`);
    },
  });
}
