import pg from 'pg';
import { AppError } from '../errors.ts';

const CREDENTIALS = new Set(['28000', '28P01', '3D000', '42501']);
const DISK_FULL = '53100';

/** A driver's failure as an AppError that says what was attempted; AppErrors pass through. */
export function toStorageError(attempted: string, thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const error = thrown as { code?: string; message?: string; errors?: { message: string }[] };
  // Node gathers the refusals of a host's several addresses under an empty message.
  const said = error.message || error.errors?.[0]?.message || String(thrown);
  const reason = said.replace(/postgres(?:ql)?:\/\/\S+/g, 'the database URL');
  if (CREDENTIALS.has(error.code ?? '')) {
    return new AppError(
      'CONFIG_INVALID',
      `Could not ${attempted}: ${reason}. Check DATABASE_URL and the rights of its user.`,
      { cause: thrown },
    );
  }
  const advice =
    error.code === DISK_FULL
      ? 'The database is out of disk space: free some, then run the same command again.'
      : 'Check that the database is up, then run the same command again; what was stored stays.';
  return new AppError('STORAGE_FAILED', `Could not ${attempted}: ${reason}. ${advice}`, {
    cause: thrown,
    retryable: mayPass(error),
  });
}

/** True for what a driver throws when the database refuses something or cannot be reached. */
export const isDatabaseFailure = (error: unknown): boolean =>
  error instanceof pg.DatabaseError || (error instanceof Error && mayPass(error));

/** True when waiting may do: the connection went away, none was free, another transaction was in the way, or the disk is full. */
function mayPass(error: { code?: string; message?: string }): boolean {
  const code = error.code ?? '';
  return (
    // Room on a disk comes back too, when somebody makes some.
    code === DISK_FULL ||
    /^(08|40|57P|53300)/.test(code) ||
    ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOENT', 'ETIMEDOUT'].includes(code) ||
    /Connection terminated|not currently accepting connections|Query read timeout|timeout exceeded when trying to connect|Client has encountered a connection error/.test(
      error.message ?? '',
    )
  );
}
