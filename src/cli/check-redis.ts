import type { Settings } from '../config.ts';
import { type AppError, exitCodeOf } from '../errors.ts';
import { type Finding, failed, passed } from './check-finding.ts';

/** Whether the Redis that is set can be used; none has to be. */
export async function checkRedis(settings: Settings): Promise<Finding> {
  const url = settings.find('events.redis_url');
  if (url === undefined) return passed('redis', 'not set (REDIS_URL); imports do not need it');
  const { addressOf, pingRedis } = await import('../events/ping-redis.ts');
  try {
    return passed('redis', `Redis ${await pingRedis(url)} at ${addressOf(url)}`);
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    return failed('redis', judgeRedisFailure(addressOf(url), why));
  }
}

const rules: readonly { readonly said: RegExp; readonly means: string; readonly todo: string }[] = [
  {
    said: /^(WRONGPASS|NOAUTH|NOPERM|ERR .*\bAUTH\b|ERR invalid password)/,
    means: 'refuses the user or password',
    todo: 'Correct them in REDIS_URL',
  },
  {
    said: /\bDB index\b/,
    means: 'does not have that database',
    todo: 'Correct the number that ends REDIS_URL',
  },
  {
    said: /^Protocol error/,
    means: 'does not answer as Redis does',
    todo: 'Correct the host and port in REDIS_URL',
  },
];

/** What Redis or the way to it said (`why`), as the user's problem. */
export function judgeRedisFailure(address: string, why: string): Pick<AppError, 'message' | 'exitCode'> {
  const rule = rules.find(({ said }) => said.test(why));
  const quoted = why.replace(/ Please report this\.?$/, '').replace(/[.\s]+$/, '');
  return rule === undefined
    ? {
        message: `Could not reach Redis at ${address} (REDIS_URL): ${quoted}. Start it, correct REDIS_URL, or unset it: imports work without`,
        exitCode: exitCodeOf('NETWORK_TIMEOUT'),
      }
    : {
        message: `Redis at ${address} (REDIS_URL) ${rule.means}: ${quoted}. ${rule.todo}, or unset it: imports work without`,
        exitCode: exitCodeOf('CONFIG_INVALID'),
      };
}
