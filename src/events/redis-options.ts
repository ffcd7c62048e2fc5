const PATIENCE_MS = 3000;

/** What every connection to Redis is made with. */
export const commonOptions = {
  connectTimeout: PATIENCE_MS,
  commandTimeout: PATIENCE_MS,
  maxRetriesPerRequest: 0,
  // Both ask more of the server than a user's rights may allow.
  enableReadyCheck: false,
  disableClientInfo: true,
} as const;
