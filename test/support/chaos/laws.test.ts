import { describe, expect, it } from 'vitest';
import type { EndState, EventState, RunState } from './end-state.ts';
import { type Evidence, brokenLaws } from './laws.ts';

const event = (number: number | null, name: string, payload: object = {}): EventState => ({
  number,
  event: name,
  runId: 'r',
  attempt: 1,
  payload: { ...payload },
});
const run: RunState = {
  runId: 'r',
  status: 'completed',
  attempt: 1,
  imported: 30,
  completed: 2,
  failed: 0,
  symbolsImported: 30,
  outcomes: ['AAA completed 3'],
  symbols: ['A', 'B'],
};
const events = [
  event(1, 'data_import_started'),
  event(2, 'job_progress_update'),
  event(3, 'symbol_processing_complete', { symbol: 'A' }),
  event(4, 'symbol_processing_complete', { symbol: 'B' }),
  event(5, 'data_import_completed', { total_records_imported: 30 }),
];
const state: EndState = {
  digests: { bars_daily: '30 rows x' },
  rows: { bars_daily: ['(A)', '(B)'] },
  runs: [run],
  events,
  requests: { logged: 3, retries: 0 },
};
const broken = (change: Partial<EndState>, more: Partial<Evidence> = {}): string[] =>
  brokenLaws({
    expected: state,
    found: { ...state, ...change },
    keepsRun: true,
    heard: [1, 3, 4, 5],
    requests: { planned: 3, sent: 3, allowed: 0 },
    ...more,
  });

describe('the laws of an import under faults', () => {
  it('are kept by what is as it would be without them', () => {
    expect(broken({})).toEqual([]);
  });

  it.each<[what: string, change: Partial<EndState>, more: Partial<Evidence>, says: string]>([
    [
      'other bars',
      { digests: { bars_daily: '29 rows y' }, rows: { bars_daily: ['(A)', '(C)'] } },
      {},
      'bars_daily: 29 rows y, expected 30 rows x (here (C); there (B))',
    ],
    ['another run', { runs: [run, { ...run, runId: 's', status: 'parked' }] }, {}, '1 runs besides'],
    [
      'a run left behind',
      { runs: [{ ...run, status: 'in_progress' }] },
      {},
      'the run: in_progress, 30 records',
    ],
    [
      'a page counted twice',
      { runs: [{ ...run, imported: 40 }] },
      {},
      'run of 40 records, its symbols add up to 30',
    ],
    [
      'an end that tells something else',
      { events: [...events.slice(0, 4), event(5, 'data_import_completed', { total_records_imported: 29 })] },
      {},
      'run of 30 records, its end tells of 29',
    ],
    [
      'a symbol told twice',
      { events: [...events, event(6, 'symbol_processing_complete', { symbol: 'A' })] },
      { heard: [1, 3, 4, 5, 6] },
      'symbol_processing_complete A attempt 1 was told 2 times',
    ],
    [
      'a symbol not told of',
      { events: events.map((one) => (one.number === 4 ? event(4, 'job_progress_update') : one)) },
      {},
      'no event tells of the end of B',
    ],
    [
      'a hole in the numbers',
      { events: [...events, event(7, 'critical_error')] },
      { heard: [1, 3, 4, 5, 7] },
      'event number 6 is missing: 7 follows 5',
    ],
    [
      'an unnumbered event',
      { events: [...events, event(null, 'critical_error')] },
      {},
      '1 events without a number',
    ],
    ['events out of order', {}, { heard: [1, 4, 3, 5] }, 'event 3 was first heard after 4'],
    ['events nobody heard', {}, { heard: [1, 4, 5] }, 'never heard: 3 symbol_processing_complete'],
    [
      'requests in vain',
      {},
      { requests: { planned: 3, sent: 6, allowed: 2 } },
      '3 requests beyond the plan of 3, where 2 were in flight',
    ],
  ])('are broken by %s', (_, change, more, says) => {
    expect(broken(change, more)).toEqual(expect.arrayContaining([expect.stringContaining(says)]));
  });

  it('let events be heard again, and late progress not at all', () => {
    expect(broken({}, { heard: [1, 2, 3, 1, 2, 3, 4, 5] })).toEqual([]);
    expect(broken({}, { heard: null })).toEqual([]);
  });
});
