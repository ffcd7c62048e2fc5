import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { describeWithContract } from '../../test/support/shared-data.ts';
import { AppError } from '../errors.ts';
import { endEvents, errorEvent, progressEvents, startEvents, symbolEvents } from '../jobs/run-events.ts';
import type { RunFacts } from '../jobs/run-events.ts';
import { summarize } from '../jobs/import-summary.ts';
import type { Run, RunProgress } from '../storage/read-runs.ts';
import { announce, toInstant } from './announcement.ts';
import { messageSchema } from './contract.ts';
import { type EventName, eventDescriptions, eventNames } from './event-names.ts';

const windows = {};
const timeframes = ['hourly', 'daily', 'weekly', 'monthly'] as const;
/** The run of the guide's examples. */
const run: RunFacts = {
  runId: 'uuid-here',
  attempt: 1,
  request: {
    universes: ['sp500'],
    timeframes,
    windows,
    lookbackDays: { hourly: 90, daily: 365, weekly: 730, monthly: 1825 },
  },
  totalSymbols: 505,
  trigger: 'manual',
  session: null,
};
const progress: RunProgress = {
  totalSymbols: 505,
  completed: 250,
  failed: 5,
  percentage: 50.49,
  currentSymbol: 'MSFT',
  estimatedCompletion: new Date('2025-01-20T16:25:00Z'),
  avgProcessingTimeMs: 120,
};
const ended: Run = {
  ...run,
  status: 'completed',
  completed: 500,
  failed: 5,
  percentage: 100,
  currentSymbol: 'ZTS',
  estimatedCompletion: null,
  records: { imported: 183_250, new: 183_250, changed: 0, unchanged: 0, rejected: 0 },
  requestsPlanned: null,
  requests: 1010,
  bytes: 1,
  errorCode: null,
  errorMessage: null,
  createdAt: new Date(0),
  completedAt: new Date(0),
};
const cost = {
  requests: 1010,
  evidenceRequests: 0,
  retries: 0,
  failedTries: {},
  throttledMs: 0,
  retriesMs: 0,
  bytes: 1,
};
const summary = summarize(ended, { failures: [], gaps: 0, durationMs: 2_100_000, cost, left: null });
const at = (text: string): number => Date.parse(text);

/** What the job sends for the numbers of the guide's examples. */
const sent: Partial<Record<EventName, unknown>> = {
  data_import_started: startEvents(run, progress, at('2025-01-20T16:10:00Z'))[0]?.message,
  job_progress_update: progressEvents(run, progress, at('2025-01-20T16:15:00Z'))[0]?.message,
  symbol_processing_complete: symbolEvents(
    run,
    [{ symbol: 'AAPL', timeframes, recordsImported: 365, processingTimeMs: 150.2, failure: null }],
    at('2025-01-20T16:15:30Z'),
  )[0]?.message,
  data_import_completed: endEvents(run, summary, at('2025-01-20T16:45:00Z'))[0]?.message,
  critical_error: errorEvent(
    run,
    new AppError('API_RATE_LIMIT', 'Rate limit exceeded, backing off'),
    { symbol: 'AAPL', retryAfterMs: 59_500 },
    at('2025-01-20T16:20:00Z'),
  ).message,
};

describeWithContract("The guide's examples of events", (folder) => {
  it.each(Object.keys(sent) as EventName[])('%s: valid, and equal to what the job sends', (name) => {
    const example: unknown = JSON.parse(
      readFileSync(path.join(folder, 'examples', `event-${name}.json`), 'utf8'),
    );
    expect(messageSchema(name).parse(example)).toEqual(example);
    expect(sent[name]).toMatchObject(example as object);
    expect(messageSchema(name).parse(sent[name])).toEqual(sent[name]);
  });
});

