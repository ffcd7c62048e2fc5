import { once } from 'node:events';
import { type Ended, startProgram } from './program.ts';

/** `tickstock serve` in a process of its own. */
export interface ServiceProcess {
  readonly url: string;
  readonly pid: number;
  /** GETs or, with a body, POSTs (or whatever `method` says). */
  ask(path: string, body?: unknown, method?: string): Promise<ServiceAnswer>;
  /** Ends it as an operator would; how it ended, with its log as `err`. */
  stop(): Promise<Ended>;
}

export interface ServiceAnswer {
  readonly status: number;
  readonly headers: Headers;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into bodies of every shape
  readonly body: any;
}

/** Starts the real service on a free port. */
export async function startService(
  env: Readonly<Record<string, string>>,
  ...args: string[]
): Promise<ServiceProcess> {
  const program = startProgram(['serve', '--port', '0', ...args], {
    env: { DATA_IMPORT_SCHEDULE_ENABLED: 'false', ...env },
  });
  const line = await Promise.race([
    once(program.process.stdout!, 'data').then(([text]) => String(text)),
    program.ended.then(({ err }) => Promise.reject(new Error(`the service ended early: ${err}`))),
  ]);
  const { url } = JSON.parse(line) as { url: string };
  return {
    url,
    pid: program.process.pid!,
    async ask(path, body, method = body === undefined ? 'GET' : 'POST') {
      const response = await fetch(url + path, {
        method,
        ...(body !== undefined && {
          body: JSON.stringify(body),
          headers: { 'content-type': 'application/json' },
        }),
      });
      const text = await response.text();
      const isJson = /json/.test(response.headers.get('content-type') ?? '');
      return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
    },
    stop() {
      program.process.kill('SIGTERM');
      return program.ended;
    },
  };
}
