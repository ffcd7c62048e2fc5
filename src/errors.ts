/** What a failure means to whoever has to act on it; one row a code, the only table of its kind. */
const codes = {
  API_RATE_LIMIT: {
    words: 'refused as too fast',
    retryable: true,
    exitCode: 75,
    recovery: 'automatic_retry',
    component: 'massive_fetcher',
    httpStatus: 503,
  },
  API_KEY_INVALID: {
    words: 'key refused',
    retryable: false,
    exitCode: 5,
    recovery: 'manual_configuration',
    component: 'massive_fetcher',
    httpStatus: 503,
  },
  SYMBOL_NOT_FOUND: {
    words: 'not known to the vendor',
    retryable: false,
    exitCode: 3,
    recovery: 'skip_and_continue',
    component: 'massive_fetcher',
    httpStatus: 404,
  },
  STORAGE_FAILED: {
    words: 'could not be stored',
    retryable: true,
    exitCode: 75,
    recovery: 'retry_or_manual',
    component: 'ohlcv_storage_service',
    httpStatus: 503,
  },
  NETWORK_TIMEOUT: {
    words: 'no answer in time',
    retryable: true,
    exitCode: 75,
    recovery: 'automatic_retry',
    component: 'massive_fetcher',
    httpStatus: 504,
  },
  VENDOR_NOT_ENTITLED: {
    words: 'not in the plan of the key',
    retryable: false,
    exitCode: 3,
    recovery: 'manual_configuration',
    component: 'massive_fetcher',
    httpStatus: 503,
  },
  VENDOR_NOT_READY: {
    words: 'the vendor does not have it yet',
    retryable: true,
    exitCode: 75,
    recovery: 'automatic_retry',
    component: 'massive_fetcher',
    httpStatus: 503,
  },
  VENDOR_RESPONSE_INVALID: {
    words: 'an unusable answer',
    retryable: true,
    exitCode: 75,
    recovery: 'retry_or_manual',
    component: 'massive_fetcher',
    httpStatus: 502,
  },
  CONFIG_INVALID: {
    words: 'a setting is wrong',
    retryable: false,
    exitCode: 2,
    recovery: 'manual_configuration',
    component: 'daily_import_job',
    httpStatus: 400,
  },
  RUN_NOT_FOUND: {
    words: 'no such run',
    retryable: false,
    exitCode: 2,
    recovery: 'manual_configuration',
    component: 'daily_import_job',
    httpStatus: 404,
  },
  RUN_CONFLICT: {
    words: 'another run is in the way',
    retryable: true,
    exitCode: 2,
    recovery: 'retry_or_manual',
    component: 'daily_import_job',
    httpStatus: 409,
  },
  CANCELLED: {
    words: 'cancelled',
    retryable: true,
    exitCode: 130,
    recovery: 'retry_or_manual',
    component: 'daily_import_job',
    httpStatus: 503,
  },
  INTERNAL: {
    words: 'a fault of tickstock itself',
    retryable: false,
    exitCode: 1,
    recovery: 'retry_or_manual',
    component: 'daily_import_job',
    httpStatus: 500,
  },
} as const;

export type ErrorCode = keyof typeof codes;

/** What can be asked of whoever reads about a failure; the guide's words. */
export const recoveryActions = [
  'automatic_retry',
  'manual_configuration',
  'skip_and_continue',
  'retry_or_manual',
] as const;

export const errorCodes = Object.keys(codes) as [ErrorCode, ...ErrorCode[]];

/** A failure in a few words for people. */
export const wordsOf = (code: ErrorCode): string => codes[code].words;

/** What helps against a failure, in the guide's words. */
export const recoveryOf = (code: ErrorCode): (typeof recoveryActions)[number] => codes[code].recovery;

/** The part of the pipeline such a failure comes from, as the guide names it. */
export const componentOf = (code: ErrorCode): (typeof codes)[ErrorCode]['component'] => codes[code].component;

/** The HTTP status that answers a request which met such a failure. */
export const httpStatusOf = (code: ErrorCode): number => codes[code].httpStatus;

/** What a program ends with that such a failure stopped. */
export const exitCodeOf = (code: ErrorCode): number => codes[code].exitCode;

/**
 * A failure in the users' words: what was attempted, on what, what came back, what to do.
 * `retryable` says whether the same attempt may succeed later; `retryAfterMs` when the other side said how long.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; retryable?: boolean; retryAfterMs?: number } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.retryable = options.retryable ?? codes[code].retryable;
    this.retryAfterMs = options.retryAfterMs;
  }

  get exitCode(): number {
    return codes[this.code].exitCode;
  }
}

/** The vendor fails whomever is asked about, so going on would only burn requests: a run is parked. */
export class VendorOutage extends AppError {
  constructor(message: string) {
    super('VENDOR_NOT_READY', message);
    this.name = 'VendorOutage';
  }
}

/** Another run, or this one itself, is in the way. */
export class RunConflict extends AppError {
  /** The run that is in the way. */
  readonly runId: string;

  constructor(runId: string, message: string) {
    super('RUN_CONFLICT', message);
    this.name = 'RunConflict';
    this.runId = runId;
  }
}

/** An attempt that another process has followed: it commits nothing more. */
export class RunTakenOver extends AppError {
  constructor(runId: string) {
    super(
      'CANCELLED',
      `Run ${runId} was ended or taken over while this process was not heard of. What is stored stays.`,
      { retryable: false },
    );
    this.name = 'RunTakenOver';
  }
}

/** Somebody asked for a pause. */
export class RunPaused extends AppError {
  constructor(runId: string) {
    super(
      'CANCELLED',
      `Run ${runId} was paused on request. What is stored stays; go on with: tickstock import --resume ${runId}`,
    );
    this.name = 'RunPaused';
  }
}

/** The program that works on a run must end: the run is parked, and whole as far as it got. */
export class ServiceStopped extends AppError {
  constructor() {
    super('CANCELLED', 'The service was stopped. What is stored stays; the run can go on.');
    this.name = 'ServiceStopped';
  }
}

/** A mistake in what the caller asked for: exit 2, nothing changed. */
export const usageError = (message: string): AppError => new AppError('CONFIG_INVALID', message);

/** Whatever was thrown, as an AppError; the unforeseen becomes INTERNAL with its cause kept. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return new AppError(
    'INTERNAL',
    `Unexpected failure: ${text}. This is a defect in tickstock; please report it.`,
    {
      cause: thrown,
    },
  );
}
