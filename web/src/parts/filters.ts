import { useSearchParams } from 'wouter';

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
    choose: (name, value) =>
      setSearch(
        (before) => {
          const after = new URLSearchParams(before);
          if (value === '') after.delete(name);
          else after.set(name, value);
          return after;
        },
        { replace: true },
      ),
  };
}
