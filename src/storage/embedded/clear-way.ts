import type { Cluster } from './cluster.ts';
import { isFreshAndEmpty, readLockFiles, readPostmaster, removeLockFiles } from './lock-files.ts';
import { isServerProcess, serverProcesses } from './server-processes.ts';

/** How long processes of a dead server get to notice that it is dead. */
const graceMs = 3000;

/**
 * Asked again and again by who finds nobody listening: true when a server may be started now. Clears what a
 * dead server left: lock files (their pid perhaps another program's by now) and processes still at its memory.
 */
export function createWayClearer(cluster: Cluster): () => Promise<boolean> {
  let leftoversSince: number | undefined;
  return async () => {
    // Read before looking at processes: a server started after this look has other files.
    const locks = readLockFiles(cluster.folder);
    const pid = readPostmaster(cluster.folder)?.pid;
    const running = await serverProcesses(cluster.folder, pid);
    if (pid !== undefined && running.includes(pid)) {
      leftoversSince = undefined;
      return false;
    }
    if (running.length > 0) {
      leftoversSince ??= performance.now();
      if (performance.now() - leftoversSince > graceMs) await quit(running, cluster.folder);
      return false;
    }
    if (locks.some(isFreshAndEmpty)) return false;
    removeLockFiles(locks);
    return true;
  };
}

/** Without a postmaster a backend's work can reach nobody; the write-ahead log has what was committed. */
async function quit(pids: number[], folder: string): Promise<void> {
  for (const pid of pids) {
    if (!(await isServerProcess(pid, folder))) continue;
    try {
      process.kill(pid, 'SIGQUIT');
    } catch {
      // It ended in between.
    }
  }
}
