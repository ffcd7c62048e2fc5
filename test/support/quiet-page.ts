import type { Browser, Page } from 'playwright-core';
import { type TestContext, expect } from 'vitest';

/** Opens a page that may complain of nothing: no error of a script, nothing the security policy refused. */
export async function openQuietPage(
  browser: Browser,
  { onTestFinished }: TestContext,
  url: string,
): Promise<Page> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (said) => {
    // Answers that are no success are listed by the browser, whatever the page makes of them.
    if (said.type() === 'error' && !/Failed to load resource/.test(said.text())) complaints.push(said.text());
  });
  onTestFinished(async () => {
    await page.close();
    expect(complaints).toEqual([]);
  });
  await page.goto(url);
  return page;
}
