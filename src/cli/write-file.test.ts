import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeNewFile } from './write-file.ts';

let folder: string;
const never = new AbortController().signal;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'tickstock-write-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function* pieces(): AsyncGenerator<string | Buffer> {
  yield 'one ';
  yield Buffer.from('two');
}

async function* broken(): AsyncGenerator<string> {
  yield 'half';
  throw new Error('the server went away');
}

test('writes a file only its owner may read, compressed when its name ends in .gz', async () => {
  const plain = path.join(folder, 'plain.sql');
  const packed = path.join(folder, 'packed.sql.gz');
  await writeNewFile(plain, pieces(), never);
  await writeNewFile(packed, pieces(), never);
  expect(await readFile(plain, 'utf8')).toBe('one two');
  expect(gunzipSync(await readFile(packed)).toString()).toBe('one two');
  expect((await stat(plain)).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual(['packed.sql.gz', 'plain.sql']);
});

test('never replaces a file, also not one that came in between', async () => {
  const file = path.join(folder, 'mine');
  async function* slow(): AsyncGenerator<string> {
    yield 'new';
    await writeFile(file, 'precious');
  }
  await expect(writeNewFile(file, slow(), never)).rejects.toThrow('exists already');
  await expect(writeNewFile(file, pieces(), never)).rejects.toThrow('exists already');
  expect(await readFile(file, 'utf8')).toBe('precious');
  expect(await readdir(folder)).toEqual(['mine']);
});

test('leaves nothing behind when the pieces fail or the caller gives up', async () => {
  const file = path.join(folder, 'broken');
  await expect(writeNewFile(file, broken(), never)).rejects.toThrow('the server went away');
  await expect(writeNewFile(file, pieces(), AbortSignal.abort(new Error('enough')))).rejects.toThrow(
    'enough',
  );
  expect(await readdir(folder)).toEqual([]);
});

test('says where it could not write', async () => {
  const file = path.join(folder, 'missing', 'file');
  await expect(writeNewFile(file, pieces(), never)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
});
