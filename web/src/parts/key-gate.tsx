import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useId, useState, useSyncExternalStore } from 'react';
import { keyOfTab } from '../api/client.ts';

let why: string | null = null;
const watchers = new Set<() => void>();

const say = (next: string | null): void => {
  why = next;
  for (const tell of watchers) tell();
};

/** Called when the service wants a key, or another one. */
export const askForKey = (reason: string): void => say(reason);

/** Shows a form for the key instead of everything, while the service asks for one. */
export function KeyGate({ children }: { readonly children: ReactNode }) {
  const client = useQueryClient();
  const [key, setKey] = useState('');
  const field = useId();
  const reason = useSyncExternalStore(
    (tell) => {
      watchers.add(tell);
      return () => void watchers.delete(tell);
    },
    () => why,
  );
  if (reason === null) return children;

  const enter = (event: FormEvent): void => {
    event.preventDefault();
    keyOfTab.keep(key.trim());
    setKey('');
    say(null);
    client.clear();
  };
  return (
    <main className="gate">
      <h1>TickStock</h1>
      <p role="alert">{reason}</p>
      <form onSubmit={enter}>
        <label htmlFor={field}>API key</label>
        <input
          id={field}
          type="password"
          autoComplete="off"
          value={key}
          onChange={({ target }) => setKey(target.value)}
          required
          autoFocus
        />
        <button type="submit" className="primary">
          Come in
        </button>
      </form>
      <p className="quiet">It is kept in this tab only, until the tab is closed.</p>
    </main>
  );
}
