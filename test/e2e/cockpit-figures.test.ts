import { isDeepStrictEqual } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { chromiumPath, openBrowser } from '../support/browser.ts';
import { createTcpProxy } from '../support/chaos/tcp-proxy.ts';
import { describeWhere } from '../support/describe-where.ts';
import { startPlatform } from '../support/platform.ts';
import type { TestDatabase } from '../support/postgres.ts';
import { openQuietPage } from '../support/quiet-page.ts';
import { describeWithRedis } from '../support/redis.ts';
import type { ServiceProcess } from '../support/service.ts';
import { type Subscriber, subscribe } from '../support/subscriber.ts';

const NOW = '2026-01-06T12:00:00Z';
const MOMENTS = 10;
/** Of the 31 requests for the bars of 30 symbols, one of which is asked for twice. */
const REQUESTS_A_MOMENT = 3;

/** How far a run is, as all who tell of it must agree. */
interface Figures {
  readonly completed: number;
  readonly failed: number;
  readonly remaining: number;
  readonly records: number;
  /** Cut to a tenth. */
  readonly percent: string;
}

async function ofPage(page: Page): Promise<Figures> {
  const number = async (name: string): Promise<number> => {
    const figure = page.locator('.progress .figure').filter({ has: page.getByText(name, { exact: true }) });
    return Number(((await figure.locator('dd').textContent()) ?? '').replaceAll(',', ''));
  };
  return {
    completed: await number('Completed'),
    failed: await number('Failed'),
    remaining: await number('Remaining'),
    records: await number('Records'),
    percent: (await page.locator('output.percent').textContent()) ?? '',
  };
}

async function ofApi(service: ServiceProcess, runId: string): Promise<Figures> {
  const { body } = await service.ask(`/api/processing/import/status/${runId}`);
  const { progress, stats } = body;
  const failed = stats.failed_symbols.length;
  return {
    completed: progress.symbols_completed - failed,
    failed,
    remaining: progress.symbols_total - progress.symbols_completed,
    records: stats.records_imported,
    percent: `${progress.percentage.toFixed(1)} %`,
  };
}

function ofEvents(subscriber: Subscriber): Omit<Figures, 'percent'> {
  const ended = subscriber.of('symbol_processing_complete').map(({ payload }) => payload);
  const total = subscriber.of('data_import_started')[0]?.payload.total_symbols;
  const completed = ended.filter(({ success }) => success).length;
  return {
    completed,
    failed: ended.length - completed,
    remaining: total - ended.length,
    records: ended.reduce((sum, one) => sum + one.records_imported, 0),
  };
}

async function ofDatabase({ pool }: TestDatabase, runId: string): Promise<Figures> {
  const { rows } = await pool.query<Figures>(
    `SELECT count(*) FILTER (WHERE status = 'completed')::integer AS completed,
            count(*) FILTER (WHERE status = 'failed')::integer AS failed,
            count(*) FILTER (WHERE status IN ('pending', 'in_progress'))::integer AS remaining,
            (SELECT count(*)::integer FROM bars_daily) AS records,
            to_char(trunc(100.0 * count(*) FILTER (WHERE status IN ('completed', 'failed')) / count(*), 1), 'FM990.0') || ' %' AS percent
       FROM symbol_processing_status WHERE run_id = $1`,
    [runId],
  );
  return rows[0]!;
}

describeWhere(chromiumPath !== undefined, 'Chromium', 'the figures of a run', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());

  describeWithRedis('in the cockpit', () => {
    it('are those of the API, the events and the database at ten moments', async (context) => {
      const flags = ['--latency', '100', '--fault', 'http-500=symbol:AMGN'];
      const { sandbox, redis, database, serve } = await startPlatform(context, NOW, ...flags);
      // Between the service and its vendor: nothing passes until the page is there, nor while the figures are looked at.
      let allowed = 0;
      const vendor = await createTcpProxy(
        { host: '127.0.0.1', port: Number(new URL(sandbox.url).port) },
        () => ({
          toServer(chunk) {
            if (chunk.includes('/v2/aggs/') && --allowed === 0) vendor.partition();
          },
        }),
      );
      context.onTestFinished(() => vendor.close());
      const subscriber = await subscribe(redis.url);
      context.onTestFinished(() => subscriber.close());
      const service = await serve({
        MASSIVE_BASE_URL: `http://127.0.0.1:${vendor.port}`,
        DATA_IMPORT_PROCESSING_PARALLEL_WORKERS: '2',
        DATA_IMPORT_POLYGON_MAX_TRIES: '2',
        DATA_IMPORT_POLYGON_RETRY_BASE_MS: '5',
      });
      vendor.partition();
      const ask = { universes: ['dow30'], timeframes: ['daily'], from: '2025-10-01', to: '2026-01-05' };
      const runId: string = (await service.ask('/api/processing/import/trigger', ask)).body.run_id;
      const page = await openQuietPage(browser, context, `${service.url}/runs/${runId}`);
      await page.getByText('live', { exact: true }).waitFor();

      const processed = async (): Promise<number> => {
        const { completed, failed } = await ofDatabase(database, runId);
        return completed + failed;
      };
      let before = 0;
      for (let moment = 1; moment <= MOMENTS; moment++) {
        allowed = REQUESTS_A_MOMENT;
        vendor.heal();
        await expect.poll(() => allowed, { timeout: 60_000 }).toBe(0);
        await expect.poll(processed, { timeout: 20_000 }).toBeGreaterThan(before);
        before = await processed();
        await expect
          .poll(
            async () => {
              const stored = await ofDatabase(database, runId);
              const told = { ...ofEvents(subscriber), percent: stored.percent };
              const all = { shown: await ofPage(page), answered: await ofApi(service, runId), told, stored };
              return Object.entries(all).filter(([, one]) => !isDeepStrictEqual(one, stored));
            },
            { timeout: 20_000 },
          )
          .toEqual([]);
      }
      vendor.heal();
      await page.getByText('1 symbol failed to import').first().waitFor();
    });
  });
});
