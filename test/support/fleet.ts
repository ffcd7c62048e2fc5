import { once } from 'node:events';
import type { TestContext } from 'vitest';
import type { Platform } from './platform.ts';
import { startProgram } from './program.ts';

export interface WorkerProcess {
  readonly pid: number;
  /** What it has said so far. */
  said(): string;
  kill(signal: NodeJS.Signals): void;
  readonly ended: ReturnType<typeof startProgram>['ended'];
}

/** `tickstock worker` beside a platform; killed when the test ends, resolves when it takes work. */
export async function startWorkerProcess(
  context: Pick<TestContext, 'onTestFinished'>,
  { env }: Pick<Platform, 'env'>,
  ...flags: readonly string[]
): Promise<WorkerProcess> {
  const { process: child, ended } = startProgram(['worker', ...flags], { env });
  context.onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  let said = '';
  child.stderr!.on('data', (text) => (said += String(text)));
  await Promise.race([
    once(child.stdout!, 'data'),
    ended.then(({ err }) => Promise.reject(new Error(`the worker ended early: ${err}`))),
  ]);
  return { pid: child.pid!, said: () => said, kill: (signal) => void child.kill(signal), ended };
}
