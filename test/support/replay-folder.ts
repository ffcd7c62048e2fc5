import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll } from 'vitest';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { range, startSandbox } from './sandbox.ts';

/** Makes replay folders of the given files, `.gz` ones compressed; all are removed when the test file ends. */
export function replayFolders(): (files: Record<string, string>) => string {
  const folder = mkdtempSync(join(tmpdir(), 'replay-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  return (files) => {
    const own = mkdtempSync(join(folder, 'set-'));
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(own, path, '..'), { recursive: true });
      writeFileSync(join(own, path), path.endsWith('.gz') ? gzipSync(text) : text);
    }
    return own;
  };
}

/** What `work` gives with a sandbox of a replay folder, its clock started at `now`. */
export async function replaying<T>(
  replay: string,
  now: string,
  work: (sandbox: Sandbox) => Promise<T>,
): Promise<T> {
  const sandbox = await startSandbox({ replay, now: Date.parse(now), symbols: undefined });
  try {
    return await work(sandbox);
  } finally {
    await sandbox.close();
  }
}

/** A path of the range route for raw bars, all on one page. */
export const raw = (symbol: string, timespan: string, from: string, to: string): string =>
  `${range(symbol, timespan, from, to)}?adjusted=false&limit=50000`;

/** A path of the grouped route for raw bars. */
export const grouped = (date: string): string =>
  `/v2/aggs/grouped/locale/us/market/stocks/${date}?adjusted=false`;
