import { AppError } from '../errors.ts';

const PATIENCE_MS = 2000;

/** What the database answers, if it does so soon: who asks a service wants no long wait. @throws AppError STORAGE_FAILED */
export function inTime<T>(answer: Promise<T>): Promise<T> {
  const late = AbortSignal.timeout(PATIENCE_MS);
  return Promise.race([
    answer,
    new Promise<never>((_, reject) =>
      late.addEventListener(
        'abort',
        () => reject(new AppError('STORAGE_FAILED', 'The database does not answer. Try again later.')),
        { once: true },
      ),
    ),
  ]);
}
