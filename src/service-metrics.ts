import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { errorCodes } from './errors.ts';
import type { ImportObserver } from './jobs/import-observer.ts';
import type { RequestLog } from './massive/fetcher.ts';
import type { OutboxState } from './storage/outbox.ts';

/** What the service counts, for Prometheus. */
export interface ServiceMetrics {
  readonly registry: Registry;
  vendorRequest(log: RequestLog): void;
  httpRequest(route: string, method: string, status: number, seconds: number): void;
  readonly observer: Pick<ImportObserver, 'started' | 'retrying' | 'stored' | 'ended'>;
}

/** `read` is asked at each scrape. */
export function createServiceMetrics(read: {
  outbox(): Promise<OutboxState>;
  queuedSymbols(): Promise<number>;
  activeRuns(): number;
  eventClients(): number;
  isRedisUp(): boolean | null;
}): ServiceMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const requests = new Counter({
    name: 'tickstock_vendor_requests_total',
    help: 'Pages asked of Massive, by how they ended: the last HTTP status, or none.',
    labelNames: ['route', 'outcome'],
    registers,
  });
  const tries = new Counter({
    name: 'tickstock_vendor_tries_total',
    help: 'Tries of those pages, repeated ones included.',
    labelNames: ['route'],
    registers,
  });
  const rowsReceived = new Counter({
    name: 'tickstock_vendor_rows_total',
    help: 'Rows received.',
    labelNames: ['route'],
    registers,
  });
  const bytes = new Counter({
    name: 'tickstock_vendor_bytes_total',
    help: 'Body bytes received over the wire.',
    labelNames: ['route'],
    registers,
  });
  const pacing = new Counter({
    name: 'tickstock_vendor_wait_seconds_total',
    help: 'Time pages waited for their turn and between tries, summed over pages.',
    labelNames: ['route'],
    registers,
  });
  const pageSeconds = new Histogram({
    name: 'tickstock_vendor_page_seconds',
    help: 'From sending to the end of the body.',
    labelNames: ['route'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  });
  const retries = new Counter({
    name: 'tickstock_vendor_retries_total',
    help: 'Tries that failed and were repeated, by code.',
    labelNames: ['code'],
    registers,
  });
  const rows = new Counter({
    name: 'tickstock_rows_total',
    help: 'Bars written, by what became of them.',
    labelNames: ['result'],
    registers,
  });
  const symbols = new Histogram({
    name: 'tickstock_symbol_seconds',
    help: 'Time a symbol took, by result: completed or the error code.',
    labelNames: ['result'],
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 900],
    registers,
  });
  const runSeconds = new Histogram({
    name: 'tickstock_run_seconds',
    help: 'Time an attempt of a run took, by its end.',
    labelNames: ['status'],
    buckets: [1, 5, 15, 60, 300, 900, 1800, 3600, 7200, 14_400],
    registers,
  });
  const runsStarted = new Counter({
    name: 'tickstock_runs_started_total',
    help: 'Attempts of runs begun.',
    registers,
  });
  const http = new Histogram({
    name: 'tickstock_http_request_seconds',
    help: 'Requests to the service.',
    labelNames: ['route', 'method', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers,
  });
  const gauge = (name: string, help: string, value: () => Promise<number> | number): Gauge =>
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        // A database that is away shows in /ready; the other figures are still worth having.
        const now = await Promise.resolve()
          .then(value)
          .catch(() => Number.NaN);
        this.set(now);
      },
    });
  gauge('tickstock_runs_active', 'Runs this process works on.', read.activeRuns);
  gauge('tickstock_symbols_queued', 'Symbols of living runs that have not ended.', read.queuedSymbols);
  gauge('tickstock_outbox_unsent', 'Events Redis has not taken.', async () => (await read.outbox()).waiting);
  gauge('tickstock_outbox_lag_seconds', 'Age of the oldest event Redis has not taken.', async () =>
    read.isRedisUp() === null ? 0 : (await read.outbox()).lagSeconds,
  );
  if (read.isRedisUp() !== null)
    gauge('tickstock_redis_up', '1 while Redis is connected.', () => (read.isRedisUp() === true ? 1 : 0));
  gauge('tickstock_event_clients', 'Clients that follow events.', read.eventClients);

  // A figure that begins at 0 shows its first increase.
  for (const result of ['new', 'changed', 'unchanged', 'rejected']) rows.inc({ result }, 0);
  for (const code of errorCodes) retries.inc({ code }, 0);
  for (const status of ['completed', 'failed', 'cancelled', 'parked']) runSeconds.zero({ status });
  symbols.zero({ result: 'completed' });

  return {
    registry,
    vendorRequest({ route, status, tries: count, waitMs, netMs, bytes: size, rows: received }) {
      requests.inc({ route, outcome: status ?? 'none' });
      tries.inc({ route }, count);
      rowsReceived.inc({ route }, received);
      bytes.inc({ route }, size);
      pacing.inc({ route }, waitMs / 1000);
      pageSeconds.observe({ route }, netMs / 1000);
    },
    httpRequest: (route, method, status, seconds) => http.observe({ route, method, status }, seconds),
    observer: {
      started: () => runsStarted.inc(),
      retrying: (_, { error }) => retries.inc({ code: error.code }),
      stored(_, records, ended) {
        for (const result of ['new', 'changed', 'unchanged', 'rejected'] as const)
          rows.inc({ result }, records[result]);
        for (const { failure, processingTimeMs } of ended)
          symbols.observe({ result: failure?.code ?? 'completed' }, processingTimeMs / 1000);
      },
      ended: (_, { status, duration_seconds: seconds }) => runSeconds.observe({ status }, seconds),
    },
  };
}
