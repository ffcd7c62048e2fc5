import { describe, expect, it } from 'vitest';
import { askBars } from '../planning/asked-bars.ts';
import { createClippedHistoryWatch } from './clipped-history.ts';

const [series] = askBars(['A'], ['daily'], { from: '2025-01-02', to: '2025-12-31' }, '2025-12-31').spans;

function findings(...firsts: string[]): string[] {
  const watch = createClippedHistoryWatch();
  for (const first of firsts) watch.began(series!, first);
  return watch.findings();
}

describe('watching for clipped history', () => {
  it('says once that most symbols begin late on one day', () => {
    expect(findings('2025-06-02', '2025-06-02', '2025-06-02', '2025-09-09')).toEqual([
      expect.stringContaining(
        'daily bars begin on 2025-06-02 for 3 of 4 symbols, though 2025-01-02 was asked for',
      ),
    ]);
  });

  it('is silent when symbols begin where they were asked to, or each on a day of its own', () => {
    expect(findings('2025-01-02', '2025-01-02', '2025-09-09')).toEqual([]);
    expect(findings('2025-06-02', '2025-07-01', '2025-09-09')).toEqual([]);
    expect(findings()).toEqual([]);
  });

  it('allows for a symbol that was listed within the range', () => {
    expect(findings('2025-06-02')).toEqual([expect.stringContaining('unless the symbol was listed then')]);
  });
});
