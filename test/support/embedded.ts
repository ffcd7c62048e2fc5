import { execFile, fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const repository = fileURLToPath(new URL('../..', import.meta.url));

const holderProgram = `
import { joinEmbedded } from './dist/storage/embedded/join.js';
const database = await joinEmbedded({ dataDir: process.argv[2] });
process.send('joined');
process.on('message', async () => {
  await database.release();
  process.disconnect();
});
`;

/** A program of its own that holds the embedded server of a data folder. */
export interface Holder {
  readonly process: ChildProcess;
  /** Resolves when it has the server. */
  readonly joined: Promise<unknown>;
  /** Lets go and ends the program. */
  release(): Promise<void>;
  kill(): Promise<void>;
}

/** Builds that program once, in `folder`, from the sources as they are; Node 20 runs no TypeScript. */
export async function buildHolder(folder: string): Promise<(dataDir: string) => Holder> {
  await symlink(path.join(repository, 'node_modules'), path.join(folder, 'node_modules'));
  await writeFile(path.join(folder, 'package.json'), '{"type":"module"}');
  await writeFile(path.join(folder, 'holder.js'), holderProgram);
  const project = path.join(folder, 'tsconfig.json');
  const options = { outDir: path.join(folder, 'dist'), rootDir: path.join(repository, 'src'), noCheck: true };
  const files = [path.join(repository, 'src/storage/embedded/join.ts')];
  const extended = path.join(repository, 'tsconfig.build.json');
  await writeFile(
    project,
    JSON.stringify({ extends: extended, compilerOptions: options, files, include: [] }),
  );
  await promisify(execFile)(process.execPath, [
    path.join(repository, 'node_modules/typescript/bin/tsc'),
    '-p',
    project,
  ]);
  return (dataDir) => startHolder(path.join(folder, 'holder.js'), dataDir);
}

function startHolder(program: string, dataDir: string): Holder {
  // A process group of its own, as a terminal gives to each command.
  const child = fork(program, [dataDir], { detached: true, execArgv: [] });
  const ended = once(child, 'exit');
  const joined = Promise.race([
    once(child, 'message'),
    ended.then(([code]) => {
      throw new Error(`the holder ended with ${code} before it joined`);
    }),
  ]);
  joined.catch(() => {});
  return {
    process: child,
    joined,
    async release() {
      child.send('release');
      await ended;
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** A copy with owners and modes; of a data folder whose server does not run: quicker than making another. */
export async function copyFolder(from: string, to: string): Promise<string> {
  await promisify(execFile)('cp', ['-a', from, to]);
  return to;
}

export async function makeFolder(...parts: string[]): Promise<string> {
  const folder = path.join(...parts);
  await mkdir(folder, { recursive: true });
  return folder;
}

/** PostgreSQL's data directory in a data folder of ours. */
export const clusterFolder = (dataDir: string): string => path.join(dataDir, 'postgres', '18');

export async function postmasterPid(dataDir: string): Promise<number> {
  return Number.parseInt(await readFile(path.join(clusterFolder(dataDir), 'postmaster.pid'), 'utf8'), 10);
}
