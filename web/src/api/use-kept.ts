import type { UseQueryResult } from '@tanstack/react-query';
import { useState } from 'react';

/**
 * An answer with the last data there was of the same subject, while none has come of what is asked for now or it
 * was refused: what was there stays on the screen beside what went wrong.
 */
export function useKept<T>(result: UseQueryResult<T>, subject = ''): UseQueryResult<T> {
  const { data } = result;
  const [kept, keep] = useState({ subject, data });
  if (kept.subject !== subject || (data !== undefined && data !== kept.data)) keep({ subject, data });
  return data === undefined && kept.subject === subject && kept.data !== undefined
    ? ({ ...result, data: kept.data } as UseQueryResult<T>)
    : result;
}
