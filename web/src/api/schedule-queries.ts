import { type UseQueryResult, skipToken, useQuery } from '@tanstack/react-query';
import { ask } from './client.ts';
import type { SchedulePreview, Settings } from './types.ts';

/** What a change would make of the schedule; null asks nothing. */
export const useSchedulePreview = (
  change: Readonly<Record<string, string>> | null,
): UseQueryResult<SchedulePreview> =>
  useQuery({
    queryKey: ['schedule', 'preview', change],
    queryFn:
      change === null
        ? skipToken
        : () => ask<SchedulePreview>(`/api/processing/schedule/preview?${new URLSearchParams(change)}`),
    placeholderData: (before) => before,
  });

export const useSettings = (): UseQueryResult<Settings> =>
  useQuery({ queryKey: ['settings'], queryFn: () => ask<Settings>('/api/settings') });
