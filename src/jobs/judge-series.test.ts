import { describe, expect, it } from 'vitest';
import type { Series } from '../planning/asked-bars.ts';
import { type SeriesResult, judgeSeries, needsEvidence } from './judge-series.ts';

const all = ['2026-01-05', '2026-01-06', '2026-01-07'];
const daily: Series = { timeframe: 'daily', range: { from: '2026-01-05', to: '2026-01-07' }, sessions: all };
const saw = (...sessions: string[]): SeriesResult[] => {
  const seen = new Set(sessions);
  return [{ series: daily, seen, stored: seen, newestDue: '2026-01-07', isKnown: false, isFirst: true }];
};
const settled = '2026-01-07';
const active = { listedOn: '1980-12-12', delistedOn: null };

describe('judging what came for a symbol', () => {
  it('is content when the newest due session came, whatever else is missing', () => {
    expect(needsEvidence(saw('2026-01-05', '2026-01-07'), settled)).toBe(false);
    expect(judgeSeries('AAPL', saw('2026-01-07'), settled, undefined)).toBeNull();
  });

  it('does not ask for a session that has not settled', () => {
    const results = saw('2026-01-05', '2026-01-06').map((result) => ({ ...result, newestDue: '2026-01-06' }));
    expect(needsEvidence(results, '2026-01-06')).toBe(false);
    expect(judgeSeries('AAPL', results, '2026-01-06', undefined)).toBeNull();
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

  it('asks about a symbol that begins late, unless it had bars before', () => {
    expect(needsEvidence(saw('2026-01-06', '2026-01-07'), settled)).toBe(true);
    const known = saw('2026-01-06', '2026-01-07').map((result) => ({ ...result, isFirst: false }));
    expect(needsEvidence(known, settled)).toBe(false);
  });

  it('fails nobody for a session that is explained', () => {
    const isExplained = (): boolean => true;
    expect(judgeSeries('THIN', saw('2026-01-05'), settled, active, isExplained)).toBeNull();
    expect(judgeSeries('THIN', saw(), settled, active, isExplained)).toBeNull();
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
    const results = [...saw(...all), ...saw().map((result) => ({ ...result, series: hourly }))];
    expect(judgeSeries('AAPL', results, settled, active)).toMatchObject({
      message: expect.stringContaining('no hourly bar'),
    });
  });
});
