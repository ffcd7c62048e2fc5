import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A new key of the service: `ts_ID_SECRET`, its id, and the hash to be kept instead of it. */
export function createApiKey(): { key: string; id: string; hash: Buffer } {
  const id = randomBytes(4).toString('hex');
  const key = `ts_${id}_${randomBytes(24).toString('base64url')}`;
  return { key, id, hash: hashOf(key) };
}

/** The id within what somebody sent as a key; null for what can be none. */
export const idOfKey = (key: string): string | null => /^ts_([\da-f]{8})_[\w-]{32}$/.exec(key)?.[1] ?? null;

/** Whether a key is the one hashed, in a time that does not tell how much of it was right. */
export const matchesKey = (key: string, hash: Buffer): boolean => timingSafeEqual(hashOf(key), hash);

// The key is random enough that no slow hash is needed.
const hashOf = (key: string): Buffer => createHash('sha256').update(key).digest();
