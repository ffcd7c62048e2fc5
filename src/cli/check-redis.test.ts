import { describe, expect, it } from 'vitest';
import { addressOf } from '../events/ping-redis.ts';
import { judgeRedisFailure } from './check-redis.ts';

describe('a Redis that cannot be used', () => {
  it.each([
    [
      'connect ECONNREFUSED 127.0.0.1:1',
      75,
      'Could not reach Redis at host:1 (REDIS_URL): connect ECONNREFUSED',
    ],
    ['Command timed out', 75, 'Could not reach Redis at host:1 (REDIS_URL): Command timed out. Start it, '],
    [
      'WRONGPASS invalid username-password pair or user is disabled.',
      2,
      'refuses the user or password: WRONG',
    ],
    [
      'NOAUTH Authentication required.',
      2,
      'refuses the user or password: NOAUTH Authentication required. Correct',
    ],
    [
      'ERR DB index is out of range',
      2,
      'does not have that database: ERR DB index is out of range. Correct the',
    ],
    [
      'Protocol error, got "H" as reply type byte. Please report this.',
      2,
      'does not answer as Redis does: Protocol error, got "H" as reply type byte. Correct the host',
    ],
  ])('after %j is told with exit %d', (why, exitCode, words) => {
    const failure = judgeRedisFailure('host:1', why);
    expect(failure).toEqual({ message: expect.stringContaining(words), exitCode });
    expect(failure.message).toMatch(/, or unset it: imports work without$/);
  });
});

describe('the address of a Redis URL', () => {
  it.each([
    ['redis://user:hidden@cache.example:6380/2?family=6', 'cache.example:6380'],
    ['rediss://:hidden@[::1]', '[::1]:6379'],
    ['redis://', '127.0.0.1:6379'],
  ])('%s is host and port alone', (url, address) => {
    expect(addressOf(url)).toBe(address);
  });
});
