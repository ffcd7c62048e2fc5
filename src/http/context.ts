import type { App } from '../app.ts';
import type { DailyProcessing } from '../jobs/daily-processing.ts';
import type { ImportRuns } from '../jobs/import-runs.ts';
import type { ServiceMetrics } from '../service-metrics.ts';
import type { AttentionItem } from './attention.ts';
import type { RunStatusAnswer } from './run-status.ts';
import type { ShortCache } from './short-cache.ts';

/** What the routes work with. */
export interface ServiceContext {
  readonly app: App;
  readonly runs: ImportRuns;
  readonly statuses: Pick<ShortCache<RunStatusAnswer>, 'get'>;
  /** Under `all`: what the database knows that needs a person. */
  readonly attention: Pick<ShortCache<readonly AttentionItem[]>, 'get'>;
  readonly daily: DailyProcessing;
  readonly metrics: ServiceMetrics;
  /** Whether Redis is connected; null when none is set. */
  readonly isRedisUp: (() => boolean) | null;
}
