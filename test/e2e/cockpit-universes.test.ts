import { expect, it } from 'vitest';
import { checkAccess, chromiumPath } from '../support/browser.ts';
import { cockpitOfFile } from '../support/cockpit.ts';
import { describeWhere } from '../support/describe-where.ts';

const NOW = '2026-01-06T12:00:00Z';

describeWhere(
  chromiumPath !== undefined,
  'Chromium',
  "the cockpit's universes, schedule and settings",
  () => {
    const cockpit = cockpitOfFile(NOW, ['--symbols', '12']);

    const create = (name: string, ...members: (string | object)[]) =>
      cockpit.service.ask('/api/universes', { name, members });

    const symbolsOf = async (name: string): Promise<string[]> =>
      (await cockpit.service.ask(`/api/universes/${name}`)).body.members.map(
        ({ symbol }: { symbol: string }) => symbol,
      );

    it('takes a file that is dropped once its bad lines are mended, as the command line would', async (context) => {
      const page = await cockpit.open(context, '/universes');
      const csv = 'symbol,name\nBRK-B,Berkshire\n<script>alert(1)</script>,x\nAAPL\nBRK.B,again\n';
      const list = page.getByLabel(/^Symbols, one a line/);
      const transfer = await page.evaluateHandle(
        `(() => {
        const data = new DataTransfer();
        data.items.add(new File([${JSON.stringify(csv)}], 'my.csv', { type: 'text/csv' }));
        return data;
      })()`,
      );
      await list.dispatchEvent('drop', { dataTransfer: transfer });
      await page.getByText('1 symbol, 2 bad lines: mend or remove them').waitFor();
      const bad = page.getByRole('list', { name: 'Bad lines' });
      await bad.getByText('line 3: <script>alert(1)</script>,x: symbol: Cannot use "<script>').waitFor();
      await bad.getByText('line 4: AAPL: found 1 column; expected 2').waitFor();
      await page.getByText('There twice, taken once: BRK.B (line 5, as in line 2)').waitFor();
      await page.getByLabel('Name', { exact: true }).fill('dropped');
      expect(await page.getByRole('button', { name: 'Create' }).isDisabled()).toBe(true);
      expect((await cockpit.service.ask('/api/universes/dropped')).status).toBe(404);

      await list.fill('symbol,name\nBRK-B,<script>alert(1)</script>\nAAPL,\n');
      await page.getByRole('button', { name: 'Create' }).click();
      await page.waitForURL(/\/universes\/dropped$/);
      await page.getByRole('cell', { name: '<script>alert(1)</script>', exact: true }).waitFor();
      expect(await symbolsOf('dropped')).toEqual(['AAPL', 'BRK.B']);
    });

    it('says of a file that is no text what to do, and keeps what was written', async (context) => {
      const page = await cockpit.open(context, '/universes');
      const list = page.getByLabel(/^Symbols, one a line/);
      await list.fill('AAPL\nMSFT');
      await page.getByText('2 symbols', { exact: true }).waitFor();
      const buffer = Buffer.from([0x41, 0xff, 0xfe]);
      await page
        .getByLabel('Or choose a file')
        .setInputFiles({ name: 'old.csv', mimeType: 'text/csv', buffer });
      await page.getByText('old.csv is not UTF-8 text. Save it as "CSV UTF-8".').waitFor();
      expect(await list.inputValue()).toBe('AAPL\nMSFT');
    });

    it('counts an expression as it is written, says where it is wrong, and saves what it comes to', async (context) => {
      const page = await cockpit.open(context, '/universes');
      const expression = page.getByLabel('Expression');
      await expression.fill('sp500 & ');
      await page.getByText('but one is empty: number 2').waitFor();
      expect(await page.getByRole('button', { name: 'Save as a universe' }).isDisabled()).toBe(true);
      await expression.fill('sp500 & dow30');
      await page.getByRole('heading', { name: 'Symbols: 30' }).waitFor();
      await expression.fill('sp500 + nasdaq100 - dow30');
      const { body } = await cockpit.service.ask(
        `/api/universe-expressions?${new URLSearchParams({ expression: 'sp500 + nasdaq100 - dow30' })}`,
      );
      await page.getByRole('heading', { name: `Symbols: ${body.total_symbols}` }).waitFor();
      await page.getByText(`… and ${body.total_symbols - 200} more`).waitFor();
      await page.waitForURL(/expression=sp500\+%2B\+nasdaq100\+-\+dow30/);
      await page.reload();
      await page.getByRole('heading', { name: `Symbols: ${body.total_symbols}` }).waitFor();

      await page.getByLabel('Save it as').fill('<script>');
      await page.getByRole('button', { name: 'Save as a universe' }).click();
      await page.getByText('expected a lower-case letter').waitFor();
      await page.getByLabel('Save it as').fill('combined');
      await page.getByRole('button', { name: 'Save as a universe' }).click();
      await page.waitForURL(/\/universes\/combined$/);
      await page.getByText(`${body.total_symbols} of ${body.total_symbols} members`).waitFor();
      await page.getByText('from sp500 + nasdaq100 - dow30').waitFor();
      expect(await symbolsOf('combined')).toHaveLength(body.total_symbols);
    });

    it('compares two', async (context) => {
      await create('left', 'A', 'B', 'C');
      await create('right', 'C', 'D');
      const page = await cockpit.open(context, '/universes/left');
      // The link moves until all above it is there.
      await page.getByRole('button', { name: 'Change the members' }).waitFor();
      await page.getByRole('group', { name: 'Who' }).waitFor();
      await page.getByRole('link', { name: 'Compare it with another' }).click();
      await page.getByLabel('The other').fill('rigth');
      await page.getByText('Did you mean right?').waitFor();
      await page.getByLabel('The other').fill('right');
      await page.getByRole('heading', { name: 'Only in left: 2' }).waitFor();
      const listed = ['Only in left', 'In both', 'Only in right'].map((name) =>
        page.getByRole('region', { name: `${name}, symbols` }).innerText(),
      );
      expect(await Promise.all(listed)).toEqual(['A B', 'C', 'D']);
      await page.waitForURL(/a=left&b=right/);
    });

    it('changes members from today on, shows since when and until when, and who they were on a day', async (context) => {
      await create('mine', { symbol: 'AAPL', name: 'Apple' }, 'GE', 'KO');
      const page = await cockpit.open(context, '/universes/mine');
      await page.getByLabel('Remove GE').check();
      const adding = page.getByLabel('Symbols to add, by comma or space');
      await adding.fill('BRK-B, <script>');
      await page.getByText('From today on: 2 added, 1 removed.').waitFor();
      await page.getByRole('button', { name: 'Change the members' }).click();
      await page.getByText('<script>: expected a symbol').waitFor();
      expect(await symbolsOf('mine')).toEqual(['AAPL', 'GE', 'KO']);
      await adding.fill('BRK-B');
      await page.getByRole('button', { name: 'Change the members' }).click();
      await page.getByText('Done: 1 added: BRK.B; 1 removed: GE. 3 members now.').waitFor();
      await page.getByRole('row', { name: 'BRK.B 2026-01-06 today' }).waitFor();
      expect(await page.getByRole('cell', { name: 'GE', exact: true }).count()).toBe(0);

      await page.getByRole('button', { name: 'everybody ever' }).click();
      await page.getByRole('row', { name: 'GE ever 2026-01-05' }).waitFor();
      await page.getByText('4 of 4 memberships').waitFor();
      await page.getByRole('button', { name: 'members', exact: true }).click();
      await page.getByLabel('On the day').fill('2026-01-05');
      await page.getByRole('row', { name: 'GE ever 2026-01-05' }).waitFor();
      expect(await page.getByRole('cell', { name: 'BRK.B', exact: true }).count()).toBe(0);
      await page.getByLabel('On the day').fill('2026-02-01');
      await page.getByText('Nobody knows the members of mine@2026-02-01 yet').waitFor();
    });

    it('deletes a universe once it was asked, and says why a predefined one stays', async (context) => {
      await create('short', 'A', 'B');
      const page = await cockpit.open(context, '/universes/short');
      await page.getByRole('button', { name: 'Delete…' }).click();
      const dialog = page.getByRole('dialog', { name: 'Delete short?' });
      await dialog.getByText('Its 2 members').waitFor();
      await dialog.getByRole('button', { name: 'Keep it' }).click();
      await dialog.waitFor({ state: 'hidden' });
      expect((await cockpit.service.ask('/api/universes/short')).status).toBe(200);
      await page.getByRole('button', { name: 'Delete…' }).click();
      await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
      await page.waitForURL(/\/universes$/);
      await page.getByRole('link', { name: 'dow30' }).waitFor();
      expect(await page.getByRole('link', { name: 'short', exact: true }).count()).toBe(0);
      expect((await cockpit.service.ask('/api/universes/short')).status).toBe(404);
      await page.getByRole('link', { name: 'dow30' }).click();
      await page.getByText('Nobody can change or delete what comes with the program.').waitFor();
      expect(await page.getByRole('button', { name: 'Delete…' }).count()).toBe(0);
    });

    it('shows the firings of a changed schedule before it is saved, and what is wrong with it', async (context) => {
      const page = await cockpit.open(context, '/schedule');
      const save = page.getByRole('button', { name: 'Change the schedule' });
      await page.getByText('None: the schedule is off.').waitFor();
      await page.getByLabel('Import after each session').check();
      await page.getByLabel('Minutes after the close').fill('4500');
      await page.getByText('expected a whole number of minutes from 0 to 1440').waitFor();
      expect(await save.isDisabled()).toBe(true);
      expect(await page.getByText('once it is saved').count()).toBe(0);
      await page.getByLabel('Minutes after the close').fill('45');
      await page.getByLabel('Universes, by comma').fill('dow31');
      await page.getByText('Did you mean dow30?').waitFor();
      expect(await save.isDisabled()).toBe(true);
      await page.getByLabel('Universes, by comma').fill('dow30');
      await page.getByText('Not saved yet: 30 symbols at 16:45 New York after each session.').waitFor();
      await page.getByText('Tue, Jan 6, 4:45 PM New York').waitFor();
      expect((await cockpit.service.ask('/api/processing/schedule')).body).toMatchObject({ enabled: false });

      await save.click();
      await page.getByText('Saved.').waitFor();
      await page.getByText('Tue, Jan 6, 4:45 PM New York').waitFor();
      expect((await cockpit.service.ask('/api/processing/schedule')).body).toMatchObject({
        enabled: true,
        delay_minutes: 45,
        universes: ['dow30'],
      });
      await page.getByLabel('Import after each session').uncheck();
      await page.getByText('Not saved yet: nothing would be imported by itself.').waitFor();
      await page.getByRole('button', { name: 'Leave it as it is' }).click();
      await page.getByText('Tue, Jan 6, 4:45 PM New York').waitFor();
      expect(await page.getByLabel('Import after each session').isChecked()).toBe(true);
    });

    it('shows a name that is none as the text it is', async (context) => {
      const page = await cockpit.open(context, `/universes/${encodeURIComponent('<script>')}`);
      await page.getByRole('heading', { name: '<script>' }).waitFor();
      expect(await page.getByRole('alert').first().innerText()).toContain('expected a lower-case letter');
    });

    it('lists the settings with where they came from, and no secret', async (context) => {
      const page = await cockpit.open(context, '/schedule');
      const row = (name: RegExp) => page.getByRole('row', { name });
      await row(/^polygon\.api_key \(set, not shown\) environment MASSIVE_API_KEY/).waitFor();
      await row(/^service\.port 0 flag --port/).waitFor();
      await row(/^storage\.database_url \(set, not shown\)/).waitFor();
      await row(/^events\.redis_url \(not set\) default/).waitFor();
      expect(await page.content()).not.toContain(cockpit.sandbox.key);
      await page.keyboard.press('/');
      await page.keyboard.type('lookback');
      await page.getByText(/^4 of \d+ settings$/).waitFor();
    });

    it.for([
      ['/universes?expression=sp500+%26+dow30&a=sp500&b=dow30', 'Only in sp500: 473'],
      ['/universes/own', 'Remove AAPL'],
      ['/universes/sp500', '503 of 503 members'],
      ['/schedule', 'polygon.api_key'],
    ] as const)('has nothing that keeps anybody out of %s, light or dark', async ([path, shown], context) => {
      await create('own', 'AAPL', 'MSFT');
      for (const colorScheme of ['light', 'dark'] as const) {
        const page = await cockpit.open(context, path);
        await page.emulateMedia({ colorScheme });
        await page.getByText(shown).or(page.getByLabel(shown)).first().waitFor({ state: 'attached' });
        expect(await checkAccess(page)).toEqual([]);
        for (const width of [380, 2560]) {
          await page.setViewportSize({ width, height: 900 });
          expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
        }
      }
    });

    it('has nothing that keeps anybody out where things are wrong or asked', async (context) => {
      await create('asked', 'AAPL');
      const page = await cockpit.open(context, '/universes?expression=sp5000&a=x&b=y');
      await page.getByLabel(/^Symbols, one a line/).fill('symbol\n?\n');
      await page.getByText('line 2:').waitFor();
      await page.getByText('Did you mean sp500?').waitFor();
      expect(await checkAccess(page)).toEqual([]);
      await page.goto(`${cockpit.service.url}/universes/asked`);
      await page.getByRole('button', { name: 'Delete…' }).click();
      await page.getByRole('dialog').waitFor();
      expect(await checkAccess(page)).toEqual([]);
    });
  },
);
