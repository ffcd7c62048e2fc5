import { describe, expect, it } from 'vitest';
import type { KnownSymbol } from '../market/coverage.ts';
import { type AnswerRules, wantedSessions } from './wanted-sessions.ts';

// Thursday to Thursday, a weekend between.
const sessions = ['2026-01-08', '2026-01-09', '2026-01-12', '2026-01-13', '2026-01-14', '2026-01-15'];
/** As after the close of the last of them: only that one cannot be final yet. */
const rules: AnswerRules = { finalThrough: '2026-01-14', refusedThrough: null, refresh: false };
const known = (
  over: Partial<KnownSymbol> & { spans?: [string, string][]; provisional?: [string, string][] },
): KnownSymbol => {
  const toSpans = (spans: [string, string][] = []) => spans.map(([from, before]) => ({ from, before }));
  const daily = { sessions: toSpans(over.spans), provisional: toSpans(over.provisional) };
  return { isHeardOf: true, listedOn: null, delistedOn: null, ...over, covered: { daily } };
};
const wanted = (facts?: KnownSymbol, over: Partial<AnswerRules> = {}) =>
  wantedSessions(sessions, 'daily', facts, { ...rules, ...over });

describe('what is wanted of a symbol', () => {
  it('is everything of one never asked for', () => {
    expect(wanted()).toEqual({ asked: [[0, 5]], absent: [] });
    // Of another timeframe nothing is known.
    const facts = known({ spans: [['2026-01-08', '2026-01-16']] });
    expect(wantedSessions(sessions, 'hourly', facts, rules).asked).toEqual([[0, 5]]);
  });

  it('is only what was never answered, also in the middle', () => {
    const facts = known({
      spans: [
        ['2026-01-08', '2026-01-12'],
        ['2026-01-14', '2026-01-16'],
      ],
    });
    expect(wanted(facts).asked).toEqual([[2, 3]]);
  });

  it('is nothing when all is answered', () => {
    expect(wanted(known({ spans: [['2026-01-08', '2026-01-16']] }))).toEqual({ asked: [], absent: [] });
  });

  it('is a session answered before the next one closed, once that has', () => {
    const facts = known({
      spans: [['2026-01-08', '2026-01-15']],
      provisional: [['2026-01-14', '2026-01-15']],
    });
    // The newest was never asked, the one before is asked once more.
    expect(wanted(facts).asked).toEqual([[4, 5]]);
    expect(wanted(facts, { finalThrough: '2026-01-13' }).asked).toEqual([[5, 5]]);
  });

  it('is not the newest session again before the next one closes', () => {
    const facts = known({
      spans: [['2026-01-08', '2026-01-16']],
      provisional: [['2026-01-15', '2026-01-16']],
    });
    expect(wanted(facts).asked).toEqual([]);
  });

  it('is nothing before a listing or after a delisting, where absences need no asking', () => {
    const facts = known({ listedOn: '2026-01-09', delistedOn: '2026-01-14' });
    expect(wanted(facts)).toEqual({
      asked: [[1, 3]],
      absent: [
        [0, 0],
        [4, 5],
      ],
    });
  });

  it('is nothing that the vendor refused as too old', () => {
    expect(wanted(undefined, { refusedThrough: '2026-01-09' })).toEqual({
      asked: [[2, 5]],
      absent: [[0, 1]],
    });
  });

  it('is everything a symbol traded on when asked for again', () => {
    const facts = known({ spans: [['2026-01-08', '2026-01-16']], delistedOn: '2026-01-15' });
    expect(wanted(facts, { refresh: true, refusedThrough: '2026-01-09' })).toEqual({
      asked: [[0, 4]],
      absent: [[5, 5]],
    });
  });
});
