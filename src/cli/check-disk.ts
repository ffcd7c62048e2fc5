import { resolve } from 'node:path';
import type { Settings } from '../config.ts';
import { exitCodeOf } from '../errors.ts';
import { freeBytesAround } from '../free-space.ts';
import { type Finding, failed, passed, warned } from './check-finding.ts';

// Measured with the sandbox's bars, see bench/results.md: 50 MB when new, 420 MB after the S&P 500 at the default lookbacks.
const INDEX_BYTES = 0.4e9;
const SCARCE_BYTES = 1e9;
const TOO_FEW_BYTES = 0.2e9;

/** Whether the disk of the embedded database has room; a remote server's cannot be seen. */
export async function checkDisk(settings: Settings): Promise<Finding> {
  if (settings.find('storage.database_url') !== undefined)
    return passed('disk', "the database server's own, which cannot be seen from here");
  const folder = settings.get('storage.data_dir');
  try {
    return findSpace(await freeBytesAround(resolve(folder)), folder);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return failed('disk', {
      message: `Could not look at the disk of ${folder}: ${why}. Choose another folder (TICKSTOCK_DATA_DIR)`,
      exitCode: exitCodeOf('CONFIG_INVALID'),
    });
  }
}

/** Whether so many bytes are enough for the database in a folder. */
export function findSpace(freeBytes: number, folder: string): Finding {
  const text = `${gigabytes(freeBytes)} free for ${folder}`;
  const need = `the S&P 500 at the default lookbacks takes about ${gigabytes(INDEX_BYTES)}`;
  if (freeBytes < TOO_FEW_BYTES)
    return failed('disk', {
      message: `${text}, too little to import much: ${need}. Make room, or set TICKSTOCK_DATA_DIR elsewhere`,
      exitCode: exitCodeOf('STORAGE_FAILED'),
    });
  return freeBytes < SCARCE_BYTES
    ? warned('disk', `${text}, which is scarce: ${need}`)
    : passed('disk', `${text}; ${need}`);
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
