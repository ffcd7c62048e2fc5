import { useSearchParams } from 'wouter';
import { withParams } from './with-params.ts';

/** What a view is filtered by, kept in its address; empty where nothing is chosen. */
export function useFilters(): {
  of(name: string): string;
  /** Those of the names that are chosen. */
  chosen(...names: string[]): Record<string, string>;
  choose(name: string, value: string): void;
} {
  const [search, setSearch] = useSearchParams();
  return {
    of: (name) => search.get(name) ?? '',
    chosen: (...names) => Object.fromEntries([...search].filter(([name]) => names.includes(name))),
    choose: (name, value) => setSearch((before) => withParams(before, { [name]: value }), { replace: true }),
  };
}
