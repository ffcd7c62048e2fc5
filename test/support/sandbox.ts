import { createClock } from '../../src/clock.ts';
import { type Sandbox, type SandboxOptions, createSandbox } from '../../src/sandbox/sandbox.ts';

/** Saturday 8 August 2026, 08:00 New York. */
export const sandboxNow = Date.UTC(2026, 7, 8, 12);

/** A small generated market on a free port, on a fixed day; to be closed. */
export const startSandbox = (options: Partial<SandboxOptions> = {}): Promise<Sandbox> =>
  createSandbox({
    clock: createClock(),
    now: sandboxNow,
    symbols: ['AAPL', 'TSLA', 'BRK.B', 'BCPC', 'BCpC'],
    ...options,
  });

export interface SandboxAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; undefined when it is no JSON. */
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into bodies of every shape
  readonly body: any;
}

/** GETs a path with the sandbox's key, or with the headers given instead. */
export async function ask(
  sandbox: Sandbox,
  path: string,
  headers: Record<string, string> = { authorization: `Bearer ${sandbox.key}` },
): Promise<SandboxAnswer> {
  const response = await fetch(path.startsWith('http') ? path : sandbox.url + path, { headers });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false;
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson ? JSON.parse(text) : undefined,
  };
}

/** A path of the range route. */
export const range = (symbol: string, timespan: string, from: string | number, to: string | number): string =>
  `/v2/aggs/ticker/${symbol}/range/1/${timespan}/${from}/${to}`;

// oxlint-disable-next-line typescript/no-explicit-any -- rows of every listing
export type ListedRow = Record<string, any>;

/** All pages of a listing. */
export async function listed(sandbox: Sandbox, path: string): Promise<{ rows: ListedRow[]; pages: number }> {
  const rows: ListedRow[] = [];
  let pages = 0;
  for (let next: string | undefined = path; next !== undefined; pages++) {
    const { body } = await ask(sandbox, next);
    rows.push(...body.results);
    next = body.next_url;
  }
  return { rows, pages };
}

/** What `work` gives while the sandbox's clock starts at another instant. */
export async function at<T>(sandbox: Sandbox, now: string, work: () => Promise<T>): Promise<T> {
  const before = sandbox.now();
  sandbox.setNow(Date.parse(now));
  try {
    return await work();
  } finally {
    sandbox.setNow(before);
  }
}
