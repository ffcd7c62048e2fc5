import { useEffect, useState } from 'react';
import { useSearchParams } from 'wouter';
import { useSettled } from './use-settled.ts';
import { withParams } from './with-params.ts';

const SETTLES_MS = 250;

/** What somebody writes, and the same once it has settled, when the address of the view has it too. */
export function useAddressed(name: string): {
  readonly text: string;
  readonly settled: string;
  write(text: string): void;
} {
  const [search, setSearch] = useSearchParams();
  const [text, write] = useState(search.get(name) ?? '');
  const settled = useSettled(text, SETTLES_MS);
  useEffect(() => {
    setSearch((before) => withParams(before, { [name]: settled }), { replace: true });
  }, [name, settled, setSearch]);
  return { text, settled, write };
}
