import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { send } from '../api/client.ts';
import { useRun, useRunSymbols } from '../api/queries.ts';
import type { RunSummary, RunSymbol } from '../api/types.ts';
import { Choices } from '../parts/choices.tsx';
import { Failure } from '../parts/failure.tsx';
import { RunActions } from '../parts/run-actions.tsx';
import { Figure, RunProgress } from '../parts/run-progress.tsx';
import { Table } from '../parts/table.tsx';
import { toggled } from '../parts/toggled.ts';
import { words } from '../parts/words.ts';

/** One run: where it stands, what became of it, and its symbols, troubled ones first. */
export function RunView({ runId }: { readonly runId: string }) {
  const run = useRun(runId);
  return (
    <>
      <h1>Run</h1>
      <Failure error={run.error} />
      {run.data !== undefined && (
        <>
          <Facts run={run.data} />
          <Symbols run={run.data} />
        </>
      )}
    </>
  );
}

function Facts({ run }: { readonly run: RunSummary }) {
  return (
    <section className="card" aria-label="About the run">
      <p className="lead">
        <span className={`status ${run.status}`}>{words.status(run.status)}</span> {words.what(run)}
      </p>
      {run.error_message !== null && <p className="why">{run.error_message}</p>}
      {run.status === 'in_progress' ? (
        <RunProgress run={run} />
      ) : (
        <dl className="figures">
          <Figure
            name="Completed"
            value={`${words.whole(run.completed)}/${words.whole(run.total_symbols)}`}
          />
          <Figure name="Failed" value={words.whole(run.failed)} isBad={run.failed > 0} />
          <Figure name="Records" value={words.whole(run.records_imported)} />
          <Figure name="Requests" value={words.whole(run.requests)} />
          <Figure name="Received" value={words.bytes(run.bytes)} />
          <Figure name="Attempts" value={String(run.attempt)} />
        </dl>
      )}
      <dl className="facts">
        <dt>Started</dt>
        <dd>
          {words.here(run.created_at)} by {run.trigger_type === 'automatic' ? 'the schedule' : 'hand'}
          {run.session !== null && `, for the session of ${run.session}`}
        </dd>
        {run.completed_at !== null && (
          <>
            <dt>Ended</dt>
            <dd>{words.here(run.completed_at)}</dd>
          </>
        )}
        <dt>Id</dt>
        <dd className="mono">{run.run_id}</dd>
      </dl>
      <RunActions run={run} />
    </section>
  );
}

const FILTERS = [
  ['failed', 'Failed'],
  ['in_progress', 'In work'],
  ['pending', 'Waiting'],
  ['completed', 'Completed'],
] as const;

function Symbols({ run }: { readonly run: RunSummary }) {
  const [wanted, setWanted] = useState<RunSymbol['status'] | null>(null);
  const status = wanted ?? (run.failed > 0 ? 'failed' : 'completed');
  const [find, setFind] = useState('');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const { data, error } = useRunSymbols(run.run_id, { status, limit: '2000' });
  const client = useQueryClient();
  const retry = useMutation({
    mutationFn: () => send('/api/processing/import/retry', { run_id: run.run_id, symbols: [...chosen] }),
    onSuccess: () => setChosen(new Set()),
    onSettled: () => client.invalidateQueries(),
  });
  const symbols = (data?.symbols ?? []).filter(({ symbol }) =>
    symbol.toLowerCase().includes(find.trim().toLowerCase()),
  );
  const canChoose = status === 'failed' && run.status !== 'in_progress';
  return (
    <section aria-labelledby="symbols">
      <h2 id="symbols">Symbols</h2>
      <div className="filters">
        <Choices label="Which symbols" of={FILTERS} chosen={status} choose={(value) => setWanted(value)} />
        <label>
          Find
          <input type="search" value={find} onChange={({ target }) => setFind(target.value)} />
        </label>
        {canChoose && chosen.size > 0 && (
          <button type="button" className="primary" disabled={retry.isPending} onClick={() => retry.mutate()}>
            Retry {words.count(chosen.size, 'symbol')}
          </button>
        )}
      </div>
      <Failure error={error ?? retry.error} />
      {data !== undefined && symbols.length === 0 && <p className="empty">None.</p>}
      {symbols.length > 0 && (
        <Table
          label="Table of symbols"
          columns={[
            ...(canChoose ? [{ unseen: 'Choose' }] : []),
            'Symbol',
            { number: 'Records' },
            { number: 'Retries' },
            { number: 'Time' },
            ...(status === 'failed' ? ['Why, and what to do'] : []),
          ]}
        >
          {symbols.map((one) => (
            <tr key={one.symbol}>
              {canChoose && (
                <td>
                  <input
                    type="checkbox"
                    aria-label={`Choose ${one.symbol}`}
                    checked={chosen.has(one.symbol)}
                    onChange={() => setChosen(toggled(chosen, one.symbol))}
                  />
                </td>
              )}
              <td className="mono">{one.symbol}</td>
              <td className="number">{words.whole(one.records_imported)}</td>
              <td className="number">{one.retry_count}</td>
              <td className="number">
                {one.processing_time_ms === null ? '–' : `${words.whole(one.processing_time_ms)} ms`}
              </td>
              {status === 'failed' && (
                <td>
                  <span className="code">{one.error_code}</span> {one.error_message}
                </td>
              )}
            </tr>
          ))}
        </Table>
      )}
      {data?.next_cursor != null && <p className="quiet">The first 2,000 are shown.</p>}
      <p className="quiet">
        <Link href="/runs">All runs</Link>
      </p>
    </section>
  );
}
