import { Link } from 'wouter';
import { useMarket, useRuns, useSchedule } from '../api/queries.ts';
import { Failure } from '../parts/failure.tsx';
import { Needs } from '../parts/needs.tsx';
import { Pace } from '../parts/pace.tsx';
import { RunActions } from '../parts/run-actions.tsx';
import { RunProgress } from '../parts/run-progress.tsx';
import { words } from '../parts/words.ts';

/** Home: what runs, what comes, and what needs a person. */
export function NowView() {
  const active = useRuns({ status: 'in_progress', limit: '5' });
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
        {active.data !== undefined && active.data.runs.length > 0 && <Pace />}
      </section>
      <Needs />
      <Coming />
    </>
  );
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
              {words.phase(market)}; {words.nextBell(market)}
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
