import { readFileSync } from 'node:fs';

/** The most memory a process has held, in MB; null when it is gone. */
export function peakMegabytes(pid) {
  try {
    const [, kibibytes] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return Math.round((Number(kibibytes) * 1024) / 1e6);
  } catch {
    return null;
  }
}
