import type { Browser, Page } from 'playwright-core';
import { type TestContext, afterAll, beforeAll } from 'vitest';
import { openBrowser } from './browser.ts';
import { type TestDatabase, createTestDatabase } from './postgres.ts';
import { type SandboxProcess, startSandboxProgram } from './program.ts';
import { openQuietPage } from './quiet-page.ts';
import { type ServiceProcess, startService } from './service.ts';

/** A cockpit and what it has around it; all but `open` is there once the tests run. */
export interface Cockpit {
  readonly browser: Browser;
  readonly sandbox: SandboxProcess;
  readonly database: TestDatabase;
  /** What makes a program use sandbox and database. */
  readonly env: Readonly<Record<string, string>>;
  /** Another may take its place. */
  service: ServiceProcess;
  /** A page that may complain of nothing; of the service unless another is named. */
  open(context: TestContext, path: string, url?: string): Promise<Page>;
}

/** A cockpit from a test file's first test to its last; `prepare` is done before its service starts. */
export function cockpitOfFile(
  now: string,
  flags: readonly string[],
  settings: Readonly<Record<string, string>> = {},
  prepare: (env: Cockpit['env'], database: TestDatabase) => Promise<void> = async () => {},
): Cockpit {
  const cockpit = {
    open: (context, path, url = cockpit.service.url) => openQuietPage(cockpit.browser, context, url + path),
  } as Cockpit;
  beforeAll(async () => {
    const [browser, sandbox, database] = await Promise.all([
      openBrowser(),
      startSandboxProgram(now, ...flags),
      createTestDatabase(),
    ]);
    const env = { ...sandbox.env, DATABASE_URL: database.url };
    Object.assign(cockpit, { browser, sandbox, database, env });
    await prepare(env, database);
    cockpit.service = await startService({ ...env, ...settings });
  });
  afterAll(async () => {
    // Whatever has come to be there.
    const { browser, service, sandbox, database }: Partial<Cockpit> = cockpit;
    await browser?.close();
    await service?.stop();
    await sandbox?.stop();
    await database?.drop();
  });
  return cockpit;
}
