import { describe, expect, it } from 'vitest';
import type { Series } from '../planning/import-plan.ts';
import { judgeSeries, needsEvidence } from './judge-series.ts';

const sessions = ['2026-01-05', '2026-01-06', '2026-01-07'];
const daily: Series = { timeframe: 'daily', range: { from: '2026-01-05', to: '2026-01-07' }, sessions };
const saw = (...seen: string[]) => [{ series: daily, seen: new Set(seen) }];
const settled = '2026-01-07';
const active = { listedOn: '1980-12-12', delistedOn: null };

describe('judging what came for a symbol', () => {
  it('is content when the newest due session came, whatever else is missing', () => {
    expect(needsEvidence(saw('2026-01-07'), settled)).toBe(false);
    expect(judgeSeries('AAPL', saw('2026-01-07'), settled, undefined)).toBeNull();
  });

  it('does not ask for a session that has not settled', () => {
    expect(needsEvidence(saw('2026-01-05', '2026-01-06'), '2026-01-06')).toBe(false);
  });

  it('fails a symbol the vendor does not know', () => {
    expect(needsEvidence(saw(), settled)).toBe(true);
    expect(judgeSeries('APPL', saw(), settled, null)).toMatchObject({
      code: 'SYMBOL_NOT_FOUND',
      message: expect.stringContaining('does not know APPL'),
    });
  });

  it('fails a known symbol without any bar', () => {
    expect(judgeSeries('AAPL', saw(), settled, active)).toMatchObject({ code: 'VENDOR_RESPONSE_INVALID' });
  });

  it('fails a symbol whose newest due session is missing, and names both sessions', () => {
    const failure = judgeSeries('AAPL', saw('2026-01-05', '2026-01-06'), settled, active);
    expect(failure).toMatchObject({ code: 'VENDOR_NOT_READY' });
    expect(failure?.message).toContain('2026-01-07');
    expect(failure?.message).toContain('2026-01-06');
  });

  it('asks nothing of a delisted symbol after its last day', () => {
    expect(
      judgeSeries('OLD', saw('2026-01-05'), settled, { listedOn: null, delistedOn: '2026-01-06' }),
    ).toBeNull();
  });

  it('fails a symbol that was delisted before the range, and says when', () => {
    const failure = judgeSeries('OLD', saw(), settled, { listedOn: '2001-01-01', delistedOn: '2020-03-01' });
    expect(failure).toMatchObject({
      code: 'SYMBOL_NOT_FOUND',
      message: expect.stringContaining('delisted 2020-03-01'),
    });
  });

  it('fails a symbol that came in one timeframe only', () => {
    const hourly: Series = { ...daily, timeframe: 'hourly' };
    const results = [...saw(...sessions), { series: hourly, seen: new Set<string>() }];
    expect(judgeSeries('AAPL', results, settled, active)).toMatchObject({
      message: expect.stringContaining('no hourly bar'),
    });
  });
});
