import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { checkAccess, chromiumPath } from '../support/browser.ts';
import { cockpitOfFile } from '../support/cockpit.ts';
import { describeWhere } from '../support/describe-where.ts';
import { run } from '../support/program.ts';

const NOW = '2026-01-06T12:00:00Z';

describeWhere(chromiumPath !== undefined, 'Chromium', 'the coverage wall', () => {
  // Hours of one session never come.
  const fault = 'missing-bar=symbol:BCPC,date:2025-12-30,route:aggregates/hour';
  const cockpit = cockpitOfFile(NOW, ['--symbols', '12', '--fault', fault]);
  const tickstock = (line: string) => run(line.split(' '), { cwd: '/', env: cockpit.env });
  const wall = (page: Page) => page.getByRole('application');
  const said = (page: Page) => page.locator('.wall output');

  it('says before the first import what to do first, and shows its symbols once it has ended', async (context) => {
    const page = await cockpit.open(context, '/coverage');
    await page.getByText('Nothing daily has been imported yet.').waitFor();
    expect(await checkAccess(page)).toEqual([]);
    expect(await page.getByRole('link', { name: 'Import something' }).getAttribute('href')).toBe('/import');
    const { out } = await tickstock('import --symbols AAPL,BCPC,BRK.B --lookback-days 40');
    expect(out).toContain('completed: 3/3');
    await page.getByText('3 of 3 symbols').waitFor();
  });

  it('agrees with what is said on the command line', async () => {
    for (const timeframe of ['daily', 'hourly']) {
      const { status, body } = await cockpit.service.ask(
        `/api/coverage?timeframe=${timeframe}&from=2025-12-01&to=2026-01-08`,
      );
      expect(status).toBe(200);
      const statesOf = (symbol: string): string[] =>
        body.symbols
          .find((one: { symbol: string }) => one.symbol === symbol)
          .runs.flatMap((code: number, at: number, runs: number[]) =>
            at % 2 === 0 ? Array(runs[at + 1]!).fill(body.states[code]) : [],
          );
      for (const { symbol } of body.symbols) expect(statesOf(symbol)).toHaveLength(body.sessions.length);
      const listed = JSON.parse((await tickstock(`gaps --timeframe ${timeframe} --all --json`)).out).gaps;
      const absent = body.symbols.flatMap(({ symbol }: { symbol: string }) =>
        statesOf(symbol).filter((state) => state === 'vendor_gap'),
      );
      expect(absent).toHaveLength(listed.length);
      for (const date of ['2025-12-01', '2025-12-30', '2026-01-05', '2026-01-06']) {
        const { timeframes } = JSON.parse((await tickstock(`explain BCPC ${date} --json`)).out);
        const told = timeframes.find((one: { timeframe: string }) => one.timeframe === timeframe);
        const answered = told.to_be_asked_again ? 'provisional' : 'complete';
        expect(statesOf('BCPC')[body.sessions.indexOf(date)]).toBe(
          told.asked ? (told.absence?.reason ?? answered) : date === '2026-01-06' ? 'not_due' : 'not_asked',
        );
      }
    }
  });

  it.each([
    ['from=2026-01-05&to=2025-12-01', 'query.to: lies before from'],
    ['from=2001-01-02&to=2025-12-01', 'query.from: at most 20 years at once'],
    ['timeframe=weekly', 'query.timeframe: '],
    ['universe=csv:/etc/passwd', 'csv: reads files of the server'],
    ['universe=nobody', 'nobody'],
  ])('refuses %s', async (query, why) => {
    const { status, body } = await cockpit.service.ask(`/api/coverage?${query}`);
    expect([status, body.detail]).toEqual([400, expect.stringContaining(why)]);
  });

  it('finds a symbol, says of each of its sessions how it stands and why, and opens it', async (context) => {
    const page = await cockpit.open(context, '/coverage?timeframe=hourly');
    await wall(page).waitFor();
    expect(await wall(page).getAttribute('aria-label')).toMatch(
      /^hourly coverage, 3 symbols by \d+ sessions$/,
    );
    await page.keyboard.press('/');
    await page.keyboard.type('zzz');
    await page.getByText('No symbol begins so.').waitFor();
    await page.getByLabel('Find a symbol').fill('bcp');
    await said(page).getByText('BCPC').waitFor();
    await wall(page).focus();
    await page.keyboard.press('End');
    await said(page).getByText('Monday, January 5, 2026: not final.').waitFor();
    for (let n = 0; n < 3; n++) await page.keyboard.press('ArrowLeft');
    await said(page).getByText('Tuesday, December 30, 2025: the vendor lacks it.').waitFor();
    await said(page).getByText('The vendor has bars of the other timeframe').waitFor();
    await page.keyboard.press('ArrowUp');
    await said(page).getByText('AAPL, Tuesday, December 30, 2025: complete.').waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/symbols\/AAPL\?timeframe=hourly$/);
    await page.goBack();
    await said(page).getByText('AAPL, Tuesday, December 30, 2025: complete.').waitFor();
  });

  it('says what is under the mouse, and opens what is clicked', async (context) => {
    const page = await cockpit.open(
      context,
      '/coverage?from=2025-12-30&to=2026-01-05&timeframe=hourly&only=gaps',
    );
    const { x, y } = (await wall(page).boundingBox())!;
    await page.mouse.move(x + 70, y + 30);
    await said(page).getByText('BCPC, Tuesday, December 30, 2025: the vendor lacks it.').waitFor();
    await page.mouse.move(x + 70, y + 300);
    await said(page).getByText('Point at a cell').waitFor();
    await page.mouse.click(x + 70, y + 30);
    await page.waitForURL('**/symbols/BCPC?**');
    expect(new URL(page.url()).search).toBe('?timeframe=hourly');
  });

  it('keeps in the address what is shown, and shows it again', async (context) => {
    const page = await cockpit.open(context, '/coverage');
    await wall(page).waitFor();
    await page.getByLabel('Find a symbol').fill('BRK.B');
    await wall(page).focus();
    for (let n = 0; n < 6; n++) await page.keyboard.press('+');
    await page.getByRole('button', { name: 'by gaps' }).click();
    await page.getByRole('button', { name: /^complete/ }).click();
    await page.waitForURL(/from=.*to=.*at=BRK\.B/);
    const address = new URL(page.url());
    expect(Object.fromEntries(address.searchParams)).toMatchObject({
      sort: 'gaps',
      hide: 'complete',
      at: 'BRK.B 2026-01-05',
      to: '2026-01-05',
    });
    const again = await cockpit.open(context, address.pathname + address.search);
    await said(again).getByText('BRK.B, Monday, January 5, 2026: not final.').waitFor();
    expect(await again.getByRole('button', { name: /^complete/ }).getAttribute('aria-pressed')).toBe('false');
    expect(await again.getByRole('button', { name: 'by gaps' }).getAttribute('aria-pressed')).toBe('true');
    expect(again.url()).toBe(page.url());
    await wall(again).focus();
    await again.keyboard.press('0');
    await again.waitForURL((url) => !url.searchParams.has('from'));
  });

  it('pans by dragging and zooms by the wheel', async (context) => {
    const page = await cockpit.open(context, '/coverage');
    const { x, y } = (await wall(page).boundingBox())!;
    await page.mouse.move(x + 400, y + 50);
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -400);
    await page.keyboard.up('Control');
    await page.waitForURL(/from=/);
    const from = new URL(page.url()).searchParams.get('from')!;
    await page.mouse.down();
    await page.mouse.move(x + 700, y + 50, { steps: 4 });
    await page.mouse.up();
    await page.waitForURL((url) => (url.searchParams.get('from') ?? '') < from);
    expect(new URL(page.url()).pathname).toBe('/coverage');
  });

  it('tells the same in words', async (context) => {
    const page = await cockpit.open(context, '/coverage?timeframe=hourly');
    await page.getByRole('row', { name: 'BCPC 1 2025-12-30 the vendor lacks it' }).waitFor();
    expect(await page.getByRole('link', { name: 'BCPC' }).getAttribute('href')).toBe(
      '/symbols/BCPC?timeframe=hourly',
    );
    await page.getByRole('button', { name: 'daily', exact: true }).click();
    await page.getByText('No gaps: of what was imported').waitFor();
    await page.getByLabel('only with gaps').check();
    await page.getByText('No symbol has gaps').waitFor();
  });

  it('shows a universe, also of symbols that were never asked for', async (context) => {
    const page = await cockpit.open(context, '/coverage?universe=dow30');
    await page.getByText('30 of 30 symbols').waitFor();
    expect(await page.getByRole('button', { name: /^not asked for/ }).isVisible()).toBe(true);
  });

  it('has nothing that keeps anybody out, light or dark', async (context) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await cockpit.open(context, '/coverage?timeframe=hourly');
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.getByText('live', { exact: true }).waitFor();
      await wall(page).focus();
      await page.keyboard.press('End');
      await said(page).getByText('not final').waitFor();
      expect(await checkAccess(page)).toEqual([]);
    }
  });
});
