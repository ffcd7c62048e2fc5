import { Link } from 'wouter';
import { useMarket, useReady, useRuns, useSchedule } from '../api/queries.ts';
import type { Ready, RunSummary } from '../api/types.ts';
import { Failure } from '../parts/failure.tsx';
import { RunActions } from '../parts/run-actions.tsx';
import { RunProgress } from '../parts/run-progress.tsx';
import { words } from '../parts/words.ts';

/** Home: what runs, what comes, and what needs a person. */
export function NowView() {
  const active = useRuns({ status: 'in_progress', limit: '5' });
  const newest = useRuns({ limit: '5' });
  return (
    <>
      <h1>Now</h1>
      <Failure error={active.error} />
      <section aria-labelledby="active">
        <h2 id="active">Imports under way</h2>
        {active.data?.runs.length === 0 && (
          <p className="empty">
            None. <Link href="/import">Choose what to import</Link>, or wait for the next scheduled run.
          </p>
        )}
        {active.data?.runs.map((run) => (
          <article key={run.run_id} className="card">
            <h3>
              <Link href={`/runs/${run.run_id}`}>{words.what(run)}</Link>
            </h3>
            <RunProgress run={run} />
            <RunActions run={run} />
          </article>
        ))}
      </section>
      <Needs runs={newest.data?.runs ?? []} />
      <Coming />
    </>
  );
}

/** What needs a person, each with what to do. */
function Needs({ runs }: { readonly runs: readonly RunSummary[] }) {
  const { data: ready } = useReady();
  const troubles = ready?.checks.filter(({ ok }) => !ok) ?? [];
  const unfinished = runs.filter(
    ({ status, failed }) =>
      status !== 'in_progress' && (failed > 0 || status === 'failed' || status === 'paused'),
  );
  const isQuiet = troubles.length === 0 && unfinished.length === 0;
  return (
    <section aria-labelledby="needs">
      <h2 id="needs">Needs you</h2>
      {isQuiet && <p className="empty">Nothing.</p>}
      <ul className="needs">
        {troubles.map((check) => (
          <li key={check.name} className="card trouble">
            <strong>{adviceOf(check).title}</strong>
            <span>
              {check.detail}. {adviceOf(check).advice}
            </span>
          </li>
        ))}
        {unfinished.map((run) => (
          <li key={run.run_id} className="card trouble">
            <strong>
              <Link href={`/runs/${run.run_id}`}>
                {run.failed > 0
                  ? `${words.count(run.failed, 'symbol')} failed to import`
                  : `The import is ${words.status(run.status)}`}
              </Link>
            </strong>
            <span>
              {words.what(run)}, {words.here(run.created_at)}. {run.error_message}
            </span>
            <RunActions run={run} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function adviceOf({ name }: Ready['checks'][number]): { title: string; advice: string } {
  switch (name) {
    case 'redis':
      return { title: 'Redis is away', advice: 'Nothing is lost: start it again, and events follow.' };
    case 'disk':
      return { title: 'The disk is nearly full', advice: 'Make room before the next import.' };
    default:
      return { title: `The ${name} is away`, advice: 'Imports wait for it.' };
  }
}

/** The market, and what the schedule will do. */
function Coming() {
  const { data: market } = useMarket();
  const { data: schedule } = useSchedule();
  return (
    <section aria-labelledby="coming">
      <h2 id="coming">Next</h2>
      <dl className="facts">
        {market !== undefined && (
          <>
            <dt>Market</dt>
            <dd>
              {words.phase(market)}; the next session opens {words.newYork(market.next_session.opens_at)}
              {market.next_session.early_close && ' and closes early'}
            </dd>
          </>
        )}
        {schedule !== undefined && (
          <>
            <dt>Scheduled run</dt>
            <dd>
              {schedule.next_run === null ? (
                <>
                  none: the schedule is off. <Link href="/schedule">Change it</Link>
                </>
              ) : (
                `${words.newYork(schedule.next_run)}: ${schedule.universes.join(', ')}`
              )}
            </dd>
          </>
        )}
      </dl>
    </section>
  );
}
