import { AppError, type ErrorCode } from '../errors.ts';
import type { Failure } from './failure.ts';
import { createRedactor, quotable } from './vendor-words.ts';

/** What was attempted, in the users' words. */
export interface Attempt {
  /** Completes "Could not fetch …": `daily bars of AAPL, 2024-01-02 to 2024-03-28`. */
  readonly what: string;
  readonly symbol?: string;
}

/** The first rule that holds decides. Codes say whether trying again helps, unless the rule is `permanent`. */
interface Rule<F> {
  readonly when: (failure: F, attempt: Attempt) => boolean;
  readonly code: ErrorCode;
  readonly permanent?: true;
  /** What the user can do about it. */
  readonly advice: string;
}

type Refused = Extract<Failure, { kind: 'refused' }>;
type Unusable = Extract<Failure, { kind: 'unusable' }>;
type Unanswered = Extract<Failure, { kind: 'unanswered' }>;

const again = 'Try again later; if it stays, the vendor has an outage.';
const defect = 'This is a defect in tickstock or a change at the vendor; please report it.';

const isSuccess = (httpStatus: number): boolean => httpStatus >= 200 && httpStatus < 300;

/** Refused with an HTTP status, or with 200 and the same in the body: both have been seen. */
const isRefusal =
  (status: number, bodyStatus: string, reason = /^/) =>
  (f: Refused): boolean =>
    f.httpStatus === status ||
    (isSuccess(f.httpStatus) && f.bodyStatus === bodyStatus && reason.test(f.reason));
const isForbidden = isRefusal(403, 'NOT_AUTHORIZED');

const refusedRules: readonly Rule<Refused>[] = [
  {
    when: isRefusal(401, 'ERROR', /api[ -]?key/i),
    code: 'API_KEY_INVALID',
    advice: 'Check MASSIVE_API_KEY; your keys are listed in the dashboard of your Massive account.',
  },
  {
    when: (f) => isForbidden(f) && /before (the )?end of (the )?day/i.test(f.reason),
    code: 'VENDOR_NOT_READY',
    advice: 'Your plan serves a day only after it has ended in New York; run again then.',
  },
  {
    // Something between us and the vendor; the vendor's own refusals are JSON.
    when: (f) => f.httpStatus === 403 && f.html,
    code: 'VENDOR_RESPONSE_INVALID',
    advice: 'A proxy or firewall may have answered; check the network and MASSIVE_BASE_URL.',
  },
  {
    when: isForbidden,
    code: 'VENDOR_NOT_ENTITLED',
    advice: 'Upgrade the plan, or ask for less history or other data.',
  },
  {
    when: isRefusal(429, 'ERROR', /exceeded the maximum requests|rate limit|too many requests/i),
    code: 'API_RATE_LIMIT',
    advice: 'Raise polygon.rate_limit_ms to what your plan allows (12500 for 5 requests a minute).',
  },
  {
    // An unknown path is plain text; only what the vendor looked up and did not find is JSON.
    when: (f, attempt) =>
      isRefusal(404, 'NOT_FOUND')(f) && f.bodyStatus === 'NOT_FOUND' && attempt.symbol !== undefined,
    code: 'SYMBOL_NOT_FOUND',
    advice: 'Check the spelling; case matters, and classes follow a dot (BRK.B).',
  },
  {
    when: isRefusal(404, 'NOT_FOUND'),
    code: 'VENDOR_RESPONSE_INVALID',
    permanent: true,
    advice: 'Check MASSIVE_BASE_URL: the vendor does not know this address.',
  },
  {
    when: isRefusal(400, 'ERROR', /parse|parameter|invalid|must be/i),
    code: 'VENDOR_RESPONSE_INVALID',
    permanent: true,
    advice: `Our request was refused. ${defect}`,
  },
  { when: (f) => f.httpStatus === 408 || f.httpStatus === 504, code: 'NETWORK_TIMEOUT', advice: again },
  {
    when: (f) => f.httpStatus >= 500 || isSuccess(f.httpStatus),
    code: 'VENDOR_RESPONSE_INVALID',
    advice: again,
  },
  { when: () => true, code: 'VENDOR_RESPONSE_INVALID', permanent: true, advice: defect },
];

