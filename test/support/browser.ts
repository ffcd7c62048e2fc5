import { existsSync } from 'node:fs';
import axe from 'axe-core';
import { type Browser, type Page, chromium } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** A Chromium that is installed here; `TICKSTOCK_TEST_CHROMIUM` names another. */
export const chromiumPath: string | undefined =
  process.env['TICKSTOCK_TEST_CHROMIUM'] ?? PLACES.find((path) => existsSync(path));

/** Starts it without a window; it refuses root its own sandbox. */
export function openBrowser(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error('No Chromium is installed here.');
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath: chromiumPath, args });
}

/** What axe-core finds on the page as it stands; its source is evaluated, which the page's policy has no say in. */
export async function checkAccess(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { axe: checker } = globalThis as unknown as { axe: typeof axe };
    return (await checker.run()).violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
    );
  });
}
