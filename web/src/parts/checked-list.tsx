import { useMutation } from '@tanstack/react-query';
import { type DragEvent, useId, useState } from 'react';
import { useCsvCheck } from '../api/universe-queries.ts';
import type { CsvCheck } from '../api/types.ts';
import { Failure } from './failure.tsx';
import { useSettled } from './use-settled.ts';
import { words } from './words.ts';

const SETTLES_MS = 300;
const MOST_BYTES = 1_500_000;
const MOST_REPEATED = 10;

export interface CheckedList {
  readonly text: string;
  /** Whether the service has read just this text and has nothing against it. */
  readonly isGood: boolean;
  readonly check: CsvCheck | undefined;
  readonly error: Error | null;
  set(text: string): void;
}

/** A list of symbols, which the service checks as it is written and before anything is stored. */
export function useCheckedList(): CheckedList {
  const [text, set] = useState('');
  const settled = useSettled(text, SETTLES_MS);
  const { data, error, isPlaceholderData } = useCsvCheck(settled);
  const isEmpty = text.trim() === '';
  const check = isEmpty || error !== null ? undefined : data;
  return {
    text,
    set,
    check,
    error: isEmpty ? null : error,
    isGood: settled === text && !isPlaceholderData && check?.bad_lines === 0,
  };
}

/** Where the list is written, pasted, dropped or chosen, and what is wrong with each bad line of it. */
export function ListField({ list }: { readonly list: CheckedList }) {
  const field = useId();
  const read = useMutation({ mutationFn: readText, onSuccess: list.set });
  const drop = (event: DragEvent): void => {
    const [file] = event.dataTransfer.files;
    if (file === undefined) return;
    event.preventDefault();
    read.mutate(file);
  };
  return (
    <div
      className="stack wide"
      onDragOver={(event) => {
        if (event.dataTransfer.types.includes('Files')) event.preventDefault();
      }}
      onDrop={drop}
    >
      <label htmlFor={field}>
        Symbols, one a line, or CSV with a header such as symbol,name,sector: paste them or drop a file
      </label>
      <textarea
        id={field}
        rows={8}
        spellCheck={false}
        value={list.text}
        onChange={({ target }) => list.set(target.value)}
      />
      <label>
        Or choose a file{' '}
        <input
          type="file"
          accept=".csv,.txt,text/csv,text/plain"
          onChange={({ target }) => {
            const [file] = target.files ?? [];
            if (file !== undefined) read.mutate(file);
            // The same file, mended, may be chosen again.
            target.value = '';
          }}
        />
      </label>
      <Failure error={read.error ?? list.error} />
      <div role="status">{list.check !== undefined && <Verdict check={list.check} />}</div>
    </div>
  );
}

function Verdict({ check }: { readonly check: CsvCheck }) {
  const { total_symbols: total, bad_lines: bad, faults, duplicates, is_dated: isDated } = check;
  return (
    <>
      <p>
        {words.count(total, 'symbol')}
        {bad > 0 && `, ${words.count(bad, 'bad line')}: mend or remove them`}
      </p>
      {bad > 0 && (
        <ul className="faults" tabIndex={0} aria-label="Bad lines">
          {faults.map(({ line, text, message }) => (
            <li key={line}>
              line {line}: <code>{text}</code>: {message}
            </li>
          ))}
          {bad > faults.length && <li>… and {words.whole(bad - faults.length)} more</li>}
        </ul>
      )}
      {duplicates.length > 0 && (
        <p className="quiet">
          There twice, taken once:{' '}
          {duplicates
            .slice(0, MOST_REPEATED)
            .map(({ symbol, line, first_line: first }) => `${symbol} (line ${line}, as in line ${first})`)
            .join(', ')}
          {duplicates.length > MOST_REPEATED && ', …'}
        </p>
      )}
      {isDated && (
        <p className="quiet">Its lines have dates: together they become the whole history of the universe.</p>
      )}
    </>
  );
}

async function readText(file: File): Promise<string> {
  if (file.size > MOST_BYTES)
    throw new Error(
      `${file.name} is larger than 1.5 MB. Import it with: tickstock universe import NAME FILE`,
    );
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer());
  } catch {
    throw new Error(`${file.name} is not UTF-8 text. Save it as "CSV UTF-8".`);
  }
}
