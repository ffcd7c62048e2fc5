import { expect, it } from 'vitest';
import { checkAccess, chromiumPath } from '../support/browser.ts';
import { cockpitOfFile } from '../support/cockpit.ts';
import { describeWhere } from '../support/describe-where.ts';
import { run } from '../support/program.ts';
import { startService } from '../support/service.ts';

const NOW = '2026-01-06T12:00:00Z';
/** Every view, with what it shows when it has been answered. */
const VIEWS = [
  ['/', 'Scheduled run'],
  ['/import', 'sp500'],
  ['/runs', 'in progress'],
  ['/universes', 'dow30'],
  ['/universes/dow30', '30 of 30 members'],
  ['/schedule', 'Next firings'],
] as const;

describeWhere(chromiumPath !== undefined, 'Chromium', 'the cockpit', () => {
  const cockpit = cockpitOfFile(NOW, ['--symbols', '12', '--fault', 'http-500=symbol:BCPC']);

  it('starts an import, follows it to its end and retries what failed to success', async (context) => {
    const page = await cockpit.open(context, '/import');
    await page.getByRole('button', { name: 'symbols', exact: true }).click();
    await page.getByLabel('Symbols, by comma or space').fill('AAPL AMGN BCPC');
    await page.getByLabel('hourly').uncheck();
    await page.getByText('Requests', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Begin the import' }).click();
    await page.waitForURL(/\/runs\/[-\w]{36}$/);
    await page.getByText('1 symbol failed to import').first().waitFor();
    await page.locator('.status.completed, .status.failed').first().waitFor();
    await page.getByRole('row', { name: /BCPC/ }).getByText('VENDOR_RESPONSE_INVALID').waitFor();

    await fetch(`${cockpit.sandbox.url}/sandbox/faults`, { method: 'POST', body: '{"faults":[]}' });
    await page.getByRole('button', { name: 'Retry failed symbols' }).click();
    await page.getByText('Completed', { exact: true }).locator('..').getByText('3/3').waitFor();
    const { rows } = await cockpit.database.pool.query(
      'SELECT run_id, records_imported FROM processing_runs ORDER BY created_at DESC LIMIT 1',
    );
    expect(page.url()).toContain(rows[0].run_id);
    await page.getByText(Number(rows[0].records_imported).toLocaleString('en-US'), { exact: true }).waitFor();
    await page.goto(`${cockpit.service.url}/`);
    await page.getByText('Nothing needs you.').waitFor();
  });

  it('makes a universe of a pasted list once its bad line is mended', async (context) => {
    const page = await cockpit.open(context, '/universes');
    await page.getByLabel('Name', { exact: true }).fill('<script>alert(1)');
    const list = page.getByLabel(/^Symbols, one a line/);
    await list.fill('symbol,name\nAAPL,"Apple, Inc."\nnot a symbol\nMSFT,<b>Microsoft</b>\n');
    await page.getByText('line 3:').waitFor();
    expect(await page.getByRole('button', { name: 'Create' }).isDisabled()).toBe(true);
    await list.fill('symbol,name\nAAPL,"Apple, Inc."\nMSFT,<b>Microsoft</b>\n');
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByText('expected a lower-case letter').waitFor();
    await page.getByLabel('Name', { exact: true }).fill('mine');
    await page.getByRole('button', { name: 'Create' }).click();
    await page.waitForURL(/\/universes\/mine$/);
    await page.getByRole('cell', { name: '<b>Microsoft</b>', exact: true }).waitFor();
    expect(await cockpit.database.pool.query(`SELECT 1 FROM universes WHERE name = 'mine'`)).toMatchObject({
      rowCount: 1,
    });
  });

  it('shows that the service is away, comes back, and catches up', async (context) => {
    const page = await cockpit.open(context, '/runs');
    await page.getByText('live', { exact: true }).waitFor();
    const { port } = new URL(cockpit.service.url);
    await cockpit.service.stop();
    await page.getByText('connection lost: coming back…').waitFor();
    expect(await page.getByRole('heading', { name: 'Runs' }).isVisible()).toBe(true);
    cockpit.service = await startService(cockpit.env, '--port', port);
    await page.getByText('live', { exact: true }).waitFor();
    const { body } = await cockpit.service.ask('/api/processing/import/trigger', {
      symbols: ['KO'],
      timeframes: ['daily'],
    });
    await page
      .getByRole('link')
      .and(page.locator(`[href="/runs/${body.run_id}"]`))
      .first()
      .waitFor();
  });

  it('takes a service that says nothing for away, and asks it again', async (context) => {
    const page = await cockpit.browser.newPage();
    context.onTestFinished(() => page.close());
    await page.clock.install();
    await page.goto(`${cockpit.service.url}/runs`);
    await page.getByText('live', { exact: true }).waitFor();
    // Of these the page sees no sign of life, which comes every 15 s of real time.
    await page.clock.fastForward(41_000);
    await page.getByText('connection lost: coming back…').waitFor();
    await page.clock.fastForward(2000);
    await page.getByText('live', { exact: true }).waitFor();
    expect(await page.getByText('connection lost').count()).toBe(0);
  });

  it('holds no connection while nobody sees it, and catches up when somebody does', async (context) => {
    const page = await cockpit.open(context, '/runs');
    await page.getByText('live', { exact: true }).waitFor();
    const hide = (isHidden: boolean): Promise<void> =>
      page.evaluate(`
        Object.defineProperty(document, 'hidden', { configurable: true, value: ${isHidden} });
        document.dispatchEvent(new Event('visibilitychange'));`);
    const clients = async (): Promise<string | undefined> =>
      /^tickstock_event_clients (\d+)$/m.exec((await cockpit.service.ask('/metrics')).body)?.[1];
    await expect.poll(clients).toBe('1');
    await hide(true);
    await expect.poll(clients).toBe('0');
    const ask = { symbols: ['PG'], timeframes: ['daily'] };
    const { run_id: runId } = (await cockpit.service.ask('/api/processing/import/trigger', ask)).body;
    await hide(false);
    await page
      .getByRole('link')
      .and(page.locator(`[href="/runs/${runId}"]`))
      .first()
      .waitFor();
  });

  it('reads again what could not be read', async (context) => {
    const page = await cockpit.open(context, '/runs');
    await page.getByText('live', { exact: true }).waitFor();
    await page.route('**/api/processing/schedule', (route) => route.abort());
    await page.keyboard.press('g');
    await page.keyboard.press('s');
    const away = page.getByText('The service cannot be reached.');
    await away.first().waitFor();
    await page.unroute('**/api/processing/schedule');
    await page.getByRole('heading', { name: 'Next firings' }).waitFor();
    expect(await away.count()).toBe(0);
  });

  it('asks for a key where one is needed, keeps it in the tab and never in an address', async (context) => {
    const { code, out } = await run(['keys', 'add', 'an operator', '--write'], {
      env: cockpit.env,
    });
    expect(code).toBe(0);
    const key = out.trim();
    const guarded = await startService({
      ...cockpit.env,
      DATA_IMPORT_SERVICE_REQUIRE_KEYS: 'true',
    });
    context.onTestFinished(async () => void (await guarded.stop()));
    const page = await cockpit.open(context, '/runs', guarded.url);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.getByLabel('API key').fill('not a key');
    await page.getByRole('button', { name: 'Come in' }).click();
    await page.getByLabel('API key').fill(key);
    await page.getByRole('button', { name: 'Come in' }).click();
    await page.getByText('live', { exact: true }).waitFor();
    await page.getByRole('heading', { name: 'Runs' }).waitFor();
    expect(asked.length).toBeGreaterThan(2);
    expect(asked.filter((url) => url.includes(key))).toEqual([]);
    expect(await page.evaluate(() => JSON.stringify(Reflect.get(globalThis, 'localStorage')))).toBe('{}');
  });

  it.for(VIEWS)('has nothing that keeps anybody out of %s, light or dark', async ([path, shown], context) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await cockpit.open(context, path);
      await page.emulateMedia({ colorScheme });
      await page.getByText('live', { exact: true }).waitFor();
      await page.getByText(shown).first().waitFor({ state: 'attached' });
      expect(await checkAccess(page)).toEqual([]);
    }
  });

  it('goes everywhere by keys', async (context) => {
    const page = await cockpit.open(context, '/');
    await page.getByText('live', { exact: true }).waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('g');
    await page.keyboard.press('u');
    await page.waitForURL(/\/universes$/);
    expect(await page.title()).toBe('Universes · TickStock');
    await page.getByRole('link', { name: 'dow30' }).waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    await page.keyboard.press('Enter');
    await page.getByLabel('Find').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('zzz');
    await page.getByText(/^0 of \d+ members$/).waitFor();
    expect(new URL(page.url()).pathname).toMatch(/^\/universes\/\w+$/);
  });
});