describe('events', () => {
  it('of a daily run go to the channel of daily runs too', () => {
    const daily: RunFacts = { ...run, session: '2026-11-20', trigger: 'automatic' };
    const events = [
      ...startEvents(daily, progress, 0),
      ...endEvents(daily, { ...summary, status: 'parked' }, 0),
    ];
    expect(events.map(({ event, channel }) => `${channel} ${event}`)).toEqual([
      'tickstock:monitoring data_import_started',
      'tickstock:processing:status daily_processing_started',
      'tickstock:monitoring job_progress_update',
      'tickstock:processing:status daily_processing_progress',
      'tickstock:monitoring data_import_completed',
      'tickstock:processing:status daily_processing_completed',
    ]);
    for (const { event, message } of events) expect(messageSchema(event).parse(message)).toEqual(message);
  });

  it('of a run over dates name them, with no lookback and no universe', () => {
    const request = { universes: [], timeframes, windows, dates: { from: '2026-01-02', to: '2026-03-31' } };
    expect(startEvents({ ...run, request }, progress, 0)[0]?.message.payload).toMatchObject({
      universe_names: [],
      lookback_days: {},
      from: '2026-01-02',
      to: '2026-03-31',
    });
  });

  it('of a failed symbol say why, and name no timeframe', () => {
    const failure = { code: 'SYMBOL_NOT_FOUND', message: 'Massive does not know ZZZZ.' } as const;
    const [event] = symbolEvents(
      run,
      [{ symbol: 'ZZZZ', timeframes, recordsImported: 0, processingTimeMs: 20, failure }],
      0,
    );
    expect(event?.message.payload).toMatchObject({
      success: false,
      timeframes_processed: [],
      error_code: failure.code,
      error_message: failure.message,
    });
    expect(errorEvent(run, failure, { symbol: 'ZZZZ' }, 0).message.payload).toMatchObject({
      severity: 'warning',
      component: 'massive_fetcher',
      recovery_action: 'skip_and_continue',
      context: { symbol: 'ZZZZ' },
    });
  });

  it.each([
    ['API_RATE_LIMIT', 'massive_fetcher', 'automatic_retry'],
    ['API_KEY_INVALID', 'massive_fetcher', 'manual_configuration'],
    ['SYMBOL_NOT_FOUND', 'massive_fetcher', 'skip_and_continue'],
    ['STORAGE_FAILED', 'ohlcv_storage_service', 'retry_or_manual'],
    ['NETWORK_TIMEOUT', 'massive_fetcher', 'automatic_retry'],
  ] as const)('%s comes from %s and recovers by %s, as the guide has it', (code, component, recovery) => {
    const { message } = errorEvent(run, new AppError(code, 'No.'), { stops: true }, 0);
    expect(message.payload).toMatchObject({
      severity: 'critical',
      error_code: code,
      component,
      recovery_action: recovery,
    });
    expect(messageSchema('critical_error').parse(message)).toEqual(message);
  });

  it('spell every instant in whole seconds, UTC', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }), (date) => {
        const text = toInstant(date);
        expect(text).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/);
        expect(date.getTime() - Date.parse(text)).toBeLessThan(1000);
      }),
    );
  });

  it('carry their name and source in the envelope', () => {
    const payload = { run_id: 'r', symbols_count: 3, trigger_type: 'manual' } as const;
    expect(announce('daily_processing_started', payload, 1500).message).toEqual({
      event: 'daily_processing_started',
      timestamp: '1970-01-01T00:00:01Z',
      source: 'daily_processing_scheduler',
      version: '1.0',
      payload,
    });
  });
});

describe('docs/events', () => {
  const schemaOf = (name: EventName) => z.toJSONSchema(messageSchema(name), { target: 'draft-2020-12' });

  it.each(eventNames)('%s.schema.json is the schema of the code', async (name) => {
    await expect(`${JSON.stringify(schemaOf(name), null, 2)}\n`).toMatchFileSnapshot(
      `../../docs/events/${name}.schema.json`,
    );
  });

  it('events.md lists every event and its fields', async () => {
    await expect(renderEvents()).toMatchFileSnapshot('../../docs/events.md');
  });

  function renderEvents(): string {
    const parts = eventNames.map((name) => {
      const { channel, source, says } = eventDescriptions[name];
      const payload = (schemaOf(name).properties as Record<string, Shape>)['payload'];
      const rows = Object.entries(payload?.properties ?? {}).map(
        ([field, shape]) =>
          `| \`${field}\` | ${typeOf(shape)} | ${payload?.required?.includes(field) ? '' : 'may be absent. '}${shape.description ?? ''} |`,
      );
      return `## \`${name}\`\n\n${says} Channel \`${channel}\`, source \`${source}\`; schema [${name}.schema.json](events/${name}.schema.json).\n\n| field | type | meaning |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
    });
    return `# Events\n\n${INTRODUCTION}\n${parts.join('\n')}`;
  }
});

interface Shape {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly const?: string;
  readonly description?: string;
  readonly anyOf?: readonly Shape[];
  readonly items?: Shape;
  readonly properties?: Record<string, Shape>;
  readonly required?: readonly string[];
}

function typeOf(shape: Shape): string {
  if (shape.const !== undefined) return `\`${shape.const}\``;
  if (shape.enum !== undefined)
    return shape.enum.length > 5 ? 'an error code' : shape.enum.map((value) => `\`${value}\``).join(' or ');
  if (shape.anyOf !== undefined) return shape.anyOf.map(typeOf).join(' or ');
  if (shape.type === 'array') return `list of ${typeOf(shape.items ?? {})}`;
  return shape.type ?? 'any';
}

const INTRODUCTION = `What happens is told over Redis, as JSON, and over \`GET /api/processing/events\` as server-sent events. This page and the
schemas beside it are made from the code.

Every message has \`event\`, \`timestamp\` (UTC, whole seconds), \`source\`, \`version\` and \`payload\`, and a \`number\`: the position
in the order of publication, without holes. Redis gets each event at least once and in order: of two with the same number
the second says nothing new. When Redis was away, everything is sent once it is back, but of the progress of a run only the newest.
`;
