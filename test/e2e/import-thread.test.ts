import { expect, it } from 'vitest';
import { createClock } from '../../src/clock.ts';
import { loadSettings } from '../../src/config.ts';
import { scratchDatabase } from '../support/scratch-database.ts';

const BUILT = new URL('../../dist/import-thread/import-thread.js', import.meta.url).href;

it('answers no order once it is stopped, and leaves nobody waiting', async (context) => {
  const { startImportThread } = (await import(
    /* @vite-ignore */ BUILT
  )) as typeof import('../../src/import-thread/import-thread.ts');
  const { url } = await scratchDatabase(context);
  const settings = loadSettings({ env: { DATABASE_URL: url, MASSIVE_API_KEY: 'a key' }, flags: {} });
  const unheard = (): never => {
    throw new Error('nothing was to be heard');
  };
  const runs = await startImportThread(
    { settings, clock: createClock() },
    {
      observer: { started: unheard, retrying: unheard, stored: unheard, ended: unheard, unrecorded: unheard },
      notice: unheard,
      onRequest: unheard,
      onDeath: unheard,
    },
  );
  const run = { runId: 'import_daily_20260106_000000_abcdef', attempt: 1, sign: null, isStale: true };
  const stopped = runs.stop();
  const meanwhile = runs.adopt(run);
  await expect(meanwhile).rejects.toThrow('The service was stopped.');
  await stopped;
  await expect(runs.adopt(run)).rejects.toThrow('The service was stopped.');
});
