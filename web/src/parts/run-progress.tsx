import { useEffect, useRef, useState } from 'react';
import { useProgress, useRunStatus } from '../api/queries.ts';
import { useServiceClock } from '../api/run-queries.ts';
import type { RunSummary } from '../api/types.ts';
import { standingOf } from './standing.ts';
import { words } from './words.ts';

/** Where an active run stands, live: the guide's progress widget and the pace of the last seconds. */
export function RunProgress({ run }: { readonly run: RunSummary }) {
  const { data: status } = useRunStatus(run.run_id);
  const heard = useProgress(run.run_id);
  const { completed, failed, remaining, percentage, currentSymbol, eta } = standingOf(run, status, heard);
  const records = status?.stats.records_imported ?? run.records_imported;
  const requests = status?.requests ?? run.requests;
  const planned = status?.requests_planned ?? run.requests_planned;
  const now = useServiceClock();
  const symbolsPerSecond = usePace(completed + failed);
  const rowsPerSecond = usePace(records);
  return (
    <div className="progress">
      <div className="progress-line">
        <progress max={100} value={percentage} aria-label={`Progress of the import of ${words.what(run)}`} />
        <output className="percent">{words.percent(percentage)}</output>
      </div>
      <dl className="figures">
        <Figure name="Processing" value={currentSymbol ?? '–'} />
        <Figure name="Completed" value={words.whole(completed)} />
        <Figure name="Failed" value={words.whole(failed)} isBad={failed > 0} />
        <Figure name="Remaining" value={words.whole(remaining)} />
        <Figure name="Symbols a second" value={symbolsPerSecond.toFixed(1)} />
        <Figure name="Records" value={words.whole(records)} />
        <Figure name="Records a second" value={words.whole(Math.round(rowsPerSecond))} />
        <Figure name="Requests used" value={words.whole(requests)} />
        <Figure
          name="Requests left"
          value={planned === null ? '–' : words.whole(Math.max(0, planned - requests))}
        />
        <Figure name="ETA" value={eta === null ? '–' : words.eta(eta, now())} />
      </dl>
    </div>
  );
}

/** A figure with its name. */
export function Figure(props: { readonly name: string; readonly value: string; readonly isBad?: boolean }) {
  return (
    <div className={props.isBad === true ? 'figure bad' : 'figure'}>
      <dt>{props.name}</dt>
      <dd>{props.value}</dd>
    </div>
  );
}

const WINDOW_MS = 10_000;
const LOOK_EVERY_MS = 1000;

/** How fast a growing count has grown over the last seconds, a second. */
function usePace(count: number): number {
  const seen = useRef<{ at: number; count: number }[]>([]);
  const latest = useRef(count);
  const [pace, setPace] = useState(0);
  useEffect(() => {
    latest.current = count;
  }, [count]);
  useEffect(() => {
    const timer = setInterval(() => {
      const at = performance.now();
      seen.current = [
        ...seen.current.filter((one) => at - one.at <= WINDOW_MS),
        { at, count: latest.current },
      ];
      const first = seen.current[0]!;
      setPace(at === first.at ? 0 : ((latest.current - first.count) * 1000) / (at - first.at));
    }, LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return pace;
}
