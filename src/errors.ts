/** What a failure means to whoever has to act on it; one row a code, the only table of its kind. */
const codes = {
  API_RATE_LIMIT: { retryable: true, exitCode: 75, recovery: 'automatic_retry' },
  API_KEY_INVALID: { retryable: false, exitCode: 5, recovery: 'manual_configuration' },
  SYMBOL_NOT_FOUND: { retryable: false, exitCode: 3, recovery: 'skip_and_continue' },
  STORAGE_FAILED: { retryable: true, exitCode: 75, recovery: 'retry_or_manual' },
  NETWORK_TIMEOUT: { retryable: true, exitCode: 75, recovery: 'automatic_retry' },
  VENDOR_NOT_ENTITLED: { retryable: false, exitCode: 3, recovery: 'manual_configuration' },
  VENDOR_NOT_READY: { retryable: true, exitCode: 75, recovery: 'automatic_retry' },
  VENDOR_RESPONSE_INVALID: { retryable: true, exitCode: 75, recovery: 'retry_or_manual' },
  CONFIG_INVALID: { retryable: false, exitCode: 2, recovery: 'manual_configuration' },
  CANCELLED: { retryable: true, exitCode: 130, recovery: 'retry_or_manual' },
  INTERNAL: { retryable: false, exitCode: 1, recovery: 'retry_or_manual' },
} as const;

export type ErrorCode = keyof typeof codes;

/** What helps against a failure, in the guide's words. */
export const recoveryOf = (code: ErrorCode): string => codes[code].recovery;

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
