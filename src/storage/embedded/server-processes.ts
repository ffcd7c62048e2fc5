import { readFile, readdir, stat } from 'node:fs/promises';
import { runProgram } from './run-program.ts';

const onLinux = process.platform === 'linux';

/**
 * The PostgreSQL processes whose working directory is `folder`: what really runs there, whatever pid files say.
 * Where the system does not tell working directories, only `pidInFile` is looked at.
 */
export async function serverProcesses(folder: string, pidInFile: number | undefined): Promise<number[]> {
  const candidates = onLinux
    ? (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
    : [pidInFile];
  const checked = await Promise.all(
    candidates.map(async (pid) => (pid !== undefined && (await isServerProcess(pid, folder)) ? [pid] : [])),
  );
  return checked.flat();
}

/** Whether that pid is, now, a PostgreSQL process of `folder`; a recycled pid and a zombie are not. */
export async function isServerProcess(pid: number, folder: string): Promise<boolean> {
  if (!onLinux) {
    const { output } = await runProgram('/bin/ps', ['-p', String(pid), '-o', 'args='], { cwd: '/' });
    return output.includes('postgres') && output.includes(folder);
  }
  try {
    const [name, there, here] = await Promise.all([
      readFile(`/proc/${pid}/comm`, 'utf8'),
      stat(`/proc/${pid}/cwd`),
      stat(folder),
    ]);
    return name.trim() === 'postgres' && there.dev === here.dev && there.ino === here.ino;
  } catch {
    // Gone, or another user's: not ours either way.
    return false;
  }
}
