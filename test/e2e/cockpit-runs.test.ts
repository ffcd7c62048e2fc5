import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { checkAccess, chromiumPath } from '../support/browser.ts';
import { cockpitOfFile } from '../support/cockpit.ts';
import { describeWhere } from '../support/describe-where.ts';

const NOW = '2026-01-06T12:00:00Z';
/** Of the generated market; the last two fail until the sandbox is mended. */
const SYMBOLS = ['AAPL', 'AMZN', 'BA', 'CAT', 'CRM', 'AMGN', 'BCPC'];
const FAULTS = ['http-500=symbol:AMGN', 'http-500=symbol:BCPC'];

describeWhere(chromiumPath !== undefined, 'Chromium', 'runs in the cockpit', () => {
  const cockpit = cockpitOfFile(NOW, ['--symbols', '12', ...FAULTS.flatMap((fault) => ['--fault', fault])], {
    DATA_IMPORT_POLYGON_RATE_LIMIT_MS: '250',
    DATA_IMPORT_POLYGON_MAX_TRIES: '2',
    DATA_IMPORT_POLYGON_RETRY_BASE_MS: '5',
    DATA_IMPORT_STORAGE_BATCH_SIZE: '50',
    DATA_IMPORT_PROCESSING_PARALLEL_WORKERS: '2',
    DATA_IMPORT_PROCESSING_SUCCESS_THRESHOLD: '50',
  });

  const rowsOf = (page: Page, table: string) => page.getByRole('region', { name: table }).locator('tbody tr');
  const setFaults = (faults: readonly string[]) =>
    fetch(`${cockpit.sandbox.url}/sandbox/faults`, { method: 'POST', body: JSON.stringify({ faults }) });
  async function startRun(): Promise<string> {
    const { body } = await cockpit.service.ask('/api/processing/import/trigger', {
      symbols: SYMBOLS,
      timeframes: ['hourly', 'daily'],
      lookback_days: 30,
      refresh: true,
    });
    return body.run_id as string;
  }
  async function isOver(runId: string): Promise<void> {
    const status = async () =>
      (await cockpit.service.ask(`/api/processing/import/status/${runId}`)).body.status;
    while ((await status()) === 'in_progress') await delay(50);
  }
  /** A run that has ended with both symbols failed. */
  async function failedRun(): Promise<string> {
    await setFaults(FAULTS);
    const runId = await startRun();
    await isOver(runId);
    return runId;
  }

  it('show the requests of a run as they are answered, each with its phases and figures', async (context) => {
    await setFaults(FAULTS);
    const runId = await startRun();
    const page = await cockpit.open(context, `/runs/${runId}`);
    const rows = rowsOf(page, 'Table of requests');
    await rows.first().waitFor();
    const early = await rows.count();
    expect((await cockpit.service.ask(`/api/processing/import/status/${runId}`)).body.status).toBe(
      'in_progress',
    );
    await page.getByText('Requests left').waitFor();
    await page.goto(`${cockpit.service.url}/`);
    await page.getByRole('meter', { name: /^Pacing .* requests a second allowed/ }).waitFor();
    await page.goBack();
    await page.locator('.lead .status.completed').waitFor();
    const { rows: logged } = await cockpit.database.pool.query(
      'SELECT symbol, error_code, net_ms, rows FROM requests WHERE run_id = $1 ORDER BY n DESC',
      [runId],
    );
    await expect.poll(() => rows.count(), { timeout: 10_000 }).toBe(logged.length);
    expect(early).toBeLessThan(logged.length);
    expect(await rows.first().locator('.phase.network').count()).toBe(1);
    expect(await rows.locator('td:first-child .mono').allTextContents()).toEqual(
      logged.map(({ symbol }) => symbol ?? 'all stocks'),
    );
    const failures = logged.filter(({ error_code: code }) => code !== null);
    expect(failures.length).toBeGreaterThan(1);
    await page.getByRole('group', { name: 'Which requests' }).getByRole('button', { name: 'Failed' }).click();
    await expect.poll(() => rows.count()).toBe(failures.length);
    await page.getByLabel('Of symbol', { exact: true }).fill('BCPC');
    await expect.poll(() => rows.count()).toBe(failures.filter(({ symbol }) => symbol === 'BCPC').length);
    await rows.first().getByText('an unusable answer').waitFor();
    expect(new URL(page.url()).search).toBe('?requests=failed&of=BCPC');
    await page.reload();
    await rows.first().getByText('BCPC').waitFor();
    expect(await page.getByLabel('Of symbol', { exact: true }).inputValue()).toBe('BCPC');
  });

  it('list symbols by trouble, and retry the one that is chosen', async (context) => {
    const runId = await failedRun();
    const page = await cockpit.open(context, `/runs/${runId}`);
    const rows = rowsOf(page, 'Table of symbols');
    await rows.first().waitFor();
    const names = await rows.getByRole('link').allTextContents();
    expect([names.slice(0, 2).toSorted(), names.length]).toEqual([['AMGN', 'BCPC'], SYMBOLS.length]);
    await setFaults([]);
    await page.getByLabel('Choose AMGN').check();
    await page.getByRole('button', { name: 'Retry 1 symbol' }).click();
    await rows.filter({ hasText: 'AMGN' }).getByText('completed').waitFor();
    const { rows: tried } = await cockpit.database.pool.query(
      `SELECT symbol, status, retry_count FROM symbol_processing_status WHERE run_id = $1 AND symbol IN ('AMGN', 'BCPC') ORDER BY symbol`,
      [runId],
    );
    expect(tried).toEqual([
      { symbol: 'AMGN', status: 'completed', retry_count: 1 },
      { symbol: 'BCPC', status: 'failed', retry_count: 0 },
    ]);
    await page.getByLabel('Find').fill('amg');
    await expect.poll(() => rows.count()).toBe(1);
    expect(await rows.first().getByRole('cell').nth(-3).textContent()).toBe('2');
    await isOver(runId);
  });

  it('are found by what the address says, and the address says what they are filtered by', async (context) => {
    const runId = await failedRun();
    const page = await cockpit.open(context, '/runs?status=completed&find=bcpc');
    const rows = rowsOf(page, 'Table of runs');
    await rows.first().waitFor();
    expect(await page.getByLabel('Status').inputValue()).toBe('completed');
    expect(await rows.first().getByRole('link').getAttribute('href')).toBe(`/runs/${runId}`);
    await page.getByLabel('Universe').selectOption('dow30');
    await page.getByText('No run fits these filters.').waitFor();
    expect(new URL(page.url()).search).toBe('?status=completed&find=bcpc&universe=dow30');
    await page.getByLabel('Universe').selectOption('');
    await page.getByLabel('Find an id, error or symbol').fill(runId.slice(0, 13));
    await expect.poll(() => rows.count()).toBe(1);
  });

  it('that need somebody are told of with a button that does what to do', async (context) => {
    await failedRun();
    await setFaults([]);
    await cockpit.database.pool.query(
      `INSERT INTO absences (symbol, timeframe, session, reason) VALUES ('CAT', 'daily', '2026-01-02', 'unexplained')
         ON CONFLICT DO NOTHING`,
    );
    const page = await cockpit.open(context, '/');
    const needs = page.getByRole('region', { name: 'Needs you' });
    await needs.getByText('2 symbols failed to import').waitFor();
    await needs.getByRole('button', { name: /^Import what is missing: 1 session of 1 symbol/ }).click();
    await needs.getByText('1 session of 1 symbol').waitFor({ state: 'detached' });
    await needs.getByRole('button', { name: /^Retry 2 symbols/ }).click();
    await needs.getByText('Nothing needs you.').waitFor();
    expect((await cockpit.service.ask('/api/attention')).body.items).toEqual([]);
  });

  it('keep nobody out: light or dark, and on a small screen', async (context) => {
    const runId = await failedRun();
    for (const [path, shown] of [
      ['/', '2 symbols failed to import'],
      ['/runs', 'completed'],
      [`/runs/${runId}`, 'Against time'],
    ] as const) {
      const page = await cockpit.open(context, path);
      await page.getByText('live', { exact: true }).waitFor();
      await page.getByText(shown).first().waitFor({ state: 'attached' });
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        expect(await checkAccess(page)).toEqual([]);
      }
      await page.setViewportSize({ width: 380, height: 800 });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(380);
    }
  });
});
