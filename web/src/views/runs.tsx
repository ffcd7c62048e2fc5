import { Link } from 'wouter';
import '../runs.css';
import { useRuns, useUniverses } from '../api/queries.ts';
import type { RunSummary } from '../api/types.ts';
import { Failure } from '../parts/failure.tsx';
import { useFilters } from '../parts/filters.ts';
import { Pager, usePages } from '../parts/pages.tsx';
import { Table } from '../parts/table.tsx';
import { useSettled } from '../parts/use-settled.ts';
import { words } from '../parts/words.ts';

const SETTLE_MS = 250;

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
  const filters = useFilters();
  const find = useSettled(filters.of('find').trim(), SETTLE_MS);
  const filter = {
    ...filters.chosen('status', 'trigger', 'universe'),
    ...(find !== '' && { find }),
  };
  const pages = usePages(JSON.stringify(filter));
  const runs = useRuns({ ...filter, limit: '50', ...pages.cursor });
  const isFiltered = Object.keys(filter).length > 0;
  return (
    <>
      <h1>Runs</h1>
      <div className="filters">
        <label>
          Status
          <select
            value={filters.of('status')}
            onChange={({ target }) => filters.choose('status', target.value)}
          >
            <option value="">all</option>
            {STATUSES.map((status) => (
              <option key={status} value={status}>
                {words.status(status)}
              </option>
            ))}
          </select>
        </label>
        <label>
          Universe
          <UniverseChoice
            chosen={filters.of('universe')}
            choose={(name) => filters.choose('universe', name)}
          />
        </label>
        <label>
          Started by
          <select
            value={filters.of('trigger')}
            onChange={({ target }) => filters.choose('trigger', target.value)}
          >
            <option value="">anybody</option>
            <option value="manual">hand</option>
            <option value="automatic">the schedule</option>
          </select>
        </label>
        <label>
          Find an id, error or symbol
          <input
            type="search"
            value={filters.of('find')}
            onChange={({ target }) => filters.choose('find', target.value)}
          />
        </label>
      </div>
      <Failure error={runs.error} />
      {runs.data?.runs.length === 0 ? (
        <p className="empty">
          {isFiltered ? (
            'No run fits these filters.'
          ) : (
            <>
              No run yet. <Link href="/import">Import something</Link>.
            </>
          )}
        </p>
      ) : (
        <RunTable runs={runs.data?.runs ?? []} />
      )}
      <Pager pages={pages} next={runs.data?.next_cursor} names={['Newer', 'Older']} />
    </>
  );
}

function UniverseChoice(props: { readonly chosen: string; choose(name: string): void }) {
  const { data } = useUniverses();
  const known = data?.universes.map(({ name }) => name) ?? [];
  const names = props.chosen === '' || known.includes(props.chosen) ? known : [props.chosen, ...known];
  return (
    <select value={props.chosen} onChange={({ target }) => props.choose(target.value)}>
      <option value="">all</option>
      {names.map((name) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </select>
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
          <td className="one-line">
            <Link data-row href={`/runs/${run.run_id}`}>
              {words.here(run.created_at)}
            </Link>
          </td>
          <td className="what">{words.what(run)}</td>
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
