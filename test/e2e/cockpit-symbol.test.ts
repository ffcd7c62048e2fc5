import { readFile } from 'node:fs/promises';
import type { Locator, Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { checkAccess, chromiumPath } from '../support/browser.ts';
import { cockpitOfFile } from '../support/cockpit.ts';
import { describeWhere } from '../support/describe-where.ts';
import { run } from '../support/program.ts';
import { startService } from '../support/service.ts';

const NOW = '2026-01-06T12:00:00Z';
/** AAPL split 10 for 1 on this day. */
const SPLIT = '2025-07-14';
const HOLE = 'hole=symbols:AAPL,from:2025-09-02,to:2025-09-04,in:everywhere';

interface ApiBar {
  readonly date: string;
  readonly open: number;
  readonly close: number;
  readonly volume: number;
}

describeWhere(chromiumPath !== undefined, 'Chromium', 'a symbol in the cockpit', () => {
  const cockpit = cockpitOfFile(NOW, ['--symbols', '12', '--fault', HOLE], {}, async (env, database) => {
    const { code } = await run(['import', '--symbols', 'AAPL,AMZN', '--lookback-days', '400'], { env });
    if (code !== 0) throw new Error(`the import ended with ${code}`);
    await database.pool.query(`
      INSERT INTO universes (name, source) VALUES ('mine', 'a test');
      INSERT INTO universe_members (universe, symbol, name) VALUES ('mine', 'AMZN', '<script>alert(1)</script>');
      INSERT INTO splits (symbol, execution_date, split_from, split_to, verdict, observed) VALUES ('AMZN', '2025-12-01', 1, 3, 'held', 1.01);
      INSERT INTO symbol_changes (old_symbol, new_symbol, last_session, source) VALUES ('OLDE', 'AMZN', '2020-01-02', 'a test');
      INSERT INTO rejected_bars (symbol, timeframe, starts_at, session, open, reason, run_id)
      VALUES ('AMZN', 'hourly', '2025-12-02 10:00 America/New_York', '2025-12-02', 0, 'open is not above 0', 'r')`);
  });

  const chartOf = (page: Page): Locator => page.getByRole('slider', { name: /^Chart of / });
  const barsOf = async (query: string): Promise<ApiBar[]> =>
    (await cockpit.service.ask(`/api/bars/AAPL?${query}`)).body.bars;
  const price = (value: number): string =>
    value.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 4 });

  /** How many pixels of each colour the chart has. */
  const coloursOf = (page: Page): Promise<Record<string, number>> =>
    page.locator('.canvas canvas').evaluateAll((canvases) => {
      const counts: Record<string, number> = {};
      for (const canvas of canvases as unknown as {
        width: number;
        height: number;
        getContext(kind: '2d'): {
          getImageData(x: number, y: number, w: number, h: number): { data: Uint8Array };
        };
      }[]) {
        if (canvas.width === 0 || canvas.height === 0) continue;
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        for (let at = 0; at < data.length; at += 4) {
          const colour = data[at + 3] === 0 ? 'none' : `${data[at]},${data[at + 1]},${data[at + 2]}`;
          counts[colour] = (counts[colour] ?? 0) + 1;
        }
      }
      return counts;
    });

  it('is found by its name as one types, and opened by Enter', async (context) => {
    const page = await cockpit.open(context, '/');
    await page.getByText('live', { exact: true }).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('y');
    await page.waitForURL(/\/symbols$/);
    await page.getByRole('link', { name: 'AMZN', exact: true }).waitFor();
    await page.getByRole('cell', { name: '<script>alert(1)</script>', exact: true }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('apple');
    await page.waitForURL(/\/symbols\?find=apple$/);
    await page.getByRole('link', { name: 'AMZN', exact: true }).waitFor({ state: 'detached' });
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/symbols\/AAPL$/);
    await chartOf(page).waitFor();
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('AAPL Apple Inc.');
  });

  it('has its chart drawn in every timeframe, with as many bars as the service has', async (context) => {
    const page = await cockpit.open(context, '/symbols/AAPL');
    for (const timeframe of ['hourly', 'weekly', 'monthly', 'daily']) {
      await page.getByRole('button', { name: timeframe, exact: true }).click();
      const bars = await barsOf(`timeframe=${timeframe}`);
      const chart = page.getByRole('slider', {
        name: new RegExp(
          `^Chart of AAPL, ${timeframe} bars, adjusted for splits\\. ${bars.length.toLocaleString('en-US')} bars;`,
        ),
      });
      await chart.waitFor();
      expect(await chart.getAttribute('aria-label')).toContain(
        `, close ${price(bars.at(-1)!.close)}; highest`,
      );
      const colours = await coloursOf(page);
      // Rises, falls and volume.
      for (const colour of ['23,102,63', '168,40,28', '90,95,104'])
        expect(colours[colour] ?? 0, `${timeframe} ${colour}`).toBeGreaterThan(50);
      expect(new URL(page.url()).searchParams.get('timeframe')).toBe(timeframe);
    }
    expect(await page.getByRole('link', { name: /TradingView/ }).getAttribute('href')).toBe(
      'https://www.tradingview.com/',
    );
  });

  it('is adjusted or raw around a split, which is marked', async (context) => {
    const page = await cockpit.open(context, '/symbols/AAPL?from=2025-07-10&to=2025-07-16');
    const chart = chartOf(page);
    const read = async (key: string): Promise<string> => {
      await chart.press(key);
      return (await chart.getAttribute('aria-valuetext')) ?? '';
    };
    await chart.waitFor();
    for (const adjusted of [true, false]) {
      await page.getByRole('button', { name: adjusted ? 'adjusted' : 'raw' }).click();
      const bars = await barsOf(`from=2025-07-10&to=2025-07-16&adjusted=${adjusted}`);
      await page.getByRole('slider', { name: adjusted ? /adjusted for splits/ : /as traded/ }).waitFor();
      await expect
        .poll(() => chart.getAttribute('aria-label'))
        .toContain(`first Thu, Jul 10, 2025, close ${price(bars[0]!.close)};`);
      expect(await read('Home')).toContain(`open ${price(bars[0]!.open)}`);
      expect(await read('ArrowRight')).not.toContain('split');
      const marked = await read('ArrowRight');
      expect(bars[2]!.date).toBe(SPLIT);
      expect(marked).toMatch(/^Mon, Jul 14, 2025: .*split 10 for 1$/);
      // The accent, of the dashed line and its label.
      expect((await coloursOf(page))['11,92,173'] ?? 0).toBeGreaterThan(20);
    }
    const [before, , after] = await barsOf('from=2025-07-10&to=2025-07-16&adjusted=false');
    expect(before!.close / after!.open).toBeGreaterThan(8);
    await page.getByText('2025-07-14: 10 for 1').waitFor();
  });

  it('has no place for weekends, and a marked blank where the vendor has no bar', async (context) => {
    const page = await cockpit.open(context, '/symbols/AAPL?from=2025-08-28&to=2025-09-08');
    const chart = chartOf(page);
    // Four bars and three blanks; nothing for the weekends and Labor Day.
    await chart.waitFor();
    expect(await chart.getAttribute('aria-valuemax')).toBe('7');
    await chart.press('Home');
    const said: string[] = [];
    for (let at = 0; at < 7; at++) {
      said.push((await chart.getAttribute('aria-valuetext')) ?? '');
      await chart.press('ArrowRight');
    }
    expect(said.map((text) => text.slice(0, text.indexOf(':')))).toEqual([
      'Thu, Aug 28, 2025',
      'Fri, Aug 29, 2025',
      'Tue, Sep 2, 2025',
      'Wed, Sep 3, 2025',
      'Thu, Sep 4, 2025',
      'Fri, Sep 5, 2025',
      'Mon, Sep 8, 2025',
    ]);
    expect(said[2]).toMatch(/: no bar: no trade \(\d+ others traded\)$/);
    await page.getByText('6 sessions: no trade').waitFor();
  });

  it('marks held-back splits and rejected bars, and tells of them', async (context) => {
    const page = await cockpit.open(context, '/symbols/AMZN?timeframe=hourly&from=2025-12-01&to=2025-12-02');
    const chart = chartOf(page);
    await chart.press('Home');
    expect(await chart.getAttribute('aria-valuetext')).toMatch(
      /^Mon, Dec 1, 2025, 04:00 New York: .*split 3 for 1, held back$/,
    );
    for (let hour = 0; hour < 22; hour++) await chart.press('ArrowRight');
    expect(await chart.getAttribute('aria-valuetext')).toMatch(
      /^Tue, Dec 2, 2025, 10:00 New York: .*a bar was rejected: open is not above 0$/,
    );
    await page.getByText(/^Held back, so that bars are not adjusted for it/).waitFor();
    await page.getByText('hourly: open is not above 0').waitFor();
    await page.getByRole('heading', { name: 'AMZN <script>alert(1)</script>' }).waitFor();
    expect(await page.getByRole('link', { name: 'OLDE' }).getAttribute('href')).toBe('/symbols/OLDE');
  });

  it.for([
    ['2025-03-07', '2025-03-10', 'New York sets its clocks forward'],
    ['2025-10-31', '2025-11-03', 'New York sets its clocks back'],
  ])('has from %s to %s, while %s, a table of the same bars', async ([from, to], context) => {
    // All of it comes from the address.
    const page = await cockpit.open(
      context,
      `/symbols/AAPL?timeframe=hourly&adjusted=false&from=${from}&to=${to}&show=table`,
    );
    for (const pressed of ['hourly', 'raw', 'table'])
      await page.getByRole('button', { name: pressed, pressed: true }).waitFor();
    expect(await page.getByLabel('from').inputValue()).toBe(from);
    const bars = await barsOf(`timeframe=hourly&adjusted=false&from=${from}&to=${to}`);
    const clock = new Intl.DateTimeFormat('en-US', {
      timeZone: 'America/New_York',
      dateStyle: 'full',
      timeStyle: 'short',
      hourCycle: 'h23',
    });
    const fixed = (value: number): string => value.toLocaleString('en-US', { minimumFractionDigits: 4 });
    const table = page.getByRole('region', { name: 'Table of AAPL, hourly bars, as traded' });
    await table.waitFor();
    const rows = await table
      .locator('tbody tr')
      .evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent)));
    expect(rows).toHaveLength(32);
    expect(
      rows.map(([when = '', opened, , , closed, volume]) => [
        /\d\d:00/.exec(when)?.[0],
        opened,
        closed,
        volume,
      ]),
    ).toEqual(
      bars
        .toReversed()
        .map((bar) => [
          /\d\d:00/.exec(clock.format(Date.parse(bar.date)))?.[0],
          fixed(bar.open),
          fixed(bar.close),
          bar.volume.toLocaleString('en-US', { maximumFractionDigits: 0 }),
        ]),
    );
    expect(rows.map(([when]) => /\d\d:00/.exec(when ?? '')?.[0])).toContain('04:00');
  });

  it('has older bars on further pages of its table', async (context) => {
    const page = await cockpit.open(context, '/symbols/AAPL?show=table');
    const bars = await barsOf('timeframe=daily');
    await page.getByText(`Page 1 of ${Math.ceil(bars.length / 100)}`).waitFor();
    await page.getByRole('button', { name: 'Older' }).click();
    const first = page
      .getByRole('region', { name: /^Table of AAPL/ })
      .locator('tbody tr td')
      .first();
    const { date } = bars.at(-101)!;
    expect(new Date(`${await first.textContent()} UTC`).toISOString().slice(0, 10)).toBe(date);
  });

  it('is saved as CSV, with a key too where one is needed', async (context) => {
    const { out } = await run(['keys', 'add', 'a reader'], { env: cockpit.env });
    const key = out.trim();
    const guarded = await startService({ ...cockpit.env, DATA_IMPORT_SERVICE_REQUIRE_KEYS: 'true' });
    context.onTestFinished(async () => void (await guarded.stop()));
    const query = 'timeframe=hourly&adjusted=false&from=2025-11-03&to=2025-11-07';
    const page = await cockpit.open(context, `/symbols/AAPL?${query}`, guarded.url);
    await page.getByLabel('API key').fill(key);
    await page.getByRole('button', { name: 'Come in' }).click();
    await chartOf(page).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download CSV' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('AAPL-hourly-raw.csv');
    const { body } = await cockpit.service.ask(`/api/bars/AAPL?${query}&format=csv`);
    expect(body.split('\n').length).toBe(5 * 16 + 2);
    expect(await readFile(await download.path(), 'utf8')).toBe(body);
    expect(page.url()).not.toContain(key);
    // It may read only: what happened is said, and what was there stays.
    await page.getByRole('button', { name: 'Fetch this again' }).click();
    await page.getByRole('alert').getByText('may only read').waitFor();
    expect(await chartOf(page).isVisible()).toBe(true);
  });

  it('is fetched again by a run it leads to', async (context) => {
    const page = await cockpit.open(context, '/symbols/AAPL?timeframe=daily&from=2025-11-03&to=2025-11-07');
    await page.getByRole('button', { name: 'Fetch this again' }).click();
    await page.getByRole('link', { name: 'see the run' }).click();
    await page.waitForURL(/\/runs\/[-\w]{36}$/);
    await page.locator('.status.completed').first().waitFor();
    const { rows } = await cockpit.database.pool.query(
      `SELECT requests, request FROM processing_runs WHERE run_id = $1`,
      [page.url().split('/').at(-1)],
    );
    expect(rows[0].requests).toBeGreaterThan(0);
    expect(JSON.stringify(rows[0].request)).toContain('2025-11-03');
  });

  it('that is not stored says what to do, and appears once it is imported', async (context) => {
    const page = await cockpit.open(context, '/symbols/CVX?timeframe=daily');
    await page.getByText('Nothing is stored of CVX: import it first.').waitFor();
    await page.getByRole('button', { name: 'Import CVX' }).click();
    await chartOf(page).waitFor();
    expect((await cockpit.service.ask('/api/symbols/CVX')).status).toBe(200);
  });

  it('without bars in a timeframe offers to import them', async (context) => {
    const page = await cockpit.open(context, '/symbols/AAPL?timeframe=hourly&from=2019-01-02&to=2019-01-31');
    await page.getByText('No hourly bars of AAPL are stored on these dates.').waitFor();
    await page.getByRole('button', { name: 'Import hourly bars' }).waitFor();
    expect(await page.getByRole('button', { name: 'Download CSV' }).isDisabled()).toBe(true);
    await page.goto(`${cockpit.service.url}/symbols?find=zzz`);
    await page.getByText('No stored symbol begins with').waitFor();
    await page.getByRole('button', { name: 'Import zzz' }).waitFor();
  });

  it('that no symbol can be is refused, and shown as the text it is', async (context) => {
    const page = await cockpit.open(context, '/symbols/%3Cscript%3Ealert(1)');
    await page.getByRole('alert').getByText('expected letters and digits').first().waitFor();
    await page.getByRole('heading', { name: '<script>alert(1)' }).waitFor();
    expect(await page.getByRole('button', { name: /^Import/ }).count()).toBe(0);
    await page.goto(`${cockpit.service.url}/symbols?find=%3Cimg%3E`);
    await page.getByText('No stored symbol begins with “<img>”').waitFor();
    expect(await page.getByRole('button', { name: /^Import/ }).count()).toBe(0);
  });

  it('takes on the theme while it is shown, and fits small and large screens', async (context) => {
    const page = await cockpit.open(context, '/symbols/AAPL');
    await chartOf(page).waitFor();
    expect((await coloursOf(page))['168,40,28']).toBeGreaterThan(50);
    await page.emulateMedia({ colorScheme: 'dark' });
    await expect.poll(async () => (await coloursOf(page))['255,154,141'] ?? 0).toBeGreaterThan(50);
    for (const [width, height, least] of [
      [380, 800, 300],
      [2560, 1440, 600],
    ] as const) {
      await page.setViewportSize({ width, height });
      await expect.poll(async () => (await chartOf(page).boundingBox())?.height ?? 0).toBeGreaterThan(least);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    }
  });

  it.for([
    ['/symbols', 'Apple Inc.'],
    ['/symbols?find=zzz', 'Import zzz'],
    ['/symbols/AAPL', 'TradingView'],
    ['/symbols/AMZN?timeframe=weekly', 'TradingView'],
    ['/symbols/AAPL?show=table', 'Page 1 of'],
    ['/symbols/NONE', 'Import NONE'],
  ] as const)('has nothing that keeps anybody out of %s, light or dark', async ([path, shown], context) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await cockpit.open(context, path);
      await page.emulateMedia({ colorScheme });
      await page.getByText('live', { exact: true }).waitFor();
      await page.getByText(shown).first().waitFor();
      expect(await checkAccess(page)).toEqual([]);
    }
  });
});
