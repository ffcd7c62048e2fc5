import { spawn } from 'node:child_process';

/** Another user a program runs as; undefined stands for ourselves. */
export interface RunAs {
  readonly uid: number;
  readonly gid: number;
}

/** What PostgreSQL's programs see of the environment: nothing of the caller's PG*, LANG or LC_*. */
export const cleanEnvironment = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' } as const;

/** Spawn options for another user; the working directory is entered before the identity changes. */
export const identity = (runAs: RunAs | undefined): Partial<RunAs> => runAs ?? {};

/** Runs a program to its end. `output` is all it wrote, or why it could not be started (then `code` is null). */
export function runProgram(
  file: string,
  args: readonly string[],
  options: { cwd: string; runAs?: RunAs | undefined; input?: string },
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd: options.cwd, env: cleanEnvironment, ...identity(options.runAs) });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.once('error', (error) => resolve({ code: null, output: error.message }));
    child.once('close', (code) => resolve({ code, output: Buffer.concat(chunks).toString('utf8') }));
    // A program that ends before reading its input is judged by its exit code.
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
  });
}
