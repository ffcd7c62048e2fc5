import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, onTestFinished } from 'vitest';

const PROGRAM = fileURLToPath(new URL('../../bin/tickstock.js', import.meta.url));

const PATIENCE_MS = 120_000;

/** How a program ended. No output of any run may hold a stack trace or its key: that is checked here, always. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Program {
  readonly process: ChildProcess;
  /** Resolves with everything on a stream so far once it matches; rejects when the program ends without. */
  said(stream: 'out' | 'err', pattern: RegExp): Promise<string>;
  readonly ended: Promise<Ended>;
}

export interface Surroundings {
  /** All of the environment but PATH and HOME. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default: a new folder that goes away with the running test. */
  readonly cwd?: string;
}

/** Starts the real program, built before, as a user would; it ends with the running test at the latest. */
export function startProgram(args: readonly string[], surroundings: Surroundings = {}): Program {
  const program = spawnProgram(args, surroundings);
  onTestFinished(() => void program.process.kill('SIGKILL'));
  return program;
}

/** Runs it to its end. */
export const run = (args: readonly string[], surroundings: Surroundings = {}): Promise<Ended> =>
  spawnProgram(args, surroundings).ended;

function spawnProgram(args: readonly string[], { env = {}, cwd }: Surroundings): Program {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd: cwd ?? scratchFolder(),
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: PATIENCE_MS,
  });
  const said = { out: '', err: '' };
  const listeners = new Set<() => void>();
  for (const [stream, pipe] of [['out', child.stdout] as const, ['err', child.stderr] as const]) {
    pipe.setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text;
      for (const listener of listeners) listener();
    });
  }
  const ended = once(child, 'close').then(([code]: unknown[]): Ended => {
    const result = { ...said, code: code as number | null };
    refuseLeaks(result, env['MASSIVE_API_KEY']);
    return result;
  });
  // Who does not wait for the end sees its failure through `said`.
  ended.catch(() => {});
  return {
    process: child,
    ended,
    said(stream, pattern) {
      return new Promise((resolve, reject) => {
        const look = (): void => {
          if (!pattern.test(said[stream])) return;
          listeners.delete(look);
          resolve(said[stream]);
        };
        listeners.add(look);
        look();
        const unseen = (): void => reject(new Error(`ended without ${pattern}: ${said.out}${said.err}`));
        ended.then(unseen, reject);
      });
    },
  };
}

/** A new folder that goes away with the running test. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tickstock-e2e-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function refuseLeaks({ out, err }: Ended, key: string | undefined): void {
  const text = `${out}\n${err}`;
  if (/^\s+at .+:\d+:\d+\)?$/m.test(text)) throw new Error(`a stack trace reached the user:\n${text}`);
  if (key !== undefined && key !== '' && text.includes(key))
    throw new Error(`the key reached the user:\n${text}`);
}

/** A sandbox in a process of its own. */
export interface SandboxProcess {
  readonly url: string;
  readonly key: string;
  /** The settings that make a program use it at its time. */
  readonly env: Readonly<Record<string, string>>;
  /** What was asked so far, of every key. */
  stats(): Promise<{ total: { requests: number; statuses: Record<string, number> } }>;
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
