import { Link } from 'wouter';
import { useRun } from '../api/queries.ts';
import type { RunSummary } from '../api/types.ts';
import { Failure } from '../parts/failure.tsx';
import { RunActions } from '../parts/run-actions.tsx';
import { Figure, RunProgress } from '../parts/run-progress.tsx';
import { RunSymbols } from '../parts/run-symbols.tsx';
import { Timeline } from '../parts/timeline.tsx';
import { words } from '../parts/words.ts';

/** One run: where it stands, its symbols, troubled ones first, and its requests against time. */
export function RunView({ runId }: { readonly runId: string }) {
  const run = useRun(runId);
  return (
    <>
      <h1>Run</h1>
      <Failure error={run.error} />
      {run.data !== undefined && (
        <>
          <Facts run={run.data} />
          <RunSymbols run={run.data} />
          <Timeline run={run.data} />
          <p className="quiet">
            <Link href="/runs">All runs</Link>
          </p>
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
