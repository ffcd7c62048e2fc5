import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { ask, send } from '../api/client.ts';
import { useRunSymbols } from '../api/queries.ts';
import type { RunSummary, RunSymbol } from '../api/types.ts';
import { Failure } from '../parts/failure.tsx';
import { RunActions } from '../parts/run-actions.tsx';
import { Figure, RunProgress } from '../parts/run-progress.tsx';
import { words } from '../parts/words.ts';

/** One run: where it stands, what became of it, and its symbols, troubled ones first. */
export function RunView({ runId }: { readonly runId: string }) {
  const run = useQuery({
    queryKey: ['run', runId],
    queryFn: () => ask<RunSummary>(`/api/processing/import/runs/${encodeURIComponent(runId)}`),
  });
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

const FILTERS: readonly (readonly [name: string, status: RunSymbol['status']])[] = [
  ['Failed', 'failed'],
  ['In work', 'in_progress'],
  ['Waiting', 'pending'],
  ['Completed', 'completed'],
];

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
  const toggle = (symbol: string): void =>
    setChosen((before) => {
      const after = new Set(before);
      if (!after.delete(symbol)) after.add(symbol);
      return after;
    });
  return (
    <section aria-labelledby="symbols">
      <h2 id="symbols">Symbols</h2>
      <div className="filters">
        <div role="group" aria-label="Which symbols" className="choices">
          {FILTERS.map(([name, value]) => (
            <button
              key={value}
              type="button"
              aria-pressed={status === value}
              onClick={() => setWanted(value)}
            >
              {name}
            </button>
          ))}
        </div>
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
        <div className="scroll" tabIndex={0} role="region" aria-label="Table of symbols">
          <table>
            <thead>
              <tr>
                {canChoose && (
                  <th scope="col">
                    <span className="sr">Choose</span>
                  </th>
                )}
                <th scope="col">Symbol</th>
                <th scope="col" className="number">
                  Records
                </th>
                <th scope="col" className="number">
                  Retries
                </th>
                <th scope="col" className="number">
                  Time
                </th>
                {status === 'failed' && <th scope="col">Why, and what to do</th>}
              </tr>
            </thead>
            <tbody>
              {symbols.map((one) => (
                <tr key={one.symbol}>
                  {canChoose && (
                    <td>
                      <input
                        type="checkbox"
                        aria-label={`Choose ${one.symbol}`}
                        checked={chosen.has(one.symbol)}
                        onChange={() => toggle(one.symbol)}
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
            </tbody>
          </table>
        </div>
      )}
      {data?.next_cursor != null && <p className="quiet">The first 2,000 are shown.</p>}
      <p className="quiet">
        <Link href="/runs">All runs</Link>
      </p>
    </section>
  );
}
