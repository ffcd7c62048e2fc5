import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { ImportProgress } from '../jobs/job-progress-tracker.ts';
import { clockTime, renderLine, renderLive, showProgress } from './live-progress.ts';

const progress: ImportProgress = {
  runId: 'r1',
  attempt: 1,
  totalSymbols: 505,
  completed: 250,
  failed: 5,
  processed: 255,
  remaining: 250,
  percentage: 50.49,
  currentSymbol: 'MSFT',
  rows: 500_000,
  requests: 512,
  plannedRequests: 1010,
  elapsedMs: 5000,
  remainingMs: 6000,
  avgProcessingTimeMs: 120,
};

describe('the live display', () => {
  const lines = stripVTControlCharacters(renderLive('sp500', progress, 80)).split('\n');

  it('shows bar, percent, counts and current symbol', () => {
    expect(lines[1]).toMatch(/^█+░+ {2}50\.49 % {2}255\/505 {2}MSFT$/);
    expect(lines[2]).toBe('completed 250 · failed 5 · remaining 250');
    expect(lines[3]).toBe('100,000 rows/s · requests 512/1,010 · 00:06 left');
  });

  it.each([40, 60, 80, 200])('stays within %i columns', (columns) => {
    const widths = stripVTControlCharacters(
      renderLive('sp500 · hourly, daily, weekly, monthly', progress, columns),
    )
      .split('\n')
      .map((line) => line.length);
    expect(Math.max(...widths)).toBeLessThanOrEqual(columns);
  });

  it('leaves a notice standing above it', async () => {
    const err = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY: true, columns: 80, rows: 24 });
    const cli = { err } as unknown as Parameters<typeof showProgress>[0];
    await showProgress(cli, 'sp500', async (show, notice) => {
      show(progress);
      notice('Trying again in 4 s.');
    });
    err.end();
    const written = stripVTControlCharacters(String(err.read())).split('\n');
    expect(written.filter((line) => line === 'Trying again in 4 s.')).toHaveLength(1);
    expect(written.lastIndexOf('sp500')).toBeGreaterThan(written.indexOf('Trying again in 4 s.'));
  });

  it('is full only at the end', () => {
    const almost = { ...progress, processed: 504, percentage: 99.8 };
    expect(renderLive('sp500', almost, 80)).toContain('░');
    expect(renderLive('sp500', { ...progress, processed: 505, percentage: 100 }, 80)).not.toContain('░');
  });
});

describe('progress where there is no terminal', () => {
  async function linesOf(...steps: Partial<ImportProgress>[]): Promise<string[]> {
    const err = new PassThrough();
    const cli = { err } as unknown as Parameters<typeof showProgress>[0];
    await showProgress(cli, 'sp500', async (show) => {
      for (const step of steps) show({ ...progress, ...step });
    });
    err.end();
    return String(err.read()).trim().split('\n');
  }

  it('writes a line at the start, every five seconds and at the end', async () => {
    const lines = await linesOf(
      { elapsedMs: 0 },
      { elapsedMs: 4000 },
      { elapsedMs: 5000, percentage: 60 },
      { elapsedMs: 6000 },
      { elapsedMs: 7000, percentage: 100 },
    );
    expect(lines).toHaveLength(3);
    expect(lines[0]).toBe('sp500: 505 symbols, 1,010 requests (run r1)');
    expect(lines[1]).toContain('60.00 %');
    expect(lines[2]).toContain('100.00 %');
  });

  it('says everything the live display says', () => {
    expect(renderLine(progress)).toBe(
      '50.49 %  255/505  MSFT  completed 250, failed 5, remaining 250, 100,000 rows/s, requests 512/1010, 00:06 left',
    );
  });
});

describe('the time left', () => {
  it.each([
    [0, '00:00'],
    [999, '00:01'],
    [61_000, '01:01'],
    [3_600_000, '1:00:00'],
  ])('of %i ms is %s', (ms, text) => {
    expect(clockTime(ms)).toBe(text);
  });
});
