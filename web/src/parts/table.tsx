import type { ReactNode } from 'react';

/** The head of a column: its name, and whether it holds numbers, or takes the room there is. */
export type Column =
  | string
  | { readonly number: string }
  | { readonly wide: string }
  | { readonly unseen: string };

/** A table that scrolls by itself; `label` says what it is of. */
export function Table(props: {
  readonly label: string;
  readonly columns: readonly Column[];
  readonly children: ReactNode;
}) {
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={props.label}>
      <table>
        <thead>
          <tr>{props.columns.map(toHead)}</tr>
        </thead>
        <tbody>{props.children}</tbody>
      </table>
    </div>
  );
}

function toHead(column: Column) {
  if (typeof column === 'string')
    return (
      <th key={column} scope="col">
        {column}
      </th>
    );
  if ('number' in column)
    return (
      <th key={column.number} scope="col" className="number">
        {column.number}
      </th>
    );
  if ('wide' in column)
    return (
      <th key={column.wide} scope="col" className="wide">
        {column.wide}
      </th>
    );
  return (
    <th key={column.unseen} scope="col">
      <span className="sr">{column.unseen}</span>
    </th>
  );
}
