import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { type TestContext, afterAll, beforeAll, onTestFinished } from 'vitest';

const PROGRAM = fileURLToPath(new URL('../../bin/tickstock.js', import.meta.url));

/** Far more than any run needs, on a busy machine too; less than a test has. */
const PATIENCE_MS = 240_000;

/** How a program ended. No output of any run may hold a stack trace or its key: that is checked here, always. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Surroundings {
  /** All of the environment but PATH and HOME. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default: a new folder that goes away when the program has ended. */
  readonly cwd?: string;
}

/** Starts the real program, built before, as a user would. */
export function startProgram(
  args: readonly string[],
  { env = {}, cwd }: Surroundings = {},
): { readonly process: ChildProcess; readonly ended: Promise<Ended> } {
  const folder = cwd ?? newFolder();
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: PATIENCE_MS,
  });
  const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]).then(
    ([out, err, [code]]): Ended => {
      if (cwd === undefined) rmSync(folder, { recursive: true, force: true });
      const result = { code: code as number | null, out, err };
      refuseLeaks(result, env['MASSIVE_API_KEY']);
      return result;
    },
  );
  return { process: child, ended };
}

/** Runs it to its end. */
export const run = (args: readonly string[], surroundings: Surroundings = {}): Promise<Ended> =>
  startProgram(args, surroundings).ended;

/** A new folder that goes away with the running test; a concurrent test passes its own `onTestFinished`. */
export function scratchFolder(onFinished: TestContext['onTestFinished'] = onTestFinished): string {
  const folder = newFolder();
  onFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'tickstock-e2e-'));

function refuseLeaks({ out, err }: Ended, key: string | undefined): void {
  const said = `${out}\n${err}`;
  if (/^\s+at .+:\d+:\d+\)?$/m.test(said)) throw new Error(`a stack trace reached the user:\n${said}`);
  if (key && said.includes(key)) throw new Error(`the key reached the user:\n${said}`);
}

/** A sandbox in a process of its own. */
export interface SandboxProcess {
  readonly url: string;
  readonly key: string;
  /** The settings that make a program use it at its time. */
  readonly env: Readonly<Record<string, string>>;
  /** What was asked so far, of every key. */
  stats(): Promise<{
    routes: Record<string, { requests: number }>;
    total: { requests: number; statuses: Record<string, number> };
  }>;
  stop(): Promise<void>;
}

/** Starts `tickstock sandbox` at `now` on a free port. */
export async function startSandboxProgram(now: string, ...args: string[]): Promise<SandboxProcess> {
  const child = spawn(process.execPath, [PROGRAM, 'sandbox', '--port', '0', '--now', now, ...args], {
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  const [line] = (await Promise.race([once(child.stdout.setEncoding('utf8'), 'data'), ended])) as [unknown];
  if (typeof line !== 'string') throw new Error(`the sandbox ended with ${String(line)} before it was ready`);
  const { url, key } = JSON.parse(line) as { url: string; key: string };
  return {
    url,
    key,
    env: { MASSIVE_BASE_URL: url, MASSIVE_API_KEY: key, TICKSTOCK_NOW: now },
    stats: async () => (await fetch(`${url}/sandbox/stats`)).json() as ReturnType<SandboxProcess['stats']>,
    async stop() {
      child.kill();
      await ended;
    },
  };
}

/** A sandbox from a test file's first test to its last. */
export function sandboxOfFile(now: string, ...args: string[]): () => SandboxProcess {
  let sandbox: SandboxProcess | undefined;
  beforeAll(async () => {
    sandbox = await startSandboxProgram(now, ...args);
  });
  afterAll(() => sandbox?.stop());
  return () => {
    if (sandbox === undefined) throw new Error('No test runs yet.');
    return sandbox;
  };
}
