import type { QueryClient, QueryFilters } from '@tanstack/react-query';

/** So that a hundred events a second ask the service but twice. */
const READ_AGAIN_MS = 500;

/**
 * Reads anew what is shown, or a part of it. What is being read already may have been answered before the change, so it is
 * read once more when its answer has come; begun anew at once, slow answers would never come while changes go on.
 */
export function readAnew(client: QueryClient, filters: QueryFilters = {}): void {
  const early = client.getQueryCache().findAll({ ...filters, fetchStatus: 'fetching' });
  const read = (what: QueryFilters): void => void client.invalidateQueries(what, { cancelRefetch: false });
  read(filters);
  for (const { promise, queryKey } of early) {
    const again = (): void => read({ queryKey, exact: true });
    void promise?.then(again, again);
  }
}

/** Collects kinds of queries, the first words of their keys, and reads them anew together a moment later. */
export function createReadAgain(client: QueryClient): (kinds: readonly string[]) => void {
  const due = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (kinds) => {
    for (const kind of kinds) due.add(kind);
    if (due.size === 0 || timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      for (const kind of due) readAnew(client, { queryKey: [kind] });
      due.clear();
    }, READ_AGAIN_MS);
  };
}
