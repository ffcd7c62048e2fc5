import { type TestContext, expect, it } from 'vitest';
import { messageSchema } from '../../src/events/contract.ts';
import { channels } from '../../src/events/event-names.ts';
import { dailyHistoryAnswer, dailyStatusAnswer, scheduleAnswer } from '../../src/http/contract-daily.ts';
import { startPlatform } from '../support/platform.ts';
import { describeWithRedis } from '../support/redis.ts';
import type { ServiceProcess } from '../support/service.ts';
import { type Subscriber, subscribe } from '../support/subscriber.ts';

/** So long before the nightly import of Monday 5 January 2026 is due that a service is up in time: 16:09:50 New York. */
const JUST_BEFORE = '2026-01-05T21:09:50Z';

interface Stage {
  readonly subscriber: Subscriber;
  start(env?: Record<string, string>): Promise<ServiceProcess>;
}

async function setStage(context: TestContext, now: string): Promise<Stage> {
  const { redis, serve } = await startPlatform(context, now, '--symbols', '5');
  const subscriber = await subscribe(redis.url);
  context.onTestFinished(() => subscriber.close());
  return {
    subscriber,
    start: (env = {}) =>
      serve({ DATA_IMPORT_LOOKBACK_HOURLY_DAYS: '5', DATA_IMPORT_LOOKBACK_DAILY_DAYS: '5', ...env }),
  };
}

describeWithRedis("The dashboard's view of the nightly import", () => {
  it('begins by itself ten minutes after the close, once, of the listing of that day', async (context) => {
    const { subscriber, start } = await setStage(context, JUST_BEFORE);
    const env = { DATA_IMPORT_SCHEDULE_ENABLED: 'true', DATA_IMPORT_UNIVERSES: 'all-active' };
    const service = await start(env);
    const { payload: started } = await subscriber.until(({ event }) => event === 'daily_processing_started');
    // The sandbox lists eight for five companies: share classes and a fund among them.
    expect(started).toMatchObject({ symbols_count: 8, trigger_type: 'automatic' });
    await subscriber.until(({ event }) => event === 'daily_processing_completed');

    const daily = subscriber.heard.filter(({ channel }) => channel === channels.dailyStatus);
    for (const { event, message } of daily) expect(messageSchema(event).parse(message)).toEqual(message);
    expect([daily[0]?.event, daily.at(-1)?.event]).toEqual([
      'daily_processing_started',
      'daily_processing_completed',
    ]);
    expect(daily.findLast(({ event }) => event === 'daily_processing_progress')?.payload).toMatchObject({
      symbols_completed: 8,
      symbols_total: 8,
      percent_complete: 100,
    });
    expect(daily.at(-1)?.payload).toMatchObject({
      run_id: started.run_id,
      status: 'success',
      symbols_processed: 8,
      symbols_failed: 0,
    });
    const { body: history } = await service.ask('/api/processing/daily/history');
    expect(dailyHistoryAnswer.parse(history)).toEqual(history);
    expect(history.history).toMatchObject([
      { run_date: '2026-01-05', status: 'success', symbols_processed: 8, trigger_type: 'automatic' },
    ]);
    const { body: status } = await service.ask('/api/processing/daily/status');
    expect(dailyStatusAnswer.parse(status)).toMatchObject({
      status: 'idle',
      is_processing: false,
      next_run: '2026-01-06T21:10:00Z',
    });

    // Another service on the same database, at the same time, has nothing to do.
    const another = await start(env);
    expect((await another.ask('/api/processing/daily/history')).body.history).toHaveLength(1);
    expect(subscriber.of('daily_processing_started')).toHaveLength(1);
  });

  it('can be started by hand, and its schedule changed', async (context) => {
    const { subscriber, start } = await setStage(context, '2026-01-06T12:00:00Z');
    const service = await start({ DATA_IMPORT_UNIVERSES: 'mine' });
    await service.ask('/api/universes', { name: 'mine', members: ['AAPL', 'AMGN'] });
    const { body } = await service.ask('/api/processing/daily/trigger', {});
    expect(body).toEqual({ status: 'triggered', run_id: expect.any(String) });
    const { payload } = await subscriber.until(({ event }) => event === 'daily_processing_completed');
    expect(payload).toMatchObject({ run_id: body.run_id, status: 'success', symbols_processed: 2 });
    expect(subscriber.of('daily_processing_started')[0]?.payload).toEqual({
      run_id: body.run_id,
      symbols_count: 2,
      trigger_type: 'manual',
    });

    const change = { enabled: true, delay_minutes: 250, universes: ['mine', 'dow30'] };
    const changed = await service.ask('/api/processing/schedule', change, 'PUT');
    expect(scheduleAnswer.parse(changed.body)).toMatchObject({
      trigger_time: '20:10',
      universes: ['mine', 'dow30'],
    });
    const update = await subscriber.until(({ event }) => event === 'schedule_updated');
    expect(update).toMatchObject({
      channel: channels.dailySchedule,
      payload: {
        enabled: true,
        trigger_time: '20:10',
        timezone: 'America/New_York',
        next_run: '2026-01-07T01:10:00Z',
        universes: ['mine', 'dow30'],
      },
    });
    const wrong = await service.ask('/api/processing/schedule', { universes: ['nobody-knows'] }, 'PUT');
    expect([wrong.status, wrong.body.code]).toEqual([400, 'CONFIG_INVALID']);
    const off = await service.ask('/api/processing/schedule', { enabled: false }, 'PUT');
    expect(off.body).toMatchObject({ enabled: false, next_run: null, next_runs: [], delay_minutes: 250 });
    expect((await service.ask('/api/processing/daily/status')).body.status).toBe('disabled');
  });
});
