import { type UseQueryResult, skipToken, useQuery } from '@tanstack/react-query';
import { ask } from './client.ts';
import { useKept } from './use-kept.ts';
import type {
  Coverage,
  Market,
  Plan,
  RunStatus,
  RunSummary,
  RunSymbols,
  Runs,
  Schedule,
  Trigger,
  Universe,
  Universes,
} from './types.ts';

/** What is used of what a run said of its progress last. */
export interface Progress {
  readonly attempt?: number;
  readonly completed: number;
  readonly failed: number;
  readonly remaining: number;
  readonly percentage: number;
  readonly current_symbol: string;
  readonly estimated_completion: string;
}

const MARKET_EVERY_MS = 30_000;
const STATUS_EVERY_MS = 2000;

export const useMarket = (): UseQueryResult<Market> =>
  useQuery({
    queryKey: ['market'],
    queryFn: () => ask<Market>('/api/market/status'),
    refetchInterval: MARKET_EVERY_MS,
  });

export const useSchedule = (): UseQueryResult<Schedule> =>
  useQuery({ queryKey: ['schedule'], queryFn: () => ask<Schedule>('/api/processing/schedule') });

export const useRuns = (filter: Readonly<Record<string, string>>): UseQueryResult<Runs> =>
  useKept(
    useQuery({
      queryKey: ['runs', filter],
      queryFn: () => ask<Runs>(`/api/processing/import/runs?${new URLSearchParams(filter)}`),
    }),
  );

export const useRun = (runId: string): UseQueryResult<RunSummary> =>
  useQuery({
    queryKey: ['run', runId],
    queryFn: () => ask<RunSummary>(`/api/processing/import/runs/${encodeURIComponent(runId)}`),
  });

export const useRunStatus = (runId: string): UseQueryResult<RunStatus> =>
  useQuery({
    queryKey: ['status', runId],
    queryFn: () => ask<RunStatus>(`/api/processing/import/status/${encodeURIComponent(runId)}`),
    refetchInterval: ({ state }) => (state.data?.status === 'in_progress' ? STATUS_EVERY_MS : false),
  });

export const useProgress = (runId: string): Progress | undefined =>
  useQuery<Progress>({ queryKey: ['progress', runId], queryFn: skipToken }).data;

export const useRunSymbols = (
  runId: string,
  filter: Readonly<Record<string, string>>,
): UseQueryResult<RunSymbols> =>
  useKept(
    useQuery({
      queryKey: ['symbols', runId, filter],
      queryFn: () =>
        ask<RunSymbols>(
          `/api/processing/import/runs/${encodeURIComponent(runId)}/symbols?${new URLSearchParams(filter)}`,
        ),
    }),
    runId,
  );

export const useUniverses = (): UseQueryResult<Universes> =>
  useQuery({ queryKey: ['universes'], queryFn: () => ask<Universes>('/api/universes') });

/** The members of a universe on a date, or today. */
export const useUniverse = (name: string, date: string): UseQueryResult<Universe> =>
  useKept(
    useQuery({
      queryKey: ['universe', name, date],
      queryFn: () =>
        ask<Universe>(`/api/universes/${encodeURIComponent(name)}${date === '' ? '' : `?date=${date}`}`),
    }),
    name,
  );

/** The plan of what would be triggered; kept on the screen while the next one is made. */
export const usePlan = (wanted: Trigger | null): UseQueryResult<Plan> =>
  useQuery({
    queryKey: ['plan', wanted],
    queryFn: wanted === null ? skipToken : ({ signal }) => ask<Plan>(planAddress(wanted), { signal }),
    placeholderData: (before) => before,
  });

const planAddress = (wanted: Trigger): string =>
  `/api/processing/import/plan?${new URLSearchParams(
    Object.entries(wanted).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(',') : String(value),
    ]),
  )}`;

/** The coverage wall; what it was stays on the screen while it is read anew. */
export const useCoverage = (filter: Readonly<Record<string, string>>): UseQueryResult<Coverage> =>
  useQuery({
    queryKey: ['coverage', filter],
    queryFn: ({ signal }) => ask<Coverage>(`/api/coverage?${new URLSearchParams(filter)}`, { signal }),
    placeholderData: (before) => before,
  });
