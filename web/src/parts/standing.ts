import type { Progress } from '../api/queries.ts';
import type { RunStatus, RunSummary } from '../api/types.ts';

/** Where a run stands. */
export interface Standing {
  readonly attempt: number;
  readonly completed: number;
  readonly failed: number;
  readonly remaining: number;
  readonly percentage: number;
  readonly currentSymbol: string | null;
  /** An instant. */
  readonly eta: string | null;
}

/** Where it stands by whoever has it furthest: events and answers overtake each other. */
export function standingOf(
  run: RunSummary,
  status: RunStatus | undefined,
  heard: Progress | undefined,
): Standing {
  const standings = [ofSummary(run)];
  if (status !== undefined) standings.push(ofStatus(status));
  if (heard !== undefined) standings.push(ofEvent(heard));
  return standings.reduce((best, one) => (isFurther(one, best) ? one : best));
}

/** Of two that are as far the later one in the list knows more. */
const isFurther = (one: Standing, best: Standing): boolean =>
  one.attempt === best.attempt
    ? one.completed + one.failed >= best.completed + best.failed
    : one.attempt > best.attempt;

const ofSummary = (run: RunSummary): Standing => ({
  attempt: run.attempt,
  completed: run.completed,
  failed: run.failed,
  remaining: run.total_symbols - run.completed - run.failed,
  percentage: run.percentage,
  currentSymbol: null,
  eta: null,
});

function ofStatus({ attempt, progress, stats }: RunStatus): Standing {
  const failed = stats.failed_symbols.length;
  return {
    attempt,
    completed: progress.symbols_completed - failed,
    failed,
    remaining: progress.symbols_total - progress.symbols_completed,
    percentage: progress.percentage,
    currentSymbol: progress.current_symbol,
    eta: progress.estimated_completion,
  };
}

const ofEvent = (heard: Progress): Standing => ({
  attempt: heard.attempt ?? 1,
  completed: heard.completed,
  failed: heard.failed,
  remaining: heard.remaining,
  percentage: heard.percentage,
  currentSymbol: heard.current_symbol,
  eta: heard.estimated_completion,
});
