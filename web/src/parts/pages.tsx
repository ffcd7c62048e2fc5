import { useState } from 'react';

export interface Pages {
  /** Of the page that is shown; none of the first. */
  readonly cursor: { readonly cursor?: string };
  readonly isFirst: boolean;
  back(): void;
  go(next: string): void;
}

/** Goes through pages by their cursors, and back to the first when what they are of changes. */
export function usePages(of: string): Pages {
  const [at, setAt] = useState<{ readonly of: string; readonly cursors: readonly string[] }>({
    of,
    cursors: [],
  });
  const cursors = at.of === of ? at.cursors : [];
  const cursor = cursors.at(-1);
  return {
    cursor: cursor === undefined ? {} : { cursor },
    isFirst: cursor === undefined,
    back: () => setAt({ of, cursors: cursors.slice(0, -1) }),
    go: (next) => setAt({ of, cursors: [...cursors, next] }),
  };
}

/** Buttons to the pages before and after, where there are any. */
export function Pager(props: {
  readonly pages: Pages;
  readonly next: string | number | null | undefined;
  readonly names: readonly [before: string, after: string];
}) {
  const { pages, next, names } = props;
  if (pages.isFirst && next == null) return null;
  return (
    <div className="actions">
      <button type="button" disabled={pages.isFirst} onClick={() => pages.back()}>
        {names[0]}
      </button>
      <button type="button" disabled={next == null} onClick={() => next != null && pages.go(String(next))}>
        {names[1]}
      </button>
    </div>
  );
}
