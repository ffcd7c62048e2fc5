import type { AppError } from '../errors.ts';
import type { Failure } from './failure.ts';

/** Why a try brought nothing usable, in the users' words. */
export const causes = [
  'throttled',
  'server error',
  'timed out',
  'connection lost',
  'damaged answer',
  'refused',
  'empty answer',
] as const;
export type Cause = (typeof causes)[number];

const TIMEOUTS = /^(DEADLINE|ETIMEDOUT|UND_ERR_(CONNECT|HEADERS|BODY)_TIMEOUT)$/;

/** The cause of a failed try and the error it was judged to be. */
export function causeOf(failure: Failure, error: AppError): Cause {
  if (error.code === 'API_RATE_LIMIT') return 'throttled';
  if (failure.kind === 'unusable') return 'damaged answer';
  if (failure.kind === 'unanswered') {
    if (TIMEOUTS.test(failure.code)) return 'timed out';
    return error.code === 'VENDOR_RESPONSE_INVALID' ? 'damaged answer' : 'connection lost';
  }
  return failure.httpStatus >= 500 || failure.httpStatus === 408 ? 'server error' : 'refused';
}