const unusableRules: readonly Rule<Unusable>[] = [
  {
    when: (f) => f.permanent,
    code: 'VENDOR_RESPONSE_INVALID',
    permanent: true,
    advice: `Nothing of it was kept. ${defect}`,
  },
  { when: () => true, code: 'VENDOR_RESPONSE_INVALID', advice: `Nothing of it was kept. ${again}` },
];

const unansweredRules: readonly Rule<Unanswered>[] = [
  {
    when: (f) => /^(CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED|ERR_TLS|ERR_SSL|EPROTO)/.test(f.code),
    code: 'NETWORK_TIMEOUT',
    permanent: true,
    advice: "Check MASSIVE_BASE_URL and this machine's certificates; a proxy may be intercepting.",
  },
  {
    when: (f) => /^(Z_|HPE|UND_ERR_RES_CONTENT_LENGTH|UND_ERR_HEADERS_OVERFLOW)/.test(f.code),
    code: 'VENDOR_RESPONSE_INVALID',
    advice: `Nothing of it was kept. ${again}`,
  },
  {
    when: () => true,
    code: 'NETWORK_TIMEOUT',
    advice: 'Check the network and MASSIVE_BASE_URL, then try again.',
  },
];

const transportWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ENOTFOUND: 'the host name is unknown',
  EAI_AGAIN: 'the host name could not be resolved',
  ECONNRESET: 'the connection was lost',
  EPIPE: 'the connection was lost',
  UND_ERR_SOCKET: 'the connection was lost',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  UND_ERR_HEADERS_TIMEOUT: 'no answer in time',
  UND_ERR_BODY_TIMEOUT: 'the answer stopped half-way',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the answer was cut off',
  HPE: 'the answer was no HTTP',
  Z_BUF_ERROR: 'the compressed answer was cut off',
  Z_DATA_ERROR: 'the compressed answer was damaged',
};

/** Judges each failure once, as the error everybody else acts on; the key is in none of its text. */
export function createClassifier(
  apiKey: string,
): (failure: Failure, attempt: Attempt, tries: number) => AppError {
  const redact = createRedactor(apiKey);
  return (failure, attempt, tries) => {
    const { code, permanent, advice } = judge(failure, attempt);
    const count = tries > 1 ? ` (${tries} tries)` : '';
    const came = quotable(redact(whatCame(failure)));
    return new AppError(code, redact(`Could not fetch ${attempt.what}${count}: ${came}. ${advice}`), {
      ...(permanent && { retryable: false }),
      ...(failure.kind === 'refused' &&
        failure.retryAfterMs !== undefined && { retryAfterMs: failure.retryAfterMs }),
      ...(failure.kind === 'unanswered' && { cause: new Error(redact(`${failure.code}: ${failure.text}`)) }),
    });
  };
}

function judge(failure: Failure, attempt: Attempt): Rule<never> {
  switch (failure.kind) {
    case 'refused':
      return refusedRules.find((rule) => rule.when(failure, attempt))!;
    case 'unusable':
      return unusableRules.find((rule) => rule.when(failure, attempt))!;
    case 'unanswered':
      return unansweredRules.find((rule) => rule.when(failure, attempt))!;
  }
}

function whatCame(failure: Failure): string {
  if (failure.kind === 'unusable') return `the vendor sent ${failure.problem}`;
  if (failure.kind === 'unanswered') return transportWords[failure.code] ?? (failure.text || failure.code);
  const { httpStatus, bodyStatus, reason, html } = failure;
  const status = isSuccess(httpStatus) && bodyStatus !== undefined ? ` with status ${bodyStatus}` : '';
  const words = html ? ' with an HTML page' : reason === '' ? '' : ` "${reason.replace(/[.\s]+$/, '')}"`;
  return `the vendor answered ${httpStatus}${status}${words}`;
}
