import { describe, expect, it } from 'vitest';
import type { Progress } from '../api/queries.ts';
import type { RunStatus, RunSummary } from '../api/types.ts';
import { standingOf } from './standing.ts';

const run = { attempt: 1, completed: 2, failed: 1, total_symbols: 10, percentage: 30 } as RunSummary;
const status = (attempt: number, done: number, failed: readonly string[]): RunStatus =>
  ({
    attempt,
    progress: { symbols_completed: done, symbols_total: 10, percentage: done * 10, current_symbol: 'S' },
    stats: { failed_symbols: failed },
  }) as RunStatus;
const heard = (attempt: number, completed: number, failed: number): Progress =>
  ({ attempt, completed, failed, remaining: 10 - completed - failed, current_symbol: 'E' }) as Progress;

describe('where a run stands', () => {
  it('is what its summary says as long as nothing else is known', () => {
    expect(standingOf(run, undefined, undefined)).toMatchObject({ completed: 2, failed: 1, remaining: 7 });
  });

  it('is told by the answer or the event that has it furthest', () => {
    expect(standingOf(run, status(1, 5, ['X']), heard(1, 3, 1))).toMatchObject({ completed: 4, failed: 1 });
    expect(standingOf(run, status(1, 5, ['X']), heard(1, 6, 1))).toMatchObject({ completed: 6, failed: 1 });
  });

  it('is told by the event when both have it as far', () => {
    expect(standingOf(run, status(1, 5, []), heard(1, 5, 0))).toMatchObject({ currentSymbol: 'E' });
  });

  it('is that of the newest attempt, which has failed symbols before it again', () => {
    expect(standingOf(run, status(2, 2, []), heard(1, 8, 2))).toMatchObject({ attempt: 2, remaining: 8 });
  });
});
