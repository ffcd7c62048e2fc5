import { describe, expect, it } from 'vitest';
import { createClassifier } from './classify.ts';
import type { Failure } from './failure.ts';

const classify = createClassifier('SECRET+key');
const attempt = { what: 'daily bars of AAPL, 2026-01-02 to 2026-01-30', symbol: 'AAPL' };

const refused = (httpStatus: number, bodyStatus: string | undefined, reason = '', html = false): Failure => ({
  kind: 'refused',
  httpStatus,
  bodyStatus,
  reason,
  html,
  retryAfterMs: undefined,
});
const unanswered = (code: string): Failure => ({ kind: 'unanswered', code, text: code });

const notEntitled =
  'You are not entitled to this data. Please upgrade your plan at https://massive.com/pricing';
const timeframe =
  "Your plan doesn't include this data timeframe. Please upgrade your plan at https://massive.com/pricing";
const tooEarly =
  "Attempted to request today's data before end of day. Please upgrade your plan at https://massive.com/pricing";
const tooMany =
  "You've exceeded the maximum requests per minute, please wait or upgrade your subscription to continue.";

describe('classifying failures', () => {
  // Bodies as the vendor's error table records them.
  it.each<[string, Failure, string, boolean]>([
    ['401', refused(401, 'ERROR', 'Unknown API Key'), 'API_KEY_INVALID', false],
    ['401 without a body', refused(401, undefined), 'API_KEY_INVALID', false],
    ['200 that refuses the key', refused(200, 'ERROR', 'API Key was not provided'), 'API_KEY_INVALID', false],
    ['403 not entitled', refused(403, 'NOT_AUTHORIZED', notEntitled), 'VENDOR_NOT_ENTITLED', false],
    ['403 for the timeframe', refused(403, 'NOT_AUTHORIZED', timeframe), 'VENDOR_NOT_ENTITLED', false],
    ['200 NOT_AUTHORIZED', refused(200, 'NOT_AUTHORIZED', notEntitled), 'VENDOR_NOT_ENTITLED', false],
    ['403 before the end of the day', refused(403, 'NOT_AUTHORIZED', tooEarly), 'VENDOR_NOT_READY', true],
    ['200 before the end of the day', refused(200, 'NOT_AUTHORIZED', tooEarly), 'VENDOR_NOT_READY', true],
    ['403 of a proxy', refused(403, undefined, '<html>', true), 'VENDOR_RESPONSE_INVALID', true],
    [
      '400',
      refused(400, 'ERROR', "The parameter 'to' cannot be a time that occurs before 'from'"),
      'VENDOR_RESPONSE_INVALID',
      false,
    ],
    [
      '200 with the reason of a 400',
      refused(200, 'ERROR', "Could not parse the time parameter: 'from'."),
      'VENDOR_RESPONSE_INVALID',
      false,
    ],
    ['404 for a symbol', refused(404, 'NOT_FOUND', 'Ticker not found.'), 'SYMBOL_NOT_FOUND', false],
    ['404 for a path', refused(404, undefined, '404 page not found'), 'VENDOR_RESPONSE_INVALID', false],
    ['429', refused(429, 'ERROR', tooMany), 'API_RATE_LIMIT', true],
    ['429 without a body', refused(429, undefined), 'API_RATE_LIMIT', true],
    ['200 with the reason of a 429', refused(200, 'ERROR', tooMany), 'API_RATE_LIMIT', true],
    ['408', refused(408, undefined), 'NETWORK_TIMEOUT', true],
    ['500', refused(500, 'ERROR', 'internal'), 'VENDOR_RESPONSE_INVALID', true],
    ['502 as HTML', refused(502, undefined, '<html>', true), 'VENDOR_RESPONSE_INVALID', true],
    ['503', refused(503, undefined), 'VENDOR_RESPONSE_INVALID', true],
    ['504', refused(504, undefined), 'NETWORK_TIMEOUT', true],
    [
      '200 with an unknown status',
      refused(200, 'ERROR', 'something went wrong'),
      'VENDOR_RESPONSE_INVALID',
      true,
    ],
    ['a redirect', refused(302, undefined), 'VENDOR_RESPONSE_INVALID', false],
    ['a lost connection', unanswered('ECONNRESET'), 'NETWORK_TIMEOUT', true],
    ['a refused connection', unanswered('ECONNREFUSED'), 'NETWORK_TIMEOUT', true],
    ['an unknown host', unanswered('ENOTFOUND'), 'NETWORK_TIMEOUT', true],
    ['a silence', unanswered('UND_ERR_HEADERS_TIMEOUT'), 'NETWORK_TIMEOUT', true],
    ['a certificate nobody trusts', unanswered('CERT_HAS_EXPIRED'), 'NETWORK_TIMEOUT', false],
    ['gzip cut off', unanswered('Z_BUF_ERROR'), 'VENDOR_RESPONSE_INVALID', true],
    ['no HTTP at all', unanswered('HPE_INVALID_CONSTANT'), 'VENDOR_RESPONSE_INVALID', true],
    [
      'an unusable answer',
      { kind: 'unusable', problem: 'x', permanent: false },
      'VENDOR_RESPONSE_INVALID',
      true,
    ],
    [
      'one that stays unusable',
      { kind: 'unusable', problem: 'x', permanent: true },
      'VENDOR_RESPONSE_INVALID',
      false,
    ],
  ])('%s', (_what, failure, code, retryable) => {
    expect(classify(failure, attempt, 1)).toMatchObject({ code, retryable });
  });

  it('says what was attempted, what came back and what to do', () => {
    expect(
      classify(refused(403, 'NOT_AUTHORIZED', 'You are not entitled to this data.'), attempt, 1).message,
    ).toBe(
      'Could not fetch daily bars of AAPL, 2026-01-02 to 2026-01-30: the vendor answered 403 "You are not entitled to this data". Upgrade the plan, or ask for less history or other data.',
    );
    expect(classify(unanswered('ECONNREFUSED'), attempt, 6).message).toBe(
      'Could not fetch daily bars of AAPL, 2026-01-02 to 2026-01-30 (6 tries): the connection was refused. Check the network and MASSIVE_BASE_URL, then try again.',
    );
  });

  it('finds no symbol missing when none was asked for', () => {
    expect(classify(refused(404, 'NOT_FOUND', 'Data not found.'), { what: 'splits' }, 1).code).toBe(
      'VENDOR_RESPONSE_INVALID',
    );
  });

  it('quotes at most a line of what the vendor said, without control characters', () => {
    const { message } = classify(
      refused(500, 'ERROR', `a\u001b[31m\n\u0000b${'x'.repeat(5000)}`),
      attempt,
      1,
    );
    expect(message.length).toBeLessThan(400);
    expect(message).toContain('a [31m b');
  });

  it('never repeats the key, as it is or as a URL spells it, in message or cause', () => {
    const echoes = [
      classify(
        refused(401, 'ERROR', `Unknown key SECRET+key, ${'x'.repeat(170)} ?apiKey=SECRET%2Bkey`),
        attempt,
        1,
      ),
      classify({ kind: 'unanswered', code: 'HPE_X', text: 'bad header Bearer SECRET+key' }, attempt, 1),
    ];
    for (const error of echoes) {
      expect(`${error.stack} ${error.cause instanceof Error ? error.cause.stack : ''}`).not.toMatch(/SECRET/);
    }
  });
});
