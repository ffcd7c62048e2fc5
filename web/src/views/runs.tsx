import { useState } from 'react';
import { Link, useSearchParams } from 'wouter';
import { useRuns } from '../api/queries.ts';
import type { RunSummary } from '../api/types.ts';
import { Failure } from '../parts/failure.tsx';
import { Table } from '../parts/table.tsx';
import { words } from '../parts/words.ts';

const STATUSES: readonly RunSummary['status'][] = [
  'in_progress',
  'completed',
  'failed',
  'parked',
  'paused',
  'cancelled',
];

/** All runs, the newest first; what is filtered by is in the address. */
export function RunsView() {
  const [search, setSearch] = useSearchParams();
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const filter = Object.fromEntries([...search].filter(([name]) => name === 'status' || name === 'trigger'));
  const cursor = cursors.at(-1);
  const runs = useRuns({ ...filter, limit: '50', ...(cursor !== undefined && { cursor }) });
  const choose = (name: string, value: string): void => {
    setCursors([]);
    setSearch((before) => {
      const after = new URLSearchParams(before);
      if (value === '') after.delete(name);
      else after.set(name, value);
      return after;
    });
  };
  const next = runs.data?.next_cursor ?? null;
  return (
    <>
      <h1>Runs</h1>
      <div className="filters">
        <label>
          Status
          <select value={filter['status'] ?? ''} onChange={({ target }) => choose('status', target.value)}>
            <option value="">all</option>
            {STATUSES.map((status) => (
              <option key={status} value={status}>
                {words.status(status)}
              </option>
            ))}
          </select>
        </label>
        <label>
          Started by
          <select value={filter['trigger'] ?? ''} onChange={({ target }) => choose('trigger', target.value)}>
            <option value="">anybody</option>
            <option value="manual">hand</option>
            <option value="automatic">the schedule</option>
          </select>
        </label>
      </div>
      <Failure error={runs.error} />
      {runs.data?.runs.length === 0 ? (
        <p className="empty">
          No run {search.size > 0 ? 'fits these filters' : 'yet'}.{' '}
          <Link href="/import">Import something</Link>.
        </p>
      ) : (
        <RunTable runs={runs.data?.runs ?? []} />
      )}
      <div className="actions">
        {cursors.length > 0 && (
          <button type="button" onClick={() => setCursors(cursors.slice(0, -1))}>
            Newer
          </button>
        )}
        {next !== null && (
          <button type="button" onClick={() => setCursors([...cursors, next])}>
            Older
          </button>
        )}
      </div>
    </>
  );
}

function RunTable({ runs }: { readonly runs: readonly RunSummary[] }) {
  return (
    <Table
      label="Table of runs"
      columns={[
        'Started',
        'What',
        'Status',
        { number: 'Symbols' },
        { number: 'Failed' },
        { number: 'Records' },
        { number: 'Requests' },
      ]}
    >
      {runs.map((run) => (
        <tr key={run.run_id}>
          <td>
            <Link data-row href={`/runs/${run.run_id}`}>
              {words.here(run.created_at)}
            </Link>
          </td>
          <td>{words.what(run)}</td>
          <td>
            <span className={`status ${run.status}`}>{words.status(run.status)}</span>
          </td>
          <td className="number">
            {words.whole(run.completed)}/{words.whole(run.total_symbols)}
          </td>
          <td className="number">{words.whole(run.failed)}</td>
          <td className="number">{words.whole(run.records_imported)}</td>
          <td className="number">{words.whole(run.requests)}</td>
        </tr>
      ))}
    </Table>
  );
}
