import type { Problem } from './types.ts';

/** What the service refused, in its own words. */
export class Refused extends Error {
  readonly status: number;
  readonly problem: Problem | null;

  constructor(status: number, problem: Problem | null) {
    super(problem?.detail ?? `The service answered with ${status}.`);
    this.status = status;
    this.problem = problem;
  }
}

/** Nobody answered, or not in time. */
export class Unreachable extends Error {
  constructor(isLate: boolean, isChange: boolean) {
    const what = isLate ? 'The service does not answer.' : 'The service cannot be reached.';
    super(
      `${what} ${isChange ? 'Whether it has done this is not known: look again when it is back.' : 'What is shown is the last it said.'}`,
    );
  }
}

/** The plan of a whole market takes seconds. */
const PATIENCE_MS = 60_000;

const KEY = 'tickstock key';

/** The API key of this tab, kept no longer than the tab. */
export const keyOfTab = {
  read: (): string | null => sessionStorage.getItem(KEY),
  keep: (key: string): void => sessionStorage.setItem(KEY, key),
  forget: (): void => sessionStorage.removeItem(KEY),
};

export const keyHeaders = (): Record<string, string> => {
  const key = keyOfTab.read();
  return key === null ? {} : { 'x-api-key': key };
};

/** Asks the service. @throws Refused, Unreachable */
export async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
  const response = await askForFile(path, init);
  return (isJson(response) ? await response.json() : null) as T;
}

/** Asks the service for what is no JSON. @throws Refused, Unreachable */
export async function askForFile(path: string, init: RequestInit = {}): Promise<Response> {
  const late = AbortSignal.timeout(PATIENCE_MS);
  const signal = init.signal ? AbortSignal.any([init.signal, late]) : late;
  const headers = { ...init.headers, ...keyHeaders() };
  const response = await fetch(path, { ...init, headers, signal }).catch((error: unknown) => {
    if (init.signal?.aborted === true) throw error;
    throw new Unreachable(late.aborted, init.method !== undefined);
  });
  // Readiness has its say with 503, too.
  if (response.ok || (response.status === 503 && path === '/ready')) return response;
  throw new Refused(response.status, isJson(response) ? ((await response.json()) as Problem) : null);
}

const isJson = ({ headers }: Response): boolean => /json/.test(headers.get('content-type') ?? '');

/** Sends JSON. @throws Refused, Unreachable */
export const send = <T>(path: string, body: object, method = 'POST'): Promise<T> =>
  ask<T>(path, { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
