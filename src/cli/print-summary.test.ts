import { describe, expect, it } from 'vitest';
import type { ImportSummary } from '../jobs/import-summary.ts';
import { duration, exitCodeOf, renderSummary } from './print-summary.ts';

const complete: ImportSummary = {
  run_id: 'r1',
  status: 'completed',
  duration_seconds: 14.2,
  total_symbols: 503,
  successful_symbols: 503,
  failed_symbols: 0,
  total_records_imported: 712_345,
  success_rate: 100,
  requests: 1007,
  bytes: 35_717_003,
  records: { new: 1_137_000, changed: 8, unchanged: 0, rejected: 2 },
  gaps: 0,
  trouble: {
    evidence_requests: 0,
    retries: 0,
    failed_tries: {},
    throttled_seconds: 0,
    retry_seconds: 0,
  },
  left: null,
  stopped_by: null,
  failures: [],
};

const failure = (symbol: string, code: string) => ({
  symbol,
  error_code: code,
  error_message: `why ${symbol} failed.`,
});
const withFailures = (...failures: ImportSummary['failures']): ImportSummary => ({
  ...complete,
  successful_symbols: 503 - failures.length,
  failed_symbols: failures.length,
  failures,
});

describe('the summary in words', () => {
  it('says how many symbols came, what was stored and what it cost', () => {
    expect(renderSummary(complete, false)).toBe(
      [
        'Import completed: 503/503 symbols in 14.2 s (run r1)',
        'Records imported: 712,345 in the asked windows; success rate: 100.00 %',
        'Raw rows: 1,137,000 new, 8 changed, 0 unchanged, 2 rejected',
        'Requests: 1,007, 35.7 MB; sessions without a bar, unexplained: 0',
      ].join('\n'),
    );
  });

  it('names the failed symbols, why, and what to do', () => {
    const text = renderSummary(withFailures(failure('AAA', 'NETWORK_TIMEOUT')), false);
    expect(text).toContain(
      '1 failed:\n  AAA  NETWORK_TIMEOUT: why AAA failed.\nTry them again: tickstock retry r1',
    );
  });

  it('does not advise to retry what no retry can mend', () => {
    expect(renderSummary(withFailures(failure('ZZZZ', 'SYMBOL_NOT_FOUND')), false)).not.toContain('retry');
  });

  it('lists twenty failures and says where the others are', () => {
    const many = Array.from({ length: 25 }, (_, n) => failure(`S${n}`, 'NETWORK_TIMEOUT'));
    const text = renderSummary(withFailures(...many), false);
    expect(text).toContain('25 failed:');
    expect(text).not.toContain('S20 ');
    expect(text).toContain('and 5 more: tickstock status r1');
  });
});

describe('the exit code', () => {
  it.each([
    ['a complete run', complete, 0],
    ['some failed symbols', withFailures(failure('AAA', 'NETWORK_TIMEOUT')), 3],
    ['a failed run', { ...complete, status: 'failed' }, 4],
  ])('of %s', (_, summary, code) => {
    expect(exitCodeOf(summary)).toBe(code);
  });
});

describe('a vendor that failed', () => {
  const parked: ImportSummary = {
    ...complete,
    status: 'parked',
    successful_symbols: 3,
    trouble: {
      evidence_requests: 4,
      retries: 41,
      failed_tries: { 'server error': 48, throttled: 2 },
      throttled_seconds: 7.5,
      retry_seconds: 61.2,
    },
    left: { symbols: 12_000, requests: 24_000, seconds: 290_880 },
    stopped_by: { error_code: 'VENDOR_NOT_READY', error_message: 'Massive gave nothing usable.' },
  };

  it('is counted by cause with the time it cost, and the days of work left are said', () => {
    expect(renderSummary(parked, false).split('\n').slice(4)).toEqual([
      'Requests beside those, to settle doubts: 4',
      'Tries that failed: 48 server error, 2 throttled; lost 7.5 s to throttling, 61.2 s over all requests to other failures',
      'Left: 12,000 symbols, at least 24,000 requests: 3.4 days at the pacing',
      'Go on with it: tickstock import --resume r1',
    ]);
  });

  it('ends the program with what stopped it', () => {
    expect(exitCodeOf(parked)).toBe(75);
    const stopped = { error_code: 'CANCELLED', error_message: 'Interrupted.' } as const;
    expect(exitCodeOf({ ...parked, status: 'cancelled', stopped_by: stopped })).toBe(130);
    expect(exitCodeOf({ ...parked, status: 'failed', stopped_by: stopped })).toBe(4);
  });

  it.each([
    [1, '1 s'],
    [119.2, '120 s'],
    [121, '3 min'],
    [7200, '2 h'],
    [172_800, '2 days'],
  ])('%d seconds are %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });
});
