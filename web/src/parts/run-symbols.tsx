import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { send } from '../api/client.ts';
import { useRunSymbols } from '../api/queries.ts';
import type { RunSummary, RunSymbol } from '../api/types.ts';
import { Choices } from './choices.tsx';
import { Failure } from './failure.tsx';
import { useFilters } from './filters.ts';
import { Pager, usePages } from './pages.tsx';
import { SymbolLink } from './symbol-link.tsx';
import { Table } from './table.tsx';
import { toggled } from './toggled.ts';
import { useSettled } from './use-settled.ts';
import { words } from './words.ts';

const PAGE = '200';
const SETTLE_MS = 250;

const STATUSES = [
  ['all', 'All'],
  ['failed', 'Failed'],
  ['in_progress', 'In work'],
  ['pending', 'Waiting'],
  ['completed', 'Completed'],
] as const;

/** The symbols of a run by trouble; the failed ones can be chosen and tried again. */
export function RunSymbols({ run }: { readonly run: RunSummary }) {
  const filters = useFilters();
  const status = (filters.of('status') || 'all') as (typeof STATUSES)[number][0];
  const find = useSettled(filters.of('find').trim(), SETTLE_MS);
  const filter = {
    order: 'trouble',
    ...(status !== 'all' && { status }),
    ...(find !== '' && { find }),
  };
  const pages = usePages(JSON.stringify(filter));
  const { data, error } = useRunSymbols(run.run_id, { ...filter, limit: PAGE, ...pages.cursor });
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const client = useQueryClient();
  const retry = useMutation({
    mutationFn: () => send('/api/processing/import/retry', { run_id: run.run_id, symbols: [...chosen] }),
    onSuccess: () => setChosen(new Set()),
    onSettled: () => client.invalidateQueries(),
  });
  const symbols = data?.symbols ?? [];
  return (
    <section aria-labelledby="symbols">
      <h2 id="symbols">Symbols</h2>
      <div className="filters">
        <Choices
          label="Which symbols"
          of={STATUSES}
          chosen={status}
          choose={(value) => filters.choose('status', value === 'all' ? '' : value)}
        />
        <label>
          Find
          <input
            type="search"
            value={filters.of('find')}
            onChange={({ target }) => filters.choose('find', target.value)}
          />
        </label>
        {chosen.size > 0 && (
          <button type="button" className="primary" disabled={retry.isPending} onClick={() => retry.mutate()}>
            Retry {words.count(chosen.size, 'symbol')}
          </button>
        )}
      </div>
      <Failure error={error ?? retry.error} />
      {data !== undefined && symbols.length === 0 && <p className="empty">None.</p>}
      {symbols.length > 0 && (
        <SymbolTable
          symbols={symbols}
          canChoose={run.status !== 'in_progress' && run.failed > 0}
          chosen={chosen}
          choose={(symbol) => setChosen(toggled(chosen, symbol))}
        />
      )}
      <Pager pages={pages} next={data?.next_cursor} names={['Previous', 'Next']} />
    </section>
  );
}

function SymbolTable(props: {
  readonly symbols: readonly RunSymbol[];
  readonly canChoose: boolean;
  readonly chosen: ReadonlySet<string>;
  choose(symbol: string): void;
}) {
  const hasWhy = props.symbols.some(({ error_code: code }) => code !== null);
  return (
    <Table
      label="Table of symbols"
      columns={[
        ...(props.canChoose ? [{ unseen: 'Choose' }] : []),
        'Symbol',
        'Status',
        ...(hasWhy ? [{ wide: 'Why, and what to do' }] : []),
        { number: 'Attempts' },
        { number: 'Records' },
        { number: 'Time' },
      ]}
    >
      {props.symbols.map((one) => (
        <tr key={one.symbol}>
          {props.canChoose && (
            <td>
              {one.status === 'failed' && (
                <input
                  type="checkbox"
                  aria-label={`Choose ${one.symbol}`}
                  checked={props.chosen.has(one.symbol)}
                  onChange={() => props.choose(one.symbol)}
                />
              )}
            </td>
          )}
          <td>
            <SymbolLink symbol={one.symbol} />
          </td>
          <td>
            <span className={`status ${one.status}`}>{words.status(one.status)}</span>
          </td>
          {hasWhy && <td className="reason">{one.error_code !== null && <Why symbol={one} />}</td>}
          <td className="number">{one.retry_count + 1}</td>
          <td className="number">{words.whole(one.records_imported)}</td>
          <td className="number">{words.ms(one.processing_time_ms)}</td>
        </tr>
      ))}
    </Table>
  );
}

function Why({ symbol }: { readonly symbol: RunSymbol }) {
  const { error_code: code, error_words: why, error_message: message, recovery_action: action } = symbol;
  return (
    <>
      <strong>{why}</strong> <span className="code quiet">{code}</span>
      <br />
      {message} <span className="quiet">{words.recovery(action)}</span>
    </>
  );
}
